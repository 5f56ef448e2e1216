package io.github.stopcopy.migration.remedy;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One change of a remedy, as data: a program can make it, and the model has made exactly it before
 * the remedy was told. Where a target is a device it is named by its id, by the name of the host's
 * device, or by its type, which names every device of that type; the first that fits counts.
 */
public sealed interface RemedyChange {

  /** What it is about, by the name that it has there; empty if it is about all of the VM. */
  default String target() {
    return "";
  }

  /**
   * Sets a property.
   *
   * @param target one of {@code machine}, {@code cpu}, {@code smp} ({@code cpus}), {@code memory}
   *     ({@code size}), {@code object} (property: an id, value: the type of a new object with it),
   *     {@code migrate} (a capability of every migration), {@code host} (a key of the host's facts,
   *     with dots: {@code devices.NAME.driver}, {@code devices.NAME.migration} with commas between
   *     features, {@code devices.NAME.dma-logging} or {@code containers.iommu-dirty-tracking}),
   *     {@code destination} (a key of the host's facts there, or {@code profile}); else a device
   * @param property its name
   * @param value as on QEMU's command line
   */
  record Set(String target, String property, String value) implements RemedyChange {}

  /**
   * Takes back a setting, so that the property has the default of the release.
   *
   * @param target the device
   * @param property its name
   */
  record Unset(String target, String property) implements RemedyChange {}

  /**
   * Takes devices out. What a scenario does with them later is left out as well; a vIOMMU takes
   * along all that the guest does to it.
   *
   * @param target the device
   */
  record Remove(String target) implements RemedyChange {}

  /**
   * Makes a device one of another type, at its place and with its id; what else was set for it is
   * dropped.
   *
   * @param target the device
   * @param driver the other type
   */
  record Replace(String target, String driver) implements RemedyChange {}

  /**
   * Adds a device, named before all others so that it is there when they start.
   *
   * @param driver its type
   * @param settings what is set for it, in order, as on QEMU's command line
   */
  record Add(String driver, Map<String, String> settings) implements RemedyChange {

    /** Copies the settings in their order. */
    public Add {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** The device as QEMU's command line has it, behind {@code -device}. */
    public String option() {
      StringBuilder option = new StringBuilder(driver);
      settings.forEach((name, value) -> option.append(',').append(name).append('=').append(value));
      return option.toString();
    }
  }

  /**
   * Lets another dirty tracker log what devices write: they are other hardware then.
   *
   * @param target the device; empty: every VFIO device that has none of its own
   * @param tracker its name; it is opened without parameters
   */
  record Tracker(String target, String tracker) implements RemedyChange {}

  /**
   * Another release of QEMU.
   *
   * @param profile which
   */
  record Release(QemuProfile profile) implements RemedyChange {}

  /**
   * Something that no property says.
   *
   * @param name a stable word: {@link #UNPLUG_FOR_MIGRATION}, {@link #WAIT_FOR_INCOMING} or {@link
   *     #VIOMMU_FIRST}
   */
  record Action(String name) implements RemedyChange {

    /**
     * VFIO devices are unplugged from the running VM before a migration, and plugged in again on
     * the other side: those that {@link Remove} names in the same list, else all.
     */
    public static final String UNPLUG_FOR_MIGRATION = "unplug-for-migration";

    /** The migration that the VM waits for has come in. */
    public static final String WAIT_FOR_INCOMING = "wait-for-incoming";

    /** The vIOMMU is created before all other devices. */
    public static final String VIOMMU_FIRST = "viommu-first";
  }
}
