package io.github.stopcopy.migration.lint;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.VmRule.Found;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is unwise with an upgrade in mind. */
final class ReleaseLints {

  private static final Set<String> WITHOUT_VERSION = Set.of("q35", "pc");

  private ReleaseLints() {}

  /** What is set now and no longer known to the newest release. */
  static List<Found> properties(PlayedVm vm) {
    List<DeviceConfig> devices = new ArrayList<>(vm.vfioConfigs());
    vm.virtualIommuConfig().ifPresent(devices::add);
    List<RemedyChange> changes = new ArrayList<>();
    for (DeviceConfig device : devices) {
      for (String name : goingAway(vm, device)) {
        changes.add(new RemedyChange.Unset(Devices.target(device), name));
      }
    }
    List<Found> found = new ArrayList<>();
    for (DeviceConfig device : devices) {
      Optional<String> where =
          VfioDevice.isVfio(device) ? Optional.of(VfioDevices.nameOf(device)) : Optional.empty();
      for (String name : goingAway(vm, device)) {
        List<QemuProfile> releases = vm.releasesWith(device, name);
        String what =
            "QEMU "
                + releases.get(releases.size() - 1)
                + " is the last that has the property "
                + name
                + " of "
                + device.driver();
        found.add(
            where.isPresent()
                ? LintCode.PROPERTY_GOES_AWAY.on(where.get(), what, changes)
                : LintCode.PROPERTY_GOES_AWAY.onVm(what, changes));
      }
    }
    return found;
  }

  private static Set<String> goingAway(PlayedVm vm, DeviceConfig device) {
    Set<String> names = new LinkedHashSet<>();
    for (PropertySetting setting : device.settings()) {
      List<QemuProfile> releases = vm.releasesWith(device, setting.name());
      if (releases.contains(vm.profile()) && !releases.contains(QemuProfile.newest())) {
        names.add(setting.name());
      }
    }
    return names;
  }

  static List<Found> machineType(PlayedVm vm) {
    String type = vm.config().machineType();
    return WITHOUT_VERSION.contains(type) && !vm.vfioConfigs().isEmpty()
        ? List.of(LintCode.MACHINE_TYPE_UNVERSIONED.onVm(type, List.of()))
        : List.of();
  }
}
