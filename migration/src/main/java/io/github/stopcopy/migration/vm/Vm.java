package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.migration.MigrationBlocker;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.VfioBehaviour;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioOptions;
import io.github.stopcopy.vfiopci.VfioPciDevice;
import io.github.stopcopy.vfiopci.VfioSubsystem;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A VM that is played: booted, changed and migrated on the model. What it does goes to its event log;
 * the methods answer what a management program would be told. Once QEMU has ended nothing happens any
 * more. Not thread-safe.
 */
public final class Vm implements VmView {

  private static final int EXIT_FAILURE = 1;
  private static final int EXIT_ABORT = -6;

  private final VmConfig config;
  private final QemuProfile profile;
  private final VfioBehaviour behaviour;
  private final EventLog events;
  private final Machine machine;
  private final OutgoingMigration migration;
  private final BlockerRegistry blockers;
  private final MigrationRealizer migrationRealizer;
  private final VfioSubsystem vfio;
  private final Result<MemoryPlan> plan;
  private final MemoryDevices memoryDevices;
  private final DeviceRealizer devices;
  private @Nullable Integer exitCode;
  private @Nullable DeviceFinding endedBy;

  /**
   * A VM that is not booted yet.
   *
   * @param config what it is
   * @param profile the release that runs it
   * @param host where it runs
   * @param plugins who models vIOMMUs and device types
   * @param rules the rules that decide, in their order
   * @param events takes what happens
   */
  public Vm(
      VmConfig config,
      QemuProfile profile,
      HostFacts host,
      Plugins plugins,
      List<MigrationRule> rules,
      EventLog events) {
    this.config = config;
    this.profile = profile;
    this.behaviour = VfioBehaviour.of(profile);
    this.events = events;
    this.machine = new Machine(config, profile, host, events);
    this.migration =
        new OutgoingMigration(
            machine.facts().memory(), events, behaviour.errorsAreValues());
    this.blockers =
        new BlockerRegistry(
            config.onlyMigratable(),
            () -> behaviour.errorsAreValues()
                ? migration.status().isRunning(true)
                : !migration.status().isIdle(),
            events);
    this.plan = config.memory().plan(config, profile, host);
    MemoryPlan layout =
        plan instanceof Result.Ok<MemoryPlan> ok
            ? ok.value()
            : new MemoryPlan(List.of(), List.of(), Optional.empty(), 0, 0);
    this.vfio =
        new VfioSubsystem(
            behaviour, machine.facts().memory(), machine.facts().system(),
            new SimulatedKernel(host), host.pageSize(), migration, events,
            new VfioOptions(
                layout.afterFirmware().isPresent(), MemoryDevices.areMemoryBarsIn(config)));
    this.migrationRealizer = new MigrationRealizer(rules, this, blockers, migration, events);
    this.memoryDevices =
        new MemoryDevices(config, machine.facts().memory(), machine.map(), layout);
    this.devices =
        new DeviceRealizer(
            config, host, machine, new DeviceTypes(plugins), vfio, migrationRealizer,
            memoryDevices);
  }

  /**
   * Starts QEMU: realizes the devices in order, asks the vIOMMU once all are there, resets, and lets
   * the firmware finish if it is known what it leaves behind.
   *
   * @throws InputException if the description makes no sense to the model
   */
  public void boot() throws InputException {
    try {
      if (plan instanceof Result.Failed<MemoryPlan> failed) {
        end(machineFinding("PHYS_BITS_TOO_LOW", failed.error(), "R-OBS-5"));
        return;
      }
      Optional<String> tooMany = machine.tooManyCpus();
      if (tooMany.isPresent()) {
        end(machineFinding("TOO_MANY_VCPUS", QemuError.of(tooMany.get()), "R-VIO-3"));
        return;
      }
      boot(((Result.Ok<MemoryPlan>) plan).value());
    } catch (QemuAbort abort) {
      aborted();
    }
  }

  private void boot(MemoryPlan layout) throws InputException {
    machine.map().show(layout.atRealize());
    for (DeviceConfig device : config.devices()) {
      Optional<DeviceFinding> refused = devices.realize(device);
      if (refused.isPresent()) {
        end(refused.get());
        return;
      }
    }
    Optional<VirtualIommu> viommu = devices.virtualIommu();
    if (viommu.isPresent()) {
      Optional<QemuError> refused =
          viommu.get().machineDone(devices.vfioDevices().stream().map(devices::requester).toList());
      if (refused.isPresent()) {
        end(
            DeviceFinding.of(
                "VIOMMU_REFUSES_DEVICE", Optional.empty(), refused.get(),
                "The vIOMMU as it is configured cannot serve an assigned device.", "R-VIO-18"));
        return;
      }
    }
    machine.map().show(layout.afterReset());
    if (!config.incoming()) {
      migration.runVm();
    }
    layout.afterFirmware().ifPresent(machine.map()::show);
  }

  /** Plays {@code device_add} for a device; the answer is the command's error. */
  public Optional<QemuError> deviceAdd(DeviceConfig device) throws InputException {
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_add not allowed while migrating"));
    }
    try {
      return devices.realize(asSent(device)).map(DeviceFinding::error);
    } catch (QemuAbort abort) {
      aborted();
      return Optional.empty();
    }
  }

  /**
   * Plays {@code device_del}; the answer is the command's error.
   *
   * @param id the id or name of a VFIO device
   * @param released whether the guest lets go of it; else it stays
   */
  public Optional<QemuError> deviceDel(String id, boolean released) {
    Optional<VfioPciDevice> device = findDevice(id);
    if (device.isEmpty()) {
      return Optional.of(QemuError.of("Device '" + id + "' not found"));
    }
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_del not allowed while migrating"));
    }
    if (released) {
      devices.remove(device.get());
    }
    return Optional.empty();
  }

  /** Plugs a DIMM; the answer is the command's error. */
  public Optional<QemuError> memoryAdd(String id, long size, Optional<Long> at)
      throws InputException {
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_add not allowed while migrating"));
    }
    try {
      memoryDevices.addDimm(id, size, at);
    } catch (QemuAbort abort) {
      aborted();
    }
    return Optional.empty();
  }

  /** Plays what the guest does to the vIOMMU; without one it cannot be played. */
  public ActionResult guest(GuestAction action) {
    Optional<VirtualIommu> viommu = devices.virtualIommu();
    if (viommu.isEmpty()) {
      return new ActionResult.Unsupported("the VM has no vIOMMU");
    }
    try {
      ActionResult result = viommu.get().guest(action);
      migration.detectError();
      return result;
    } catch (QemuAbort abort) {
      aborted();
      return new ActionResult.Done();
    }
  }

  /**
   * Plays {@code migrate}; the answer is the command's error (R-BLK-5, R-BLK-6).
   *
   * @param capabilities what is switched on
   * @param hold whether it stays active, as on a slow link
   */
  public Optional<DeviceFinding> migrate(Set<String> capabilities, boolean hold) {
    Optional<DeviceFinding> refused = refuseMigration(capabilities);
    if (refused.isPresent()) {
      return refused;
    }
    try {
      migration.start();
      if (!hold) {
        migration.complete();
      }
    } catch (QemuAbort abort) {
      aborted();
    }
    return Optional.empty();
  }

  /** Lets a held migration go on to its end. */
  public void finishMigration() {
    try {
      migration.detectError();
      migration.complete();
    } catch (QemuAbort abort) {
      aborted();
    }
  }

  /** Cancels a migration. */
  public void cancelMigration() {
    migration.cancel();
  }

  private Optional<DeviceFinding> refuseMigration(Set<String> capabilities) {
    String text =
        migration.status().isRunning(true)
            ? "There's a migration process in progress"
            : config.incoming()
                ? "Guest is waiting for an incoming migration"
                : migration.isPostMigrate()
                    ? "Can't migrate the vm that was paused due to previous migration"
                    : "";
    if (!text.isEmpty()) {
      return Optional.of(
          DeviceFinding.of(
              "NOT_NOW", Optional.empty(), QemuError.of(text),
              "The VM is not in a state in which a migration can begin.", "R-BLK-5"));
    }
    List<DeviceFinding> reasons = blockedBy();
    Optional<String> nonMigratable = nonMigratable();
    if (nonMigratable.isPresent()) {
      return Optional.of(reasons.get(reasons.size() - 1));
    }
    if (!reasons.isEmpty()) {
      return Optional.of(reasons.get(reasons.size() - 1));
    }
    for (VfioPciDevice device : migration.handlers()) {
      Optional<QemuError> unprepared =
          device
              .migration()
              .orElseThrow()
              .savePrepare(
                  capabilities.contains("postcopy-ram"),
                  capabilities.contains("background-snapshot"));
      if (unprepared.isPresent()) {
        return Optional.of(
            DeviceFinding.of(
                "CAPABILITY_NOT_SUPPORTED", Optional.of(device.name()), unprepared.get(),
                "VFIO devices migrate by pre-copy and stop-and-copy only.", "R-BLK-8"));
      }
    }
    return Optional.empty();
  }

  /**
   * Why {@code migrate} would be refused now, oldest blocker first; a device that can never migrate
   * comes last, as in {@code query-migrate} (R-BLK-7). The last one is what {@code migrate} says.
   */
  public List<DeviceFinding> blockedBy() {
    List<DeviceFinding> all = new ArrayList<>();
    for (MigrationBlocker blocker : blockers.oldestFirst()) {
      all.add(migrationRealizer.reason(blocker));
    }
    nonMigratable()
        .ifPresent(
            name ->
                all.add(
                    DeviceFinding.of(
                        "NON_MIGRATABLE_DEVICE", Optional.empty(),
                        QemuError.of("State blocked by non-migratable device '" + name + "'"),
                        "QEMU cannot save the state of this vIOMMU at all.", "R-BLK-6",
                        "R-OBS-1")));
    return all;
  }

  /** What {@code query-migrate} lists as reasons (R-BLK-7). */
  public List<String> blockedReasons() {
    List<String> all = new ArrayList<>();
    blockers.oldestFirst().forEach(blocker -> all.add(blocker.text()));
    nonMigratable().ifPresent(name -> all.add("non-migratable device: " + name));
    return all;
  }

  /** Where the migration stands. */
  public MigrationStatus migrationStatus() {
    return migration.status();
  }

  /** What {@code query-migrate} says about a failure. */
  public Optional<String> errorDescription() {
    return migration.errorDescription();
  }

  /** The exit code, once QEMU has ended; negative numbers are signals. */
  public OptionalInt exitCode() {
    return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }

  /** Why QEMU ended, unless it aborted. */
  public Optional<DeviceFinding> endedBy() {
    return Optional.ofNullable(endedBy);
  }

  /** The containers in the order of their creation. */
  public List<VfioContainer> containers() {
    return vfio.containers();
  }

  /** The address spaces in the order of their creation. */
  public List<AddressSpace> addressSpaces() {
    return machine.facts().memory().addressSpaces();
  }

  /** The VFIO devices in the order in which they were realized. */
  public List<VfioPciDevice> vfioDevices() {
    return devices.vfioDevices();
  }

  /** The VFIO devices as rules see them. */
  public List<VfioDeviceView> deviceViews() {
    List<VfioDeviceView> views = new ArrayList<>();
    devices.vfioDevices().forEach(device -> views.add(new DeviceView(device)));
    return views;
  }

  /** A VFIO device by its id or the name of the host's device. */
  public Optional<VfioPciDevice> findDevice(String idOrName) {
    return devices.vfioDevices().stream()
        .filter(
            device -> device.id().equals(Optional.of(idOrName)) || device.name().equals(idOrName))
        .findFirst();
  }

  /** Whom the vIOMMU sees when a device makes a request. */
  public PciAddress requester(VfioPciDevice device) {
    return devices.requester(device);
  }

  /** How far the vIOMMU could translate; empty without one. */
  public Optional<IovaLimits> virtualIommuLimits() {
    return devices.virtualIommu().map(VirtualIommu::limits);
  }

  /** Whether the addresses of BARs are known. */
  public boolean areBarsKnown() {
    return plan instanceof Result.Ok<MemoryPlan> ok && ok.value().afterFirmware().isPresent();
  }

  /** Whether a vIOMMU does not block, and a guest that uses it makes a migration fail. */
  public boolean isConditional() {
    return vfio.allIommuPassthrough()
        && virtualIommuLimits().map(IovaLimits::canTranslate).orElse(false)
        && containers().stream().anyMatch(VfioContainer::isBehindVirtualIommu);
  }

  @Override
  public QemuProfile profile() {
    return profile;
  }

  @Override
  public long ramSize() {
    return config.ramSize();
  }

  @Override
  public List<VfioDeviceView> migratableDevices() {
    List<VfioDeviceView> views = new ArrayList<>();
    migration.handlers().forEach(device -> views.add(new DeviceView(device)));
    return views;
  }

  @Override
  public boolean allIommuPassthrough() {
    return vfio.allIommuPassthrough();
  }

  private Optional<String> nonMigratable() {
    return devices.virtualIommu().flatMap(VirtualIommu::nonMigratable);
  }

  /** 8.1 turns the values of a {@code device_add} into text before it reads them (R-PROP-1). */
  private DeviceConfig asSent(DeviceConfig device) {
    if (behaviour.errorsAreValues()) {
      return device;
    }
    List<PropertySetting> settings = new ArrayList<>();
    for (PropertySetting setting : device.settings()) {
      settings.add(new PropertySetting(setting.name(), setting.value().asText()));
    }
    return new DeviceConfig(device.driver(), device.id(), device.bus(), settings);
  }

  private static DeviceFinding machineFinding(String code, QemuError error, String rule) {
    return DeviceFinding.of(
        code, Optional.empty(), error, "The machine cannot be built as described.", rule);
  }

  private void end(DeviceFinding reason) {
    endedBy = reason;
    exitCode = EXIT_FAILURE;
    events.error(reason.error());
  }

  private void aborted() {
    exitCode = EXIT_ABORT;
  }

}
