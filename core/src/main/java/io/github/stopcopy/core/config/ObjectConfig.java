package io.github.stopcopy.core.config;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * One {@code -object} option.
 *
 * @param type the object type, e.g. {@code memory-backend-ram}
 * @param id its id
 * @param properties its properties as text
 */
public record ObjectConfig(String type, String id, Map<String, String> properties) {

  /** Copies the properties in the order given. */
  public ObjectConfig {
    properties = ImmutableMap.copyOf(properties);
  }
}
