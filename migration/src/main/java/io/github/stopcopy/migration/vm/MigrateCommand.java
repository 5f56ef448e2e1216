package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.vfiopci.device.VfioMigration;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Says whether {@code migrate} may begin, and what {@code query-migrate} lists (R-BLK-5 ..
 * R-BLK-8).
 */
final class MigrateCommand {

  private final VmConfig config;
  private final QemuProfile profile;
  private final MigrationBehaviour behaviour;
  private final OutgoingMigration migration;
  private final BlockerRegistry blockers;
  private final MigrationRealizer realizer;
  private final DeviceRealizer devices;
  private final EventLog events;
  private final Accelerator accelerator;
  private MigrationMode mode = MigrationMode.NORMAL;

  MigrateCommand(
      VmConfig config,
      QemuProfile profile,
      OutgoingMigration migration,
      BlockerRegistry blockers,
      MigrationRealizer realizer,
      DeviceRealizer devices,
      EventLog events,
      Accelerator accelerator) {
    this.config = config;
    this.profile = profile;
    this.behaviour = MigrationBehaviour.of(profile);
    this.migration = migration;
    this.blockers = blockers;
    this.realizer = realizer;
    this.devices = devices;
    this.events = events;
    this.accelerator = accelerator;
  }

  /** Why a migration cannot begin now, in the order in which QEMU asks. */
  Optional<DeviceFinding> refuse(Set<String> capabilities, MigrationMode wanted) {
    mode = wanted;
    if (wanted == MigrationMode.CPR_REBOOT && !behaviour.hasCprReboot()) {
      return Optional.of(
          DeviceFinding.of(
              Cause.MODE_UNKNOWN,
              Optional.empty(),
              QemuError.of("Parameter 'mode' is unexpected")));
    }
    Optional<String> unknown = Capabilities.unknown(profile, capabilities);
    if (unknown.isPresent()) {
      return Optional.of(
          DeviceFinding.of(
              Cause.CAPABILITY_UNKNOWN,
              Optional.empty(),
              QemuError.of(
                  "Parameter 'capability' does not accept value '" + unknown.get() + "'")));
    }
    if (migration.status().isRunning(true)) {
      return Optional.of(notNow("There's a migration process in progress"));
    }
    Capabilities.warnings(profile, capabilities).forEach(events::warning);
    Optional<String> conflict = Capabilities.conflict(profile, capabilities, hasDirtyRing());
    if (conflict.isPresent()) {
      return Optional.of(
          DeviceFinding.of(
              Cause.CAPABILITIES_DO_NOT_GO_TOGETHER,
              Optional.empty(),
              QemuError.of(conflict.get())));
    }
    if (config.incoming()) {
      return Optional.of(notNow("Guest is waiting for an incoming migration"));
    }
    if (migration.isPostMigrate()) {
      return Optional.of(notNow("Can't migrate the vm that was paused due to previous migration"));
    }
    List<DeviceFinding> reasons = blockedBy();
    return reasons.isEmpty()
        ? refuseCapabilities(capabilities)
        : Optional.of(reasons.get(reasons.size() - 1));
  }

  private boolean hasDirtyRing() {
    return config.dirtyRing() && accelerator == Accelerator.KVM;
  }

  /** A refusal that has nothing to do with devices. */
  static DeviceFinding notNow(String text) {
    return DeviceFinding.of(Cause.NOT_NOW, Optional.empty(), QemuError.of(text));
  }

  private Optional<DeviceFinding> refuseCapabilities(Set<String> capabilities) {
    boolean postcopy = capabilities.contains("postcopy-ram");
    boolean snapshot = capabilities.contains("background-snapshot");
    for (VfioPciDevice device : migration.handlers()) {
      VfioMigration part = device.migration().orElseThrow();
      Optional<QemuError> unprepared = part.savePrepare(postcopy, snapshot);
      if (unprepared.isPresent()) {
        return Optional.of(
            DeviceFinding.of(
                Cause.CAPABILITY_NOT_SUPPORTED, Optional.of(device.name()), unprepared.get()));
      }
    }
    return Optional.empty();
  }

  /**
   * Oldest blocker first, a device that can never migrate last; {@code migrate} says the last one.
   */
  List<DeviceFinding> blockedBy() {
    List<DeviceFinding> all = new ArrayList<>();
    for (MigrationBlocker blocker : blockersOfMode()) {
      all.add(realizer.reason(blocker));
    }
    nonMigratable()
        .ifPresent(name ->
            all.add(
                DeviceFinding.of(
                    Cause.VIOMMU_CANNOT_BE_SAVED,
                    Optional.empty(),
                    QemuError.of("State blocked by non-migratable device '" + name + "'"))));
    return all;
  }

  /** The texts in the order of {@code query-migrate} (R-BLK-7). */
  List<String> blockedReasons() {
    List<String> all = new ArrayList<>();
    blockersOfMode().forEach(blocker -> all.add(blocker.text()));
    nonMigratable().ifPresent(name -> all.add("non-migratable device: " + name));
    return all;
  }

  /** Blockers count in the mode of the last migration for which they are registered (R-REL-24). */
  private List<MigrationBlocker> blockersOfMode() {
    return mode == MigrationMode.CPR_REBOOT && behaviour.blocksNormalModeOnly()
        ? List.of()
        : blockers.oldestFirst();
  }

  private Optional<String> nonMigratable() {
    return devices.virtualIommu().flatMap(VirtualIommu::nonMigratable);
  }
}
