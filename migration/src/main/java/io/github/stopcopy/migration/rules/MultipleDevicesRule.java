package io.github.stopcopy.migration.rules;

import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.List;

/**
 * Several devices must all be able to stop talking to each other (R-BLK-25, R-BLK-35); the release
 * 8.1 never lets several migrate (R-REL-1).
 */
public final class MultipleDevicesRule implements MigrationRule {

  private final VfioBehaviour behaviour;

  MultipleDevicesRule(VfioBehaviour behaviour) {
    this.behaviour = behaviour;
  }

  /** Whether the devices of a VM can migrate together (R-BLK-35, R-REL-1). */
  public static boolean allows(VfioBehaviour behaviour, VmView vm) {
    return vm.migratableDeviceCount() <= 1
        || behaviour.allowsSeveralDevices() && vm.migratableDevicesWithoutP2p().isEmpty();
  }

  @Override
  public boolean needsMigrationObject() {
    return true;
  }

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (allows(behaviour, vm)) {
      return RuleOutcome.pass();
    }
    if (!behaviour.allowsSeveralDevices()) {
      return new RuleOutcome.BlockVm(
          Cause.MULTIPLE_DEVICES.finding(
              "Migration is currently not supported with multiple VFIO devices"));
    }
    List<String> without =
        vm.migratableDevicesWithoutP2p().stream().map(VfioDeviceView::name).toList();
    return new RuleOutcome.BlockVm(
        Cause.MULTIPLE_DEVICES_WITHOUT_P2P.finding(
            "Multiple VFIO devices migration is supported only if all of them support P2P"
                + " migration",
            String.join(", ", without)));
  }
}
