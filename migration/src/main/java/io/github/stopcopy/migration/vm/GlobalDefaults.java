package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code -global} sets, by device type, so that no device has to go through all of it. */
final class GlobalDefaults {

  private final Map<String, List<PropertySetting>> byDriver = new HashMap<>();

  GlobalDefaults(VmConfig vm) {
    for (GlobalProperty global : vm.globals()) {
      byDriver.computeIfAbsent(global.driver(), d -> new ArrayList<>()).add(global.setting());
    }
  }

  /** The defaults of a device type in the order given (R-PROP-11). */
  List<PropertySetting> of(String driver) {
    return byDriver.getOrDefault(driver, List.of());
  }

  /** A device's properties: the defaults of its type, then its own (R-PROP-11). */
  List<PropertySetting> appliedTo(DeviceConfig device) {
    List<PropertySetting> all = new ArrayList<>(of(device.driver()));
    all.addAll(device.settings());
    return all;
  }
}
