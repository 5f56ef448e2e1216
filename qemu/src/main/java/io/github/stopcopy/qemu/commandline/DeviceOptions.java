package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the values of {@code -device}, {@code -object} and {@code -global}. */
final class DeviceOptions {

  private DeviceOptions() {}

  /** A device in either form; its other properties stay as written (R-PROP-1, R-PROP-11). */
  static DeviceConfig device(String text) throws InputException {
    Optional<String> driver = Optional.empty();
    Optional<String> id = Optional.empty();
    Optional<String> bus = Optional.empty();
    List<PropertySetting> others = new ArrayList<>();
    for (PropertySetting setting : settings(text, "driver")) {
      switch (setting.name()) {
        case "driver" -> driver = Optional.of(word(setting));
        case "id" -> id = Optional.of(word(setting));
        case "bus" -> bus = Optional.of(word(setting));
        default -> others.add(setting);
      }
    }
    if (driver.isEmpty() || driver.get().isEmpty()) {
      throw InputException.of(
          Quote.of(text) + " names no driver, expected driver,property=value,...");
    }
    return new DeviceConfig(typeOf(driver.get()), id, bus, others);
  }

  /** PC machines know the virtio IOMMU by a short name too. */
  private static String typeOf(String driver) {
    return driver.equals("virtio-iommu") ? "virtio-iommu-pci" : driver;
  }

  /** An object in either form. */
  static ObjectConfig object(String text) throws InputException {
    Optional<String> type = Optional.empty();
    Optional<String> id = Optional.empty();
    Map<String, String> others = new LinkedHashMap<>();
    for (PropertySetting setting : settings(text, "qom-type")) {
      switch (setting.name()) {
        case "qom-type" -> type = Optional.of(word(setting));
        case "id" -> id = Optional.of(word(setting));
        default -> others.put(setting.name(), setting.value().asText().text());
      }
    }
    if (type.isEmpty() || type.get().isEmpty()) {
      throw InputException.of(Quote.of(text) + " names no type, expected type,id=name,...");
    }
    if (id.isEmpty() || id.get().isEmpty()) {
      throw InputException.of(Quote.of(text) + " has no id, expected type,id=name,...");
    }
    Optional<String> size = MemoryBackends.size(type.get(), others);
    if (size.isPresent()) {
      Numbers.size("size", size.get(), 'B');
    }
    return new ObjectConfig(type.get(), id.get(), others);
  }

  /** A default for a device type, as {@code driver.property=value} or in three parts. */
  static GlobalProperty global(String text) throws InputException {
    int equals = text.indexOf('=');
    int dot = text.indexOf('.');
    if (dot > 0 && dot + 1 < equals) {
      return new GlobalProperty(
          text.substring(0, dot), PropertySetting.parse(text.substring(dot + 1)));
    }
    Map<String, String> parts = new LinkedHashMap<>();
    for (KeyValue part : KeyValue.parse(text, null)) {
      parts.put(part.name(), part.value());
    }
    String driver = part(parts, "driver", text);
    String property = part(parts, "property", text);
    return new GlobalProperty(driver, PropertySetting.of(property, part(parts, "value", text)));
  }

  private static String part(Map<String, String> parts, String name, String text)
      throws InputException {
    String part = parts.get(name);
    if (part == null) {
      throw InputException.of(
          Quote.of(text)
              + " has no "
              + name
              + ", expected driver.property=value or driver=..,property=..,value=..");
    }
    return part;
  }

  private static List<PropertySetting> settings(String text, String implied) throws InputException {
    if (JsonOptions.isJson(text)) {
      return JsonOptions.read(text);
    }
    List<PropertySetting> settings = new ArrayList<>();
    for (KeyValue part : KeyValue.parse(text, implied)) {
      settings.add(PropertySetting.of(part.name(), part.value()));
    }
    return settings;
  }

  private static String word(PropertySetting setting) throws InputException {
    if (setting.value() instanceof PropertyInput.TypedBoolean
        || setting.value() instanceof PropertyInput.TypedNumber) {
      throw InputException.of(
          Quote.of(setting.name())
              + " is "
              + setting.value().asText().text()
              + ", expected a string");
    }
    return setting.value().asText().text();
  }
}
