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
import io.github.stopcopy.core.memory.RamDirtyLog;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioBehaviour;
import io.github.stopcopy.vfiopci.device.VfioOptions;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.device.VfioSubsystem;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A VM that is played: booted first, then changed and migrated on the model. What it does goes to
 * its event log; the methods answer what a management program would be told. Once QEMU has ended
 * nothing happens any more and commands are answered with an error that says so. What a plugin
 * throws is a {@link io.github.stopcopy.core.error.PluginFailure}. Not thread-safe.
 *
 * {@snippet file="PlayTest.java" region="vm"}
 */
public final class Vm {

  private static final String ENDED = "QEMU has ended";
  private static final int EXIT_FAILURE = 1;
  private static final int EXIT_ABORT = -6;

  private final VmConfig config;
  private final EventLog events;
  private final Machine machine;
  private final OutgoingMigration migration;
  private final MigrateCommand migrateCommand;
  private final VmView view;
  private final VfioSubsystem vfio;
  private final Result<MemoryPlan> plan;
  private final DeviceRealizer devices;
  private boolean booted;
  private @Nullable Integer exitCode;
  private @Nullable DeviceFinding endedBy;

  /**
   * A VM that is not booted yet, whose devices log all they are asked to.
   *
   * @param config what it is
   * @param profile the release that runs it
   * @param host where it runs
   * @param plugins who models vIOMMUs and device types
   * @param rules the rules that decide, in their order
   * @param policy where it departs from QEMU
   * @param events takes what happens
   */
  public Vm(
      VmConfig config,
      QemuProfile profile,
      HostFacts host,
      Plugins plugins,
      List<MigrationRule> rules,
      VfioPolicy policy,
      EventLog events) {
    this(config, profile, new SimulatedKernel(host), plugins, rules, policy, events);
  }

  /**
   * A VM that is not booted yet.
   *
   * @param config what it is
   * @param profile the release that runs it
   * @param host where it runs
   * @param trackers opens the tracker of a device, by the name of the host's device
   * @param plugins who models vIOMMUs and device types
   * @param rules the rules that decide, in their order
   * @param policy where it departs from QEMU
   * @param events takes what happens
   */
  public Vm(
      VmConfig config,
      QemuProfile profile,
      HostFacts host,
      Function<String, DirtyTracker> trackers,
      Plugins plugins,
      List<MigrationRule> rules,
      VfioPolicy policy,
      EventLog events) {
    this(config, profile, new SimulatedKernel(host, trackers), plugins, rules, policy, events);
  }

  private Vm(
      VmConfig config,
      QemuProfile profile,
      SimulatedKernel kernel,
      Plugins plugins,
      List<MigrationRule> rules,
      VfioPolicy policy,
      EventLog events) {
    this.config = config;
    this.events = events;
    HostFacts host = kernel.host();
    this.machine = new Machine(config, profile, host, events);
    VfioBehaviour behaviour = VfioBehaviour.of(profile);
    this.migration =
        new OutgoingMigration(
            machine.facts().memory(), events, MigrationBehaviour.of(profile));
    BlockerRegistry blockers =
        new BlockerRegistry(config.onlyMigratable(), migration::isBusy, events);
    this.plan = config.memory().plan(config, profile, host);
    MemoryPlan layout =
        plan instanceof Result.Ok<MemoryPlan> ok
            ? ok.value()
            : new MemoryPlan(List.of(), List.of(), Optional.empty(), 0, 0);
    this.vfio =
        new VfioSubsystem(
            behaviour,
            machine.facts().memory(),
            machine.facts().system(),
            kernel,
            host.pageSize(),
            migration,
            events,
            new VfioOptions(
                layout.afterFirmware().isPresent(), MemoryDevices.areMemoryBarsIn(config), policy));
    this.view = new RuleView(profile, config.ramSize(), vfio, migration);
    MigrationRealizer realizer = new MigrationRealizer(rules, view, blockers, migration, events);
    MemoryDevices dimms =
        new MemoryDevices(config, machine.facts().memory(), machine.map(), layout);
    DeviceTypes types = new DeviceTypes(plugins);
    this.devices = new DeviceRealizer(config, host, machine, types, vfio, realizer, dimms);
    this.migrateCommand = new MigrateCommand(config, migration, blockers, realizer, devices);
  }

  /**
   * Starts QEMU: realizes the devices in order, asks the vIOMMU once all are there, resets, and
   * lets the firmware finish if it is known what it leaves behind.
   *
   * @throws InputException if the description makes no sense to the model
   * @throws IllegalStateException if it was booted before
   */
  public void boot() throws InputException {
    if (booted) {
      throw new IllegalStateException("the VM was booted before");
    }
    booted = true;
    try {
      Optional<DeviceFinding> refused = machine.refuse(plan);
      if (refused.isPresent()) {
        end(refused.get());
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
    Optional<DeviceFinding> refused = devices.machineDone();
    if (refused.isPresent()) {
      end(refused.get());
      return;
    }
    machine.map().show(layout.afterReset());
    if (!config.incoming()) {
      migration.runVm();
    }
    layout.afterFirmware().ifPresent(machine.map()::show);
  }

  /**
   * Plays {@code device_add} for a device; the answer is the command's error.
   *
   * @throws InputException if the description makes no sense to the model
   */
  public Optional<QemuError> deviceAdd(DeviceConfig device) throws InputException {
    if (isOver()) {
      return Optional.of(QemuError.of(ENDED));
    }
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_add not allowed while migrating"));
    }
    try {
      return devices.plug(device).map(DeviceFinding::error);
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
   * @throws InputException if the device is there, but is none of VFIO's
   */
  public Optional<QemuError> deviceDel(String id, boolean released) throws InputException {
    if (isOver()) {
      return Optional.of(QemuError.of(ENDED));
    }
    Optional<VfioPciDevice> device = find(id);
    if (device.isEmpty()) {
      if (devices.knowsId(id)) {
        throw InputException.of(
            "device-del of '" + id + "' is not modelled, expected the id of a VFIO device");
      }
      return Optional.of(QemuError.of("Device '" + id + "' not found"));
    }
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_del not allowed while migrating"));
    }
    unlessOver(() -> device.filter(found -> released).ifPresent(devices::remove));
    return Optional.empty();
  }

  /**
   * Plugs a DIMM; the answer is the command's error.
   *
   * @param id its id
   * @param size in bytes
   * @param at its guest address; empty: where QEMU puts it
   * @throws InputException if the id is taken or the DIMM does not fit where it is put
   */
  public Optional<QemuError> memoryAdd(String id, long size, Optional<Long> at)
      throws InputException {
    if (isOver()) {
      return Optional.of(QemuError.of(ENDED));
    }
    if (migration.status().isRunning(true)) {
      return Optional.of(QemuError.of("device_add not allowed while migrating"));
    }
    try {
      devices.addDimm(id, size, at);
    } catch (QemuAbort abort) {
      aborted();
    }
    return Optional.empty();
  }

  /** Plays what the guest does to the vIOMMU; without one it cannot be played. */
  public ActionResult guest(GuestAction action) {
    if (isOver()) {
      return new ActionResult.Unsupported(ENDED);
    }
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
    if (isOver()) {
      return Optional.of(MigrateCommand.notNow(ENDED));
    }
    Optional<DeviceFinding> refused = migrateCommand.refuse(capabilities);
    if (refused.isPresent()) {
      return refused;
    }
    unlessOver(migration::start);
    if (!hold) {
      unlessOver(migration::complete);
    }
    return Optional.empty();
  }

  /** Lets a held migration go on to its end; without one nothing happens. */
  public void finishMigration() {
    unlessOver(() -> {
      migration.detectError();
      migration.complete();
    });
  }

  /**
   * Collects dirty pages as every iteration of a migration does (R-AS-73); what was found is in
   * {@link #ramDirtyLog}. Without a migration nobody tracks and nothing is found.
   */
  public void syncDirtyPages() {
    unlessOver(machine.facts().memory()::syncDirtyLog);
  }

  /** Which pages of RAM were found dirty; whoever sends them collects them there (R-DT-60). */
  public RamDirtyLog ramDirtyLog() {
    return machine.facts().memory().ramDirtyLog();
  }

  /** Cancels a migration; without one nothing happens. */
  public void cancelMigration() {
    unlessOver(migration::cancel);
  }

  /**
   * Why {@code migrate} would be refused now, oldest blocker first; a device that can never migrate
   * comes last, as in {@code query-migrate} (R-BLK-7). The last one is what {@code migrate} says.
   */
  public List<DeviceFinding> blockedBy() {
    return migrateCommand.blockedBy();
  }

  /** What {@code query-migrate} lists as reasons (R-BLK-7). */
  public List<String> blockedReasons() {
    return migrateCommand.blockedReasons();
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
    return List.copyOf(vfio.containers());
  }

  /** The address spaces in the order of their creation. */
  public List<AddressSpace> addressSpaces() {
    return machine.facts().memory().addressSpaces();
  }

  /** The VFIO devices in the order in which they were realized. */
  public List<VfioDevice> vfioDevices() {
    return List.copyOf(devices.vfioDevices());
  }

  /**
   * The types of the devices that were kept and mean nothing here, in the order found, each once.
   */
  public List<String> unknownDeviceTypes() {
    return devices.unknownTypes();
  }

  /** The VFIO devices as rules see them. */
  public List<VfioDeviceView> deviceViews() {
    List<VfioDeviceView> views = new ArrayList<>();
    devices.vfioDevices().forEach(device -> views.add(new DeviceView(device)));
    return views;
  }

  /** A VFIO device by its id or the name of the host's device. */
  public Optional<VfioDevice> findDevice(String idOrName) {
    return find(idOrName).map(device -> device);
  }

  private Optional<VfioPciDevice> find(String idOrName) {
    return devices.vfioDevices().stream()
        .filter(
            device -> device.id().equals(Optional.of(idOrName)) || device.name().equals(idOrName))
        .findFirst();
  }

  /** Whom the vIOMMU sees when a device makes a request. */
  public PciAddress requester(VfioDevice device) {
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

  /** What rules may know of it. */
  public VmView view() {
    return view;
  }

  private void unlessOver(Runnable step) {
    if (isOver()) {
      return;
    }
    try {
      step.run();
    } catch (QemuAbort abort) {
      aborted();
    }
  }

  private void end(DeviceFinding reason) {
    endedBy = reason;
    exitCode = EXIT_FAILURE;
    events.error(reason.error());
  }

  private void aborted() {
    exitCode = EXIT_ABORT;
  }

  private boolean isOver() {
    if (!booted) {
      throw new IllegalStateException("the VM is not booted yet");
    }
    return exitCode != null;
  }
}
