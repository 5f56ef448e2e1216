package io.github.stopcopy.core.property;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of a device's properties after reading its settings; defaults are filled in.
 * Immutable. Asking for a property that the schema does not have, or for another type, is a
 * programming error, or that of the plugin whose schema it is.
 */
public final class PropertyValues {

  private final PropertySchema schema;
  private final Map<String, Object> given;

  /** Takes the map, which nobody changes any more. */
  PropertyValues(PropertySchema schema, Map<String, Object> given) {
    this.schema = schema;
    this.given = given;
  }

  /** Whether the release has the property at all. */
  public boolean has(String name) {
    return schema.find(name) != null;
  }

  /** Whether the user gave a value. */
  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  /** An on/off property; off if the release does not have it. */
  public boolean bool(String name) {
    return schema.find(name) != null && Boolean.TRUE.equals(found(name, Boolean.class));
  }

  /** An on/off/auto property. */
  public OnOffAuto onOffAuto(String name) {
    return set(name, OnOffAuto.class);
  }

  /** An unsigned number; one without default must be asked for with {@link #isGiven} first. */
  public long number(String name) {
    return set(name, Long.class);
  }

  /** A text, empty if unset. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(found(name, String.class));
  }

  private <T> T set(String name, Class<T> type) {
    T value = found(name, type);
    if (value == null) {
      throw schema.fault(schema.device() + " property " + name + " is not set");
    }
    return value;
  }

  private <T> @Nullable T found(String name, Class<T> type) {
    PropertyDefinition definition = schema.find(name);
    if (definition == null) {
      throw schema.fault(schema.device() + " has no property " + name);
    }
    Object value = given.get(name);
    if (value == null) {
      value = definition.defaultValue().orElse(null);
    }
    if (value != null && !type.isInstance(value)) {
      throw schema.fault(
          schema.device()
              + " property "
              + name
              + " is a "
              + definition.type().label()
              + ", not a "
              + type.getSimpleName());
    }
    return type.cast(value);
  }
}
