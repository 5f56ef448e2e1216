package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.Optional;

/** Properties that name an {@code -object}; QEMU looks it up when it sets them (R-OBS-118). */
final class ObjectLinks {

  private final VmConfig vm;
  private final GlobalDefaults defaults;

  ObjectLinks(VmConfig vm, GlobalDefaults defaults) {
    this.vm = vm;
    this.defaults = defaults;
  }

  /**
   * Why a property cannot be set, defaults for all devices of the type first.
   *
   * @param device whose property it is
   * @param property its name
   * @param type the type of object that it takes; a longer one begins with it and a dash
   */
  Optional<QemuError> refuse(DeviceConfig device, String property, String type) {
    for (PropertySetting setting : defaults.of(device.driver())) {
      if (setting.name().equals(property)) {
        String id = setting.value().asText().text();
        Optional<QemuError> refused = refuse(id, property, type);
        if (refused.isPresent()) {
          String set = device.driver() + "." + property + "=" + id;
          return refused.map(error -> error.withPrefix("can't apply global " + set + ": "));
        }
      }
    }
    return device.setting(property).flatMap(id -> refuse(id, property, type));
  }

  private Optional<QemuError> refuse(String id, String property, String type) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    ObjectConfig object = vm.objects().get(id);
    if (object == null) {
      return Optional.of(QemuError.of("Device '" + id + "' not found"));
    }
    return object.type().equals(type) || object.type().startsWith(type + "-")
        ? Optional.empty()
        : Optional.of(
            QemuError.of("Invalid parameter type for '" + property + "', expected: " + type));
  }
}
