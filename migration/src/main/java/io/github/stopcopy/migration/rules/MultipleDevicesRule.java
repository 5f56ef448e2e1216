package io.github.stopcopy.migration.rules;

import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import java.util.List;

/** Several devices must all be able to stop talking to each other (R-BLK-25, R-BLK-35). */
public final class MultipleDevicesRule implements MigrationRule {

  /** The code of what it finds. */
  public static final String CODE = "MULTIPLE_DEVICES_WITHOUT_P2P";

  MultipleDevicesRule() {}

  /** Whether these devices can migrate together (R-BLK-35). */
  public static boolean allows(List<VfioDeviceView> migratable) {
    return migratable.size() <= 1
        || migratable.stream().allMatch(device -> device.migrationSupport().p2p());
  }

  @Override
  public boolean needsMigrationObject() {
    return true;
  }

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (allows(vm.migratableDevices())) {
      return RuleOutcome.pass();
    }
    List<String> without =
        vm.migratableDevices().stream()
            .filter(other -> !other.migrationSupport().p2p())
            .map(VfioDeviceView::name)
            .toList();
    return new RuleOutcome.BlockVm(
        new Finding(
            CODE,
            "Multiple VFIO devices migration is supported only if all of them support P2P"
                + " migration",
            "With several devices each must have a state in which it runs but starts no transfer to"
                + " another device (P2P), so that they can be stopped one after the other. Without"
                + " it: "
                + String.join(", ", without)
                + ".",
            List.of("R-BLK-25", "R-BLK-35")));
  }
}
