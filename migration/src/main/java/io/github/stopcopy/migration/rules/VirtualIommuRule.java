package io.github.stopcopy.migration.rules;

import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.List;

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
    List<String> rules = new ArrayList<>(List.of("R-BLK-26", "R-BLK-31"));
    if (behaviour.viommuBlocksOnlyDeviceTracking()) {
      rules.add("R-BLK-63");
    } else if (behaviour.trackedAsIommuDirty()) {
      rules.add("R-BLK-51");
    }
    return new Finding(
        "VIOMMU_PRESENT",
        device.name() + ": Migration is currently not supported with vIOMMU enabled",
        "The device sits behind a virtual IOMMU, so the guest could remap its DMA to any address at"
            + " any time and nobody knows which addresses to track. QEMU blocks migration for that"
            + " alone, even if the vIOMMU only remaps interrupts or passes DMA through.",
        rules);
  }

  private static Finding relaxed(VfioDeviceView device) {
    return new Finding(
        "VIOMMU_RELAXED",
        device.name()
            + ": Migration maybe blocked or cancelledif vIOMMU is used beyond interrupt remapping",
        "Every device has x-migration-iommu-pt=on, so a vIOMMU does not block migration by itself;"
            + " a guest that uses it for DMA makes the migration fail.",
        List.of("R-BLK-27"));
  }
}
