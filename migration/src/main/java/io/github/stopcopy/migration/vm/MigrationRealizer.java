package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.rules.MultipleDevicesRule;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each device that is realized whether it can migrate: asks the rules in their order,
 * gives the device its migration object on the way and registers blockers (R-BLK-10, R-BLK-20 ..
 * R-BLK-36).
 */
final class MigrationRealizer {

  /** Maps made for more take more memory than all of a small VM's devices. */
  private static final int FEW = 2;

  private final List<MigrationRule> rules;
  private final VmView vm;
  private final BlockerRegistry blockers;
  private final OutgoingMigration migration;
  private final EventLog events;
  private final VfioBehaviour behaviour;
  private final IdentityHashMap<MigrationBlocker, DeviceFinding> reasons =
      new IdentityHashMap<>(FEW);
  private final IdentityHashMap<VfioPciDevice, MigrationBlocker> ownBlockers =
      new IdentityHashMap<>(FEW);
  private @Nullable MigrationBlocker vmBlocker;

  MigrationRealizer(
      List<MigrationRule> rules,
      VmView vm,
      BlockerRegistry blockers,
      OutgoingMigration migration,
      EventLog events) {
    this.rules = rules;
    this.vm = vm;
    this.blockers = blockers;
    this.migration = migration;
    this.events = events;
    this.behaviour = VfioBehaviour.of(vm.profile());
  }

  /** Why a blocker is there. */
  DeviceFinding reason(MigrationBlocker blocker) {
    return Objects.requireNonNull(reasons.get(blocker), "not a blocker of this VM");
  }

  /** Realizes a device's part in migrations; what comes back keeps the device from starting. */
  Optional<DeviceFinding> realize(VfioPciDevice device) {
    if (device.failoverStandby().isPresent()) {
      return Optional.empty();
    }
    for (MigrationRule rule : rules) {
      if (rule.needsMigrationObject() && device.migration().isEmpty()) {
        device.openMigration();
        migration.addHandler(device);
      }
      RuleOutcome outcome = rule.apply(new DeviceView(device), vm);
      if (outcome instanceof RuleOutcome.Warn warn) {
        events.warning(warn.finding().qemuText());
      } else if (outcome instanceof RuleOutcome.BlockDevice block) {
        return blockDevice(device, block.finding());
      } else if (outcome instanceof RuleOutcome.BlockVm block) {
        Optional<DeviceFinding> refused = blockVm(device, block.finding());
        if (refused.isPresent()) {
          return refused;
        }
      } else if (outcome instanceof RuleOutcome.Refuse refuse) {
        return refused(device, refuse.finding(), QemuError.of(refuse.finding().qemuText()));
      }
    }
    return Optional.empty();
  }

  /** Takes a device's part away again: object, blocker, and the VM's if not needed (R-BLK-34). */
  void exit(VfioPciDevice device) {
    deinit(device);
    MigrationBlocker own = ownBlockers.remove(device);
    if (own != null) {
      blockers.remove(own);
    }
  }

  private Optional<DeviceFinding> blockDevice(VfioPciDevice device, Finding finding) {
    if (device.enableMigration() == OnOffAuto.ON) {
      return refused(device, finding, QemuError.of(finding.qemuText()));
    }
    MigrationBlocker blocker = new MigrationBlocker(finding.qemuText());
    Optional<QemuError> failed = blockers.add(blocker);
    if (failed.isPresent()) {
      return refused(device, finding, failed.get());
    }
    ownBlockers.put(device, blocker);
    remember(blocker, finding, Optional.of(device.name()));
    return Optional.empty();
  }

  /** 8.1 does not ask what the owner insists on once the VM is blocked (R-REL-2). */
  private Optional<DeviceFinding> blockVm(VfioPciDevice device, Finding finding) {
    boolean insists = device.enableMigration() == OnOffAuto.ON;
    if (insists && (vmBlocker == null || behaviour.allowsSeveralDevices())) {
      return refused(device, finding, QemuError.of(finding.qemuText()));
    }
    if (vmBlocker != null) {
      return Optional.empty();
    }
    MigrationBlocker blocker = new MigrationBlocker(finding.qemuText());
    Optional<QemuError> failed = blockers.add(blocker);
    if (failed.isPresent()) {
      return refused(device, finding, failed.get());
    }
    vmBlocker = blocker;
    remember(blocker, finding, Optional.empty());
    return Optional.empty();
  }

  private void remember(MigrationBlocker blocker, Finding finding, Optional<String> device) {
    reasons.put(blocker, new DeviceFinding(finding, device, QemuError.of(finding.qemuText())));
  }

  private Optional<DeviceFinding> refused(VfioPciDevice device, Finding finding, QemuError error) {
    deinit(device);
    return Optional.of(
        new DeviceFinding(finding, Optional.of(device.name()), device.prefixed(error)));
  }

  private void deinit(VfioPciDevice device) {
    if (device.migration().isEmpty()) {
      return;
    }
    device.closeMigration();
    migration.removeHandler(device);
    if (vmBlocker != null && MultipleDevicesRule.allows(behaviour, vm)) {
      blockers.remove(vmBlocker);
      vmBlocker = null;
    }
  }
}
