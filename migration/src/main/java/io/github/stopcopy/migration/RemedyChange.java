package io.github.stopcopy.migration;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * One change of a remedy, as data: a program can make it, and the model has made exactly it before
 * the remedy was told.
 */
public sealed interface RemedyChange {

  /**
   * Sets a property.
   *
   * @param target the id of a device, the name of the host's device where it has no id, or one of
   *     {@code machine}, {@code cpu}, {@code smp}, {@code memory}, {@code migrate} (a capability)
   *     and {@code host} (a key of the host's facts, with dots)
   * @param property its name
   * @param value as on QEMU's command line
   */
  record Set(String target, String property, String value) implements RemedyChange {}

  /**
   * Takes a device out.
   *
   * @param target its id, the name of the host's device, or its type
   */
  record Remove(String target) implements RemedyChange {}

  /**
   * Another release of QEMU.
   *
   * @param profile which
   */
  record Release(QemuProfile profile) implements RemedyChange {}

  /**
   * Something that is done around the migration.
   *
   * @param name a stable word, e.g. {@code unplug-for-migration}
   */
  record Action(String name) implements RemedyChange {}
}
