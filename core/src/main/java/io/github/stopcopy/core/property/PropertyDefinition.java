package io.github.stopcopy.core.property;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Optional;

/**
 * A property of a device type, and in which releases it is so. A property whose default changes has
 * a definition for each default, of which one holds in a release.
 *
 * @param name the name, case-sensitive
 * @param type what values it takes
 * @param defaultValue the value without a setting, as {@link PropertyType#read} would give it;
 *     empty if it is unset
 * @param meaning what it does, in a few words
 * @param since the first release that has it
 * @param until the last release that has it
 */
public record PropertyDefinition(
    String name,
    PropertyType type,
    Optional<Object> defaultValue,
    String meaning,
    QemuProfile since,
    QemuProfile until) {

  /** A property that every release has. */
  public PropertyDefinition(
      String name, PropertyType type, Optional<Object> defaultValue, String meaning) {
    this(name, type, defaultValue, meaning, QemuProfile.V8_1, QemuProfile.newest());
  }

  /** The same from this release on. */
  public PropertyDefinition since(QemuProfile first) {
    return new PropertyDefinition(name, type, defaultValue, meaning, first, until);
  }

  /** The same up to this release, it included. */
  public PropertyDefinition until(QemuProfile last) {
    return new PropertyDefinition(name, type, defaultValue, meaning, since, last);
  }

  /** Whether a release has it. */
  public boolean existsIn(QemuProfile profile) {
    return profile.isFrom(since) && until.isFrom(profile);
  }

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

  /** A whole number of so many bits with a sign. */
  public static PropertyDefinition signed(
      String name, int bits, long defaultValue, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.Signed(bits), Optional.of(defaultValue), meaning);
  }

  /** A number of bytes. */
  public static PropertyDefinition size(String name, long defaultValue, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.Size(), Optional.of(defaultValue), meaning);
  }

  /** A property that QEMU lists and nobody can set. */
  public static PropertyDefinition readOnly(String name, String label, String meaning) {
    return new PropertyDefinition(
        name, new PropertyType.ReadOnly(label), Optional.empty(), meaning);
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
