package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.math.BigInteger;
import java.util.List;

/**
 * Somebody must track what the device writes (R-BLK-24, R-BLK-50); if the owner insists on
 * migration it is only a warning, from 11.0 on within the limit of the bitmap (R-BLK-61, R-BLK-62).
 */
final class DirtyTrackingRule implements MigrationRule {

  private final VfioBehaviour behaviour;

  DirtyTrackingRule(VfioBehaviour behaviour) {
    this.behaviour = behaviour;
  }

  @Override
  public boolean needsMigrationObject() {
    return true;
  }

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (device.usesDeviceDirtyTracking() || device.hasIommuDirtyTracking()) {
      return RuleOutcome.pass();
    }
    String what = behaviour.trackedAsIommuDirty() ? "device and IOMMU dirty" : "device dirty";
    Finding finding =
        new Finding(
            "NO_DIRTY_TRACKING",
            device.name() + ": VFIO device doesn't support " + what + " tracking",
            device.isDeviceDirtyTrackingOff()
                ? "The device's own log of its writes is switched off by"
                    + " x-device-dirty-page-tracking=off, so QEMU would have to take all mapped"
                    + " memory for written at every pass."
                : "The device cannot log which pages it writes, so QEMU would have to take all"
                    + " mapped memory for written at every pass.",
            List.of(behaviour.trackedAsIommuDirty() ? "R-BLK-50" : "R-BLK-24"));
    if (device.enableMigration() != OnOffAuto.ON) {
      return new RuleOutcome.BlockDevice(finding);
    }
    return behaviour.checksLargeMemory() && isTooLarge(device, vm)
        ? new RuleOutcome.BlockDevice(tooLarge(device))
        : new RuleOutcome.Warn(finding);
  }

  private static boolean isTooLarge(VfioDeviceView device, VmView vm) {
    if (!device.containerCanTrack()) {
      return false;
    }
    BigInteger most =
        U64.toBigInteger(device.containerMaxBitmapSize())
            .multiply(BigInteger.valueOf(8))
            .multiply(U64.toBigInteger(device.containerTrackingPageSize()));
    return U64.toBigInteger(vm.ramSize()).compareTo(most) > 0;
  }

  private static Finding tooLarge(VfioDeviceView device) {
    return new Finding(
        "MEMORY_TOO_LARGE",
        device.name()
            + ": Migration is currently not supported with large memory VM due to dirty tracking"
            + " limitation in backend",
        "The container tracks dirty pages in a bitmap of limited size, and this VM has more RAM"
            + " than the bitmap can cover.",
        List.of("R-BLK-62"));
  }
}
