package io.github.stopcopy.migration.vm;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which memory listener is to look on.
 *
 * @param listener the name of the listener
 * @param parameters what it is opened with
 */
public record ListenerRequest(String listener, Map<String, String> parameters) {

  /** Copies the parameters in their order. */
  public ListenerRequest {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** A listener without parameters. */
  public static ListenerRequest of(String listener) {
    return new ListenerRequest(listener, Map.of());
  }
}
