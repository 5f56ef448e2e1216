package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.math.BigInteger;

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
        cause(device)
            .finding(device.name() + ": VFIO device doesn't support " + what + " tracking");
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

  private Cause cause(VfioDeviceView device) {
    if (behaviour.trackedAsIommuDirty()) {
      return device.isDeviceDirtyTrackingOff()
          ? Cause.DEVICE_LOG_OFF_AND_NO_IOMMU_TRACKING
          : Cause.NEITHER_DEVICE_NOR_IOMMU_TRACKS;
    }
    return device.isDeviceDirtyTrackingOff() ? Cause.DEVICE_LOG_OFF : Cause.DEVICE_CANNOT_LOG;
  }

  private static Finding tooLarge(VfioDeviceView device) {
    return Cause.MEMORY_TOO_LARGE.finding(
        device.name()
            + ": Migration is currently not supported with large memory VM due to dirty tracking"
            + " limitation in backend");
  }
}
