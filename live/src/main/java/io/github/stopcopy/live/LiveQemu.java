package io.github.stopcopy.live;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A running QEMU as it answered: the VM that it is, as a command line would describe it, and what
 * there is to know beside that. Made with {@link #read}, which only asks; immutable afterwards.
 *
 * {@snippet file="LiveQemuTest.java" region="live"}
 *
 * <p>QEMU does not tell all (R-LIVE, B4). What is inferred or left open is in {@link #notes}: how
 * interrupts are made ({@code kernel-irqchip}), and in which order devices were created, which a
 * command line given beside the answers tells.
 */
public final class LiveQemu {

  /** What {@link #otherOrder} means, in words. */
  public static final String OTHER_ORDER =
      "If its VFIO devices were created before its vIOMMU, which QEMU does not tell, this does not"
          + " serve them";

  private final LiveReading reading;

  private LiveQemu(LiveReading reading) {
    this.reading = reading;
  }

  /**
   * Asks a QEMU, or a record of one.
   *
   * @param source who answers
   * @param plugins who knows the properties of VFIO devices and vIOMMUs
   * @throws InputException if it does not answer, is older than 8.1 or no PC, or has a VFIO device
   *     or vIOMMU that nobody models
   */
  public static LiveQemu read(QmpSource source, Plugins plugins) throws InputException {
    return new LiveQemu(LiveReading.of(source, plugins, Optional.empty()));
  }

  /**
   * The same with the command line that it was started with, which tells the order of devices and
   * what QEMU keeps to itself; what QEMU answers wins.
   *
   * @param started the VM of that command line
   */
  public static LiveQemu read(QmpSource source, Plugins plugins, VmConfig started)
      throws InputException {
    return new LiveQemu(LiveReading.of(source, plugins, Optional.of(started)));
  }

  /** The VM, with the memory that {@code info mtree -f} shows. */
  public VmConfig vm() {
    return reading.vm();
  }

  /**
   * The same VM with its VFIO devices created before its vIOMMU, so that this does not reach them;
   * empty if that cannot be.
   */
  public Optional<VmConfig> otherOrder() {
    return reading.otherOrder();
  }

  /** The release as QEMU says it, and the profile for it. */
  public QemuProfile.Choice profile() {
    return reading.profile();
  }

  /** What QEMU says of itself, e.g. {@code 11.1.3 (Debian 1:11.1.3+ds-1)}. */
  public String version() {
    return reading.version();
  }

  /** Whether the VM runs, in QEMU's word: {@code running}, {@code paused}, {@code prelaunch} ... */
  public String status() {
    return reading.status();
  }

  /** What blocks a migration now, oldest first, in QEMU's words. */
  public List<String> blockedReasons() {
    return reading.blockedReasons();
  }

  /** What the guest has done to its vIOMMU, as steps after the boot; none if it is not in use. */
  public List<Step> guestSteps() {
    return reading.guestSteps();
  }

  /** How it would be migrated now, by the capabilities and parameters that are set. */
  public List<RemedyChange> migrateSettings() {
    return reading.migrateSettings();
  }

  /** What was inferred, assumed or left open, a line each. */
  public List<String> notes() {
    return reading.notes();
  }

  /**
   * Facts of the host completed by what QEMU tells of its devices: BARs, PCI ids, and what its
   * reasons say of migration support.
   *
   * @param known what is known otherwise; it wins
   */
  public HostFacts host(HostFacts known) {
    return complete(known, new BlockedReasons(blockedReasons()));
  }

  /**
   * What {@link #host} concludes from what blocks and what does not, in a line; empty if nothing.
   *
   * @param known what is known otherwise; of that nothing is concluded
   */
  public Optional<String> concluded(HostFacts known) {
    BlockedReasons reasons = new BlockedReasons(blockedReasons());
    complete(known, reasons);
    List<String> learned = reasons.learned();
    return learned.isEmpty()
        ? Optional.empty()
        : Optional.of("Concluded from what QEMU says blocks: " + String.join("; ", learned) + ".");
  }

  private HostFacts complete(HostFacts known, BlockedReasons reasons) {
    HostFactsBuilder builder = known.toBuilder();
    for (LiveDevice device : reading.devices()) {
      device
          .vfioName()
          .ifPresent(name ->
              builder.device(
                  name,
                  reasons.complete(device, reading.bars().complete(device, known.device(name)))));
    }
    return builder.build();
  }

  /** The names of the VFIO devices, as QEMU's texts call them. */
  public List<String> vfioDevices() {
    List<String> names = new ArrayList<>();
    for (DeviceConfig device : vm().devices()) {
      if (VfioDevice.isVfio(device)) {
        VfioDevice.nameOf(device).ifPresent(names::add);
      }
    }
    return List.copyOf(names);
  }

  /**
   * The same QEMU with its devices created as they must have been, where it does not tell but says
   * what it would say in {@link #otherOrder} only. Both are played on the model.
   *
   * @param known what is known of the host
   * @param plugins who models vIOMMUs and device types
   * @throws InputException if the VM makes no sense to the model
   */
  public LiveQemu inKnownOrder(HostFacts known, Plugins plugins) throws InputException {
    if (otherOrder().isEmpty() || agrees(check(vm(), known, plugins))) {
      return this;
    }
    return agrees(check(otherOrder().get(), known, plugins))
        ? new LiveQemu(
            reading.inOtherOrder(
                "The VFIO devices are taken as created before the vIOMMU: only then QEMU says what"
                    + " it says."))
        : this;
  }

  private boolean agrees(MigrationCheck check) throws InputException {
    return compare(check.remedies(false).decide()).agrees();
  }

  /** Holds a decision about this VM against what QEMU says blocks. */
  public BlockerComparison compare(Verdict verdict) {
    return BlockerComparison.of(verdict, blockedReasons(), vfioDevices());
  }

  /**
   * Whether the VM can be migrated as it runs: a check about it that can be asked for more.
   *
   * @param known what is known of the host
   * @param plugins who models vIOMMUs and device types
   */
  public MigrationCheck check(HostFacts known, Plugins plugins) {
    MigrationCheck check = check(vm(), known, plugins).notes(notes());
    check.notes(concluded(known).stream().toList());
    otherOrder().ifPresent(other -> check.mayAlsoBe(other, OTHER_ORDER));
    return check;
  }

  private MigrationCheck check(VmConfig vm, HostFacts known, Plugins plugins) {
    return MigrationCheck.of(vm)
        .profile(profile().profile(), ProfileOrigin.INPUT)
        .host(host(known))
        .plugins(plugins)
        .afterBoot(guestSteps())
        .apply(migrateSettings());
  }

  /** All that was asked and answered. */
  public QmpRecord record() {
    return reading.record();
  }
}
