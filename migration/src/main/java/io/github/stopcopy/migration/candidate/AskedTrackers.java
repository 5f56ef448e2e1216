package io.github.stopcopy.migration.candidate;

import java.util.Map;

/**
 * Which dirty trackers log for the devices now, each with its parameters as on a command line.
 *
 * @param byDevice those that were asked for by the name of the host's device
 * @param forOthers that of all other devices
 */
public record AskedTrackers(Map<String, String> byDevice, String forOthers) {

  /** Copies the map. */
  public AskedTrackers {
    byDevice = Map.copyOf(byDevice);
  }

  /** That of a device, by the name of the host's device. */
  String of(String device) {
    return byDevice.getOrDefault(device, forOthers);
  }
}
