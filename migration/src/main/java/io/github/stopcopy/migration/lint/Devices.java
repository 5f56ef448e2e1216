package io.github.stopcopy.migration.lint;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What lint rules ask of the described devices, and the changes to them. */
final class Devices {

  private Devices() {}

  /** By what a change names a device. */
  static String target(DeviceConfig device) {
    return device
        .id()
        .filter(id -> !Changes.isReserved(id))
        .orElse(VfioDevice.isVfio(device) ? VfioDevices.nameOf(device) : device.driver());
  }

  /** Whether a device has a property on, in any spelling of it; what cannot be read is not. */
  static boolean isOn(PlayedVm vm, DeviceConfig device, String property) {
    return flag(vm, device, property).orElse(false);
  }

  /** Whether a device has a property off; one that is not set is not. */
  static boolean isOff(PlayedVm vm, DeviceConfig device, String property) {
    return !flag(vm, device, property).orElse(true);
  }

  private static Optional<Boolean> flag(PlayedVm vm, DeviceConfig device, String property) {
    return vm.setting(device, property).flatMap(PropertyType.Bool::parse);
  }

  /** Whether the release that is asked about has the property. */
  static boolean has(PlayedVm vm, DeviceConfig device, String property) {
    return vm.releasesWith(device, property).contains(vm.profile());
  }

  static RemedyChange set(DeviceConfig device, String property, String value) {
    return new RemedyChange.Set(target(device), property, value);
  }

  /** One list for all devices, so that it is played once. */
  static List<RemedyChange> setAll(List<DeviceConfig> devices, String property, String value) {
    List<RemedyChange> changes = new ArrayList<>();
    devices.forEach(device -> changes.add(set(device, property, value)));
    return changes;
  }

  /** The same, of what is not to be set at all. */
  static List<RemedyChange> unsetAll(List<DeviceConfig> devices, String property) {
    List<RemedyChange> changes = new ArrayList<>();
    for (DeviceConfig device : devices) {
      if (device.setting(property).isPresent()) {
        changes.add(new RemedyChange.Unset(target(device), property));
      }
    }
    return changes;
  }

  /** Those of the described devices with these names. */
  static List<DeviceConfig> named(PlayedVm vm, Set<String> names) {
    return vm.vfioConfigs().stream()
        .filter(device -> names.contains(VfioDevices.nameOf(device)))
        .toList();
  }
}
