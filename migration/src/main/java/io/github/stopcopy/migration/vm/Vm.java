package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.RamDirtyLog;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A VM that is played: booted first, then changed and migrated on the model. What it does goes to
 * its event log; the methods answer what a management program would be told. Once QEMU has ended
 * nothing happens any more and commands are answered with an error that says so. What a plugin
 * throws is a {@link PluginFailure}. Not thread-safe.
 *
 * {@snippet file="PlayTest.java" region="vm"}
 */
public final class Vm {

  private static final String ENDED = "QEMU has ended";

  private final VmConfig config;
  private final QemuLifetime qemu;
  private final Machine machine;
  private final OutgoingMigration migration;
  private final MigrateCommand migrateCommand;
  private final VmView view;
  private final VfioSubsystem vfio;
  private final Result<MemoryPlan> plan;
  private final DeviceRealizer devices;
  private final VmListeners listeners;
  private final DeviceBars bars;
  private final PlugCommands plugs;

  Vm(VmParts parts) {
    this.config = parts.config();
    this.qemu = new QemuLifetime(parts.events(), parts.vfio()::hasAborted);
    this.machine = parts.machine();
    this.migration = parts.migration();
    this.migrateCommand = parts.migrateCommand();
    this.view = parts.view();
    this.vfio = parts.vfio();
    this.plan = parts.plan();
    this.devices = parts.devices();
    this.listeners = parts.listeners();
    this.bars = parts.bars();
    this.plugs = new PlugCommands(devices, bars, migration);
  }

  /** Collects what a VM is played with. */
  public static VmBuilder builder(VmConfig config) {
    return new VmBuilder(config);
  }

  /**
   * Starts QEMU: realizes the devices in order, asks the vIOMMU once all are there, resets, and
   * lets the firmware finish if it is known what it leaves behind.
   *
   * @throws InputException if the description makes no sense to the model
   * @throws IllegalStateException if it was booted before
   */
  public void boot() throws InputException {
    qemu.begin();
    Optional<DeviceFinding> refused = qemu.play(Optional.empty(), this::start);
    refused.ifPresent(qemu::end);
  }

  /** Why QEMU exits instead, if it does. */
  private Optional<DeviceFinding> start() throws InputException {
    if (config.refusedOption().isPresent()) {
      QemuError error = config.refusedOption().get();
      return Optional.of(DeviceFinding.of(Cause.OPTION_REFUSED, Optional.empty(), error));
    }
    Optional<DeviceFinding> refused = machine.refuse(plan);
    if (refused.isPresent()) {
      return refused;
    }
    LowRamWarnings.of(config).forEach(machine.facts().events()::warning);
    MemoryPlan layout = ((Result.Ok<MemoryPlan>) plan).value();
    machine.map().show(layout.atRealize());
    for (DeviceConfig device : config.devices()) {
      refused = devices.realize(device);
      if (refused.isPresent()) {
        return refused;
      }
    }
    refused = devices.machineDone();
    if (refused.isPresent()) {
      return refused;
    }
    machine.map().show(layout.afterReset());
    if (!config.incoming()) {
      migration.runVm();
    }
    layout.afterFirmware().ifPresent(machine.map()::show);
    return Optional.empty();
  }

  /**
   * Plays {@code device_add} for a device; the answer is the command's error.
   *
   * @throws InputException if the description makes no sense to the model
   */
  public Optional<QemuError> deviceAdd(DeviceConfig device) throws InputException {
    return qemu.isOver()
        ? Optional.of(QemuError.of(ENDED))
        : qemu.play(Optional.empty(), () -> plugs.add(device));
  }

  /**
   * Plays {@code device_del}; the answer is the command's error.
   *
   * @param id the id or name of a VFIO device
   * @param released whether the guest lets go of it; else it stays
   * @throws InputException if the device is there, but is none of VFIO's
   */
  public Optional<QemuError> deviceDel(String id, boolean released) throws InputException {
    return qemu.isOver()
        ? Optional.of(QemuError.of(ENDED))
        : qemu.play(Optional.empty(), () -> plugs.remove(id, released));
  }

  /**
   * Plugs a DIMM; the answer is the command's error.
   *
   * @param id its id
   * @param size in bytes
   * @param at its guest address; empty: where QEMU puts it
   * @throws InputException if the description makes no sense to the model
   */
  public Optional<QemuError> memoryAdd(String id, long size, Optional<Long> at)
      throws InputException {
    return qemu.isOver()
        ? Optional.of(QemuError.of(ENDED))
        : qemu.play(Optional.empty(), () -> plugs.addDimm(id, size, at));
  }

  /** Plays what the guest does to the vIOMMU; without one it cannot be played. */
  public ActionResult guest(GuestAction action) {
    if (qemu.isOver()) {
      return new ActionResult.Unsupported(ENDED);
    }
    Optional<VirtualIommu> viommu = devices.virtualIommu();
    if (viommu.isEmpty()) {
      return new ActionResult.Unsupported("the VM has no vIOMMU");
    }
    return qemu.play(
        new ActionResult.Done(),
        () -> {
          ActionResult result = viommu.get().guest(action);
          migration.detectError();
          return result;
        });
  }

  /**
   * Plays {@code migrate}; the answer is the command's error (R-BLK-5, R-BLK-6). The guest lets go
   * of failover primaries when it is asked to.
   *
   * @param capabilities what is switched on
   * @param mode the mode; the guest is suspended before {@link MigrationMode#CPR_REBOOT}
   * @param hold whether it stays active, as on a slow link
   */
  public Optional<DeviceFinding> migrate(
      Set<String> capabilities, MigrationMode mode, boolean hold) {
    if (qemu.isOver()) {
      return Optional.of(MigrateCommand.notNow(ENDED));
    }
    Optional<DeviceFinding> refused = migrateCommand.refuse(capabilities, mode);
    if (refused.isPresent()) {
      return refused;
    }
    qemu.playUnlessOver(
        () -> migration.start(mode, capabilities.contains("multifd"), devices.leavingPrimaries()));
    if (!hold) {
      qemu.playUnlessOver(migration::complete);
    }
    return Optional.empty();
  }

  /** Plays {@code migrate} in the normal mode. */
  public Optional<DeviceFinding> migrate(Set<String> capabilities, boolean hold) {
    return migrate(capabilities, MigrationMode.NORMAL, hold);
  }

  /**
   * The guest's virtio-net drivers accept VIRTIO_NET_F_STANDBY: failover primaries that were hidden
   * are plugged, and those that come later are not hidden (R-OBS-115).
   *
   * @throws InputException if the description of one makes no sense to the model
   */
  public void acceptStandby() throws InputException {
    if (!qemu.isOver()) {
      qemu.play(
          true,
          () -> {
            devices.acceptStandbys();
            return true;
          });
    }
  }

  /** The assigned devices that fail over, hidden ones last. */
  public List<FailoverPrimary> failoverPrimaries() {
    return devices.failoverPrimaries();
  }

  /** Lets a held migration go on to its end; without one nothing happens. */
  public void finishMigration() {
    qemu.playUnlessOver(() -> {
      migration.detectError();
      migration.complete();
    });
  }

  /**
   * Collects dirty pages as every iteration of a migration does (R-AS-73); what was found is in
   * {@link #ramDirtyLog}. Without a migration nobody tracks and nothing is found. A migration whose
   * dirty pages cannot be collected fails at the end of the iteration (R-MIG-13).
   */
  public void syncDirtyPages() {
    qemu.playUnlessOver(() -> {
      machine.facts().memory().syncDirtyLog();
      migration.detectError();
    });
  }

  /**
   * The guest moves a BAR, with memory decoding on, or turns it off. Ranges that devices log are
   * not asked for anew.
   *
   * @param device a device of this VM
   * @param number the BAR, 0 to 5
   * @param at the guest physical address, a multiple of the BAR's size; empty: it is off
   * @throws InputException if the host facts know no such BAR in memory, or it cannot be there
   */
  public void moveBar(VfioDevice device, int number, Optional<Long> at) throws InputException {
    if (qemu.isOver()) {
      return;
    }
    VfioPciDevice moved = devices.assigned().find(device.name()).orElseThrow();
    qemu.play(
        true,
        () -> {
          bars.move(moved, number, at);
          migration.detectError();
          return true;
        });
  }

  /** Which pages of RAM were found dirty; whoever sends them collects them there (R-DT-60). */
  public RamDirtyLog ramDirtyLog() {
    return machine.facts().memory().ramDirtyLog();
  }

  /** Cancels a migration; without one nothing happens. */
  public void cancelMigration() {
    qemu.playUnlessOver(migration::cancel);
  }

  /** Its side of a migration that comes in, and of what an outgoing one sends. */
  public DeviceStates deviceStates() {
    return new DeviceStates(devices, migration, qemu);
  }

  /** The memory listeners that look on; more can join at any time. */
  public VmListeners listeners() {
    return listeners;
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
    return qemu.exitCode();
  }

  /** Why QEMU ended, unless it aborted. */
  public Optional<DeviceFinding> endedBy() {
    return qemu.endedBy();
  }

  /** The containers in the order of their creation. */
  public List<VfioContainer> containers() {
    return vfio.containers();
  }

  /** The address spaces in the order of their creation. */
  public List<AddressSpace> addressSpaces() {
    return machine.facts().memory().addressSpaces();
  }

  /** How many runs all address spaces show together; one that several show counts for each. */
  public long visibleRanges() {
    return machine.facts().memory().visibleRanges();
  }

  /** The VFIO devices in the order in which they were realized. */
  public List<VfioDevice> vfioDevices() {
    return List.copyOf(devices.assigned().devices());
  }

  /**
   * The VFIO devices that are not behind the vIOMMU only because QEMU made them before it, in the
   * order in which they were realized (R-LST-1).
   */
  public List<VfioDevice> devicesBeforeVirtualIommu() {
    return List.copyOf(devices.assigned().beforeVirtualIommu());
  }

  /** The VFIO devices as rules see them. */
  public List<VfioDeviceView> deviceViews() {
    List<VfioDeviceView> views = new ArrayList<>();
    devices.assigned().devices().forEach(device -> views.add(new DeviceView(device)));
    return views;
  }

  /** A VFIO device by its id or the name of the host's device. */
  public Optional<VfioDevice> findDevice(String idOrName) {
    return devices.assigned().find(idOrName).map(device -> device);
  }

  /** Whom the vIOMMU sees when a device makes a request. */
  public PciAddress requester(VfioDevice device) {
    return devices.assigned().placement(device).requester();
  }

  /** How far the vIOMMU could translate; empty without one. */
  public Optional<IovaLimits> virtualIommuLimits() {
    return devices.virtualIommu().map(VirtualIommu::limits);
  }

  /** Whether the addresses of BARs are known. */
  public boolean areBarsKnown() {
    return plan instanceof Result.Ok<MemoryPlan> ok && ok.value().afterFirmware().isPresent();
  }

  /**
   * Whether a vIOMMU does not block only because all devices have {@code x-migration-iommu-pt=on},
   * and a guest that uses it makes a migration fail.
   */
  public boolean isVirtualIommuRelaxed() {
    return vfio.allIommuPassthrough()
        && virtualIommuLimits().map(IovaLimits::canTranslate).orElse(false)
        && containers().stream().anyMatch(VfioContainer::isBehindVirtualIommu);
  }

  /** The type of the vIOMMU; empty without one. */
  public Optional<String> virtualIommuType() {
    return devices.virtualIommuType();
  }

  /** What rules may know of it. */
  public VmView view() {
    return view;
  }
}
