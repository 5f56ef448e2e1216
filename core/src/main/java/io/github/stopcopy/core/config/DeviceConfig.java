package io.github.stopcopy.core.config;

import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One {@code -device} option or {@code device_add} command.
 *
 * @param driver the device type
 * @param id the id, if one was given
 * @param bus the bus it is put on, if one was named
 * @param settings all other properties in the order given
 */
public record DeviceConfig(
    String driver, Optional<String> id, Optional<String> bus, List<PropertySetting> settings) {

  /** Copies the settings; nothing may be null. */
  public DeviceConfig {
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(bus, "bus");
    settings = List.copyOf(settings);
  }

  /** A device without an id and without settings, put where QEMU puts it. */
  public static DeviceConfig of(String driver) {
    return new DeviceConfig(driver, Optional.empty(), Optional.empty(), List.of());
  }

  /** The text given for a property; the last one counts. */
  public Optional<String> setting(String name) {
    for (int i = settings.size() - 1; i >= 0; i--) { // asked often: no iterator
      PropertySetting setting = settings.get(i);
      if (setting.name().equals(name)) {
        return Optional.of(setting.value().asText().text());
      }
    }
    return Optional.empty();
  }

  /**
   * The same device with a property set to a text; settings of that name given before are dropped.
   */
  public DeviceConfig with(String name, String text) {
    List<PropertySetting> more = new ArrayList<>(without(name).settings);
    more.add(PropertySetting.of(name, text));
    return new DeviceConfig(driver, id, bus, more);
  }

  /** The same device without what was set for a property. */
  public DeviceConfig without(String name) {
    List<PropertySetting> fewer = new ArrayList<>(settings);
    fewer.removeIf(setting -> setting.name().equals(name));
    return new DeviceConfig(driver, id, bus, fewer);
  }
}
