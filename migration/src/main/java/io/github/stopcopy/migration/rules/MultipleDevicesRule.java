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

  /** Whether these devices can migrate together (R-BLK-35, R-REL-1). */
  public static boolean allows(VfioBehaviour behaviour, List<VfioDeviceView> migratable) {
    return migratable.size() <= 1
        || behaviour.allowsSeveralDevices()
            && migratable.stream().allMatch(device -> device.migrationSupport().p2p());
  }

  @Override
  public boolean needsMigrationObject() {
    return true;
  }

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (allows(behaviour, vm.migratableDevices())) {
      return RuleOutcome.pass();
    }
    if (!behaviour.allowsSeveralDevices()) {
      return new RuleOutcome.BlockVm(
          Cause.MULTIPLE_DEVICES.finding(
              "Migration is currently not supported with multiple VFIO devices"));
    }
    List<String> without =
        vm.migratableDevices().stream()
            .filter(other -> !other.migrationSupport().p2p())
            .map(VfioDeviceView::name)
            .toList();
    return new RuleOutcome.BlockVm(
        Cause.MULTIPLE_DEVICES_WITHOUT_P2P.finding(
            "Multiple VFIO devices migration is supported only if all of them support P2P"
                + " migration",
            String.join(", ", without)));
  }
}
