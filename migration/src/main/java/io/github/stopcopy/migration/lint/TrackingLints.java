package io.github.stopcopy.migration.lint;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmRule.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is unwise about who tracks dirty pages, and about what happens if nobody can. */
final class TrackingLints {

  private static final String PRE_COPY = "x-pre-copy-dirty-page-tracking";
  private static final String OWN_LOG = "x-device-dirty-page-tracking";

  private TrackingLints() {}

  static List<Found> preCopy(PlayedVm vm) {
    List<DeviceConfig> devices =
        vm.vfioConfigs().stream().filter(device -> Devices.isOff(vm, device, PRE_COPY)).toList();
    List<RemedyChange> changes = Devices.setAll(devices, PRE_COPY, "on");
    return devices.stream()
        .map(device -> LintCode.PRE_COPY_TRACKING_OFF.on(VfioDevices.nameOf(device), "", changes))
        .toList();
  }

  /** Of a device that tracks in no way of its own: what that costs, or that it loses data. */
  static List<Found> deviceLog(PlayedVm vm) {
    List<DeviceConfig> off =
        vm.vfioConfigs().stream().filter(device -> Devices.isOff(vm, device, OWN_LOG)).toList();
    List<RemedyChange> changes = Devices.setAll(off, OWN_LOG, "on");
    List<Found> found = new ArrayList<>();
    for (VfioDeviceView device : vm.devices()) {
      if (device.usesDeviceDirtyTracking() || device.hasIommuDirtyTracking()) {
        continue;
      }
      code(vm, device).ifPresent(code -> found.add(code.on(device.name(), "", changes)));
    }
    return found;
  }

  private static Optional<LintCode> code(PlayedVm vm, VfioDeviceView device) {
    boolean accepted = device.enableMigration() == OnOffAuto.ON;
    if (accepted && !device.containerCanTrack()) {
      return Optional.of(LintCode.NOBODY_TRACKS);
    }
    if (device.hasDmaLogging()) {
      return isWayPastVirtualIommu(vm, device)
          ? Optional.empty()
          : Optional.of(LintCode.DEVICE_LOG_OFF);
    }
    return accepted ? Optional.of(LintCode.ALL_COUNTS_AS_WRITTEN) : Optional.empty();
  }

  /** From 11.0 on a vIOMMU does not block a device whose log is off: that is meant (R-BLK-63). */
  private static boolean isWayPastVirtualIommu(PlayedVm vm, VfioDeviceView device) {
    return device.isBehindVirtualIommu() && vm.reasonCodes(device.name()).isEmpty();
  }

  static List<Found> hiddenUntilMigration(PlayedVm vm) {
    List<Found> found = new ArrayList<>();
    for (VfioDeviceView device : vm.devices()) {
      if (device.enableMigration() == OnOffAuto.AUTO
          && vm.reasonCodes(device.name()).stream().anyMatch(TrackingLints::isBlocker)) {
        found.add(LintCode.FAILURE_HIDDEN_UNTIL_MIGRATION.on(device.name(), "", List.of()));
      }
    }
    return found;
  }

  private static boolean isBlocker(String code) {
    return ReasonCode.named(code).filter(known -> known.kind() == ReasonKind.BLOCKER).isPresent();
  }
}
