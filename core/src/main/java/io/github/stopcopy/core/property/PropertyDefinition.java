package io.github.stopcopy.core.property;

import java.util.Optional;

/**
 * A property of a device type.
 *
 * @param name the name, case-sensitive
 * @param type what values it takes
 * @param defaultValue the value without a setting, as {@link PropertyType#read} would give it;
 *     empty if it is unset
 * @param meaning what it does, in a few words
 */
public record PropertyDefinition(
    String name, PropertyType type, Optional<Object> defaultValue, String meaning) {

  /** An on/off property. */
  public static PropertyDefinition bool(String name, boolean defaultValue, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.Bool(), Optional.of(defaultValue), meaning);
  }

  /** An on/off/auto property. */
  public static PropertyDefinition onOffAuto(String name, OnOffAuto defaultValue, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.Switch(), Optional.of(defaultValue), meaning);
  }

  /** An unsigned number of so many bits. */
  public static PropertyDefinition unsigned(
      String name, int bits, long defaultValue, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.Unsigned(bits), Optional.of(defaultValue), meaning);
  }

  /** A text property that is unset unless given. */
  public static PropertyDefinition text(String name, String meaning) {
    return new PropertyDefinition(name, new PropertyType.Text(), Optional.empty(), meaning);
  }

  /** A property of any type that is unset unless given. */
  public static PropertyDefinition unset(String name, PropertyType type, String meaning) {
    return new PropertyDefinition(name, type, Optional.empty(), meaning);
  }
}
