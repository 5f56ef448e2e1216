package io.github.stopcopy.migration.lint;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.VmRule.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is unwise about the properties of VFIO devices. */
final class DeviceLints {

  private static final String PASSTHROUGH = "x-migration-iommu-pt";
  private static final String IOMMUFD = "iommufd";
  private static final String PAIR = "failover_pair_id";
  private static final String NO_MMAP = "x-no-mmap";
  private static final String MULTIFD = "x-migration-multifd-transfer";

  private DeviceLints() {}

  static List<Found> passthroughOption(PlayedVm vm) {
    List<DeviceConfig> with = new ArrayList<>();
    List<DeviceConfig> without = new ArrayList<>();
    for (DeviceConfig device : vm.vfioConfigs()) {
      (Devices.isOn(vm, device, PASSTHROUGH) ? with : without).add(device);
    }
    if (with.isEmpty() || without.isEmpty()) {
      return List.of();
    }
    String others = with.size() == 1 ? "1 device has it" : with.size() + " devices have it";
    List<RemedyChange> changes = Devices.setAll(without, PASSTHROUGH, "on");
    return without.stream()
        .map(device ->
            LintCode.PASSTHROUGH_OPTION_ON_SOME.on(
                VfioDevices.nameOf(device), others + " and this one has not", changes))
        .toList();
  }

  static List<Found> iommufd(PlayedVm vm) {
    List<DeviceConfig> without = new ArrayList<>();
    String object = "";
    for (DeviceConfig device : vm.vfioConfigs()) {
      String given = vm.setting(device, IOMMUFD).orElse("");
      if (given.isEmpty()) {
        without.add(device);
      } else {
        object = given;
      }
    }
    if (object.isEmpty()) {
      return List.of();
    }
    List<RemedyChange> changes = Devices.setAll(without, IOMMUFD, object);
    return without.stream()
        .map(device -> LintCode.IOMMUFD_ON_SOME.on(VfioDevices.nameOf(device), "", changes))
        .toList();
  }

  static List<Found> failover(PlayedVm vm) {
    Map<String, String> alone = vm.primariesWithoutStandby();
    List<RemedyChange> changes = Devices.unsetAll(Devices.named(vm, alone.keySet()), PAIR);
    List<Found> found = new ArrayList<>();
    alone.forEach((device, standby) ->
        found.add(LintCode.FAILOVER_WITHOUT_PAIR.on(device, standby, changes)));
    return found;
  }

  static List<Found> barsNotMapped(PlayedVm vm) {
    return switchedOn(vm, NO_MMAP, "off", LintCode.BARS_NOT_MAPPED);
  }

  static List<Found> multifdTransfer(PlayedVm vm) {
    return switchedOn(vm, MULTIFD, "auto", LintCode.MULTIFD_TRANSFER_FORCED);
  }

  private static List<Found> switchedOn(
      PlayedVm vm, String property, String better, LintCode code) {
    List<DeviceConfig> devices =
        vm.vfioConfigs().stream().filter(device -> Devices.isOn(vm, device, property)).toList();
    List<RemedyChange> changes = Devices.setAll(devices, property, better);
    return devices.stream()
        .map(device -> code.on(VfioDevices.nameOf(device), "", changes))
        .toList();
  }
}
