package io.github.stopcopy.migration.rules;

import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.device.VfioBehaviour;
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
    return new RuleOutcome.BlockVm(
        behaviour.allowsSeveralDevices() ? withoutP2p(vm.migratableDevices()) : several());
  }

  private static Finding several() {
    return new Finding(
        "MULTIPLE_DEVICES",
        "Migration is currently not supported with multiple VFIO devices",
        "This release migrates at most one VFIO device. Later ones migrate several if all of them"
            + " have a state in which they run but start no transfer to another device (P2P).",
        List.of("R-REL-1"));
  }

  private static Finding withoutP2p(List<VfioDeviceView> devices) {
    List<String> without =
        devices.stream()
            .filter(other -> !other.migrationSupport().p2p())
            .map(VfioDeviceView::name)
            .toList();
    return new Finding(
        "MULTIPLE_DEVICES_WITHOUT_P2P",
        "Multiple VFIO devices migration is supported only if all of them support P2P migration",
        "With several devices each must have a state in which it runs but starts no transfer to"
            + " another device (P2P), so that they can be stopped one after the other. Without"
            + " it: "
            + String.join(", ", without)
            + ".",
        List.of("R-BLK-25", "R-BLK-35"));
  }
}
