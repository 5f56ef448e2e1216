package io.github.stopcopy.migration.rules;

import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;

/**
 * A vIOMMU blocks migration, unless every device has the RFC's option (R-BLK-26, R-BLK-27), or in
 * 11.0 unless the device does not log its own writes (R-BLK-63).
 */
final class VirtualIommuRule implements MigrationRule {

  private final VfioBehaviour behaviour;

  VirtualIommuRule(VfioBehaviour behaviour) {
    this.behaviour = behaviour;
  }

  @Override
  public boolean needsMigrationObject() {
    return true;
  }

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    boolean relaxed = vm.allIommuPassthrough();
    boolean matters =
        !behaviour.viommuBlocksOnlyDeviceTracking() || device.usesDeviceDirtyTracking();
    if (device.isBehindVirtualIommu() && matters && !relaxed) {
      return new RuleOutcome.BlockDevice(present(device));
    }
    boolean warns =
        relaxed && (device.isBehindVirtualIommu() || !vm.policy().warnsOnlyBehindVirtualIommu());
    return warns ? new RuleOutcome.Warn(relaxed(device)) : RuleOutcome.pass();
  }

  private Finding present(VfioDeviceView device) {
    Cause cause =
        behaviour.viommuBlocksOnlyDeviceTracking()
            ? Cause.VIOMMU_PRESENT_WITH_DEVICE_LOG
            : behaviour.trackedAsIommuDirty()
                ? Cause.VIOMMU_PRESENT_ALSO_WITH_IOMMU_TRACKING
                : Cause.VIOMMU_PRESENT;
    return cause.finding(
        device.name() + ": Migration is currently not supported with vIOMMU enabled");
  }

  private static Finding relaxed(VfioDeviceView device) {
    return Cause.VIOMMU_RELAXED.finding(
        device.name()
            + ": Migration maybe blocked or cancelledif vIOMMU is used beyond interrupt remapping");
  }
}
