package io.github.stopcopy.core.property;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;

/**
 * The values of a device's properties after reading its settings; defaults are filled in. Immutable.
 * Asking for a property that the schema does not have, or for another type, is a programming error.
 */
public final class PropertyValues {

  private final PropertySchema schema;
  private final ImmutableMap<String, Object> given;

  PropertyValues(PropertySchema schema, Map<String, Object> given) {
    this.schema = schema;
    this.given = ImmutableMap.copyOf(given);
  }

  /** Whether the release has the property at all. */
  public boolean has(String name) {
    return schema.definition(name).isPresent();
  }

  /** Whether the user gave a value. */
  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  /** An on/off property; off if the release does not have it. */
  public boolean bool(String name) {
    return has(name) && value(name, Boolean.class).orElse(false);
  }

  /** An on/off/auto property. */
  public OnOffAuto onOffAuto(String name) {
    return value(name, OnOffAuto.class).orElseThrow();
  }

  /** An unsigned number. */
  public long number(String name) {
    return value(name, Long.class).orElseThrow();
  }

  /** A text, empty if unset. */
  public Optional<String> text(String name) {
    return value(name, String.class);
  }

  private <T> Optional<T> value(String name, Class<T> type) {
    PropertyDefinition definition =
        schema
            .definition(name)
            .orElseThrow(
                () -> new IllegalArgumentException(schema.device() + " has no property " + name));
    Object value = given.get(name);
    return value != null
        ? Optional.of(type.cast(value))
        : definition.defaultValue().map(type::cast);
  }
}
