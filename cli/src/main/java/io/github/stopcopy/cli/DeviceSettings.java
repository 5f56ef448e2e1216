package io.github.stopcopy.cli;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Applies {@code --set ID.PROPERTY=VALUE} to the devices of a VM. */
final class DeviceSettings {

  private static final Set<String> NOT_PROPERTIES = Set.of("driver", "id", "bus");

  private DeviceSettings() {}

  static VmConfig apply(VmConfig vm, List<String> settings) throws InputException {
    List<DeviceConfig> devices = new ArrayList<>(vm.devices());
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      int dot = equals < 0 ? -1 : setting.lastIndexOf('.', equals);
      if (dot < 1 || dot + 1 == equals) {
        throw InputException.of("--set is '" + setting + "', expected ID.PROPERTY=VALUE");
      }
      String id = setting.substring(0, dot);
      String property = setting.substring(dot + 1, equals);
      if (NOT_PROPERTIES.contains(property)) {
        throw InputException.of("--set cannot change '" + property + "', expected a property");
      }
      int index = find(devices, id);
      devices.set(index, devices.get(index).with(property, setting.substring(equals + 1)));
    }
    return settings.isEmpty() ? vm : vm.withDevices(devices);
  }

  private static int find(List<DeviceConfig> devices, String id) throws InputException {
    List<String> names = new ArrayList<>();
    int found = -1;
    for (int i = 0; i < devices.size(); i++) {
      DeviceConfig device = devices.get(i);
      if (device.id().equals(Optional.of(id)) || isHostDevice(device, id)) {
        return i;
      }
      if (device.driver().equals(id)) {
        if (found >= 0) {
          throw InputException.of(
              "--set names '" + id + "', of which there are several; use an id");
        }
        found = i;
      }
      names.add(device.id().orElse(device.driver()));
    }
    if (found < 0) {
      throw InputException.of(
          "--set names no device '" + id + "', expected one of " + String.join(", ", names));
    }
    return found;
  }

  private static boolean isHostDevice(DeviceConfig device, String name) {
    return VfioDevice.isVfio(device)
        && (device.setting("host").equals(Optional.of(name))
            || VfioDevice.nameOf(device).equals(Optional.of(name)));
  }
}
