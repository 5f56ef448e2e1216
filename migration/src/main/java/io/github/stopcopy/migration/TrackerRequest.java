package io.github.stopcopy.migration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which dirty tracker is to log the writes of a device.
 *
 * @param device the id of the device or the name of the host's device; empty: of every device that
 *     nobody asked a tracker for by name
 * @param tracker the name of the tracker
 * @param parameters what it is opened with
 */
public record TrackerRequest(
    Optional<String> device, String tracker, Map<String, String> parameters) {

  /** Copies the parameters in their order. */
  public TrackerRequest {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** A tracker without parameters for every device. */
  public static TrackerRequest forAll(String tracker) {
    return new TrackerRequest(Optional.empty(), tracker, Map.of());
  }
}
