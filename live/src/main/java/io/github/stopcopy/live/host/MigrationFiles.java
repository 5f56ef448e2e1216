package io.github.stopcopy.live.host;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.vfiopci.driver.DriverAbility;
import io.github.stopcopy.vfiopci.driver.KernelDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a device can do of migration and logging: as debugfs says, else as its driver is known to do
 * (R-HOST C1, C4).
 */
final class MigrationFiles {

  private static final String DEBUGFS = "sys/kernel/debug/vfio/";
  private static final String STOP_COPY = "stop-copy";
  private static final String P2P = "p2p";
  private static final String PRE_COPY = "pre-copy";
  private static final String DIRTY_TRACKING = "dirty-tracking";
  private static final String MIGRATION = "migration";
  private static final String DMA_LOGGING = "dma-logging";
  private static final int MOST_WORDS = 64;

  private final HostTree tree;
  private final Machine machine;
  private final Findings findings;
  private final PciDevice device;
  private final String folder;

  MigrationFiles(HostTree tree, Machine machine, Findings findings, PciDevice device) {
    this.tree = tree;
    this.machine = machine;
    this.findings = findings;
    this.device = device;
    this.folder = DEBUGFS + folderName() + "/";
  }

  /** The kernel names it after the device; where VFIO has a name of its own, that is tried too. */
  private String folderName() {
    boolean isAddress = tree.look(DEBUGFS + device.address()) instanceof Reading.Found;
    return device
        .vfioName()
        .filter(name -> !isAddress && tree.look(DEBUGFS + name) instanceof Reading.Found)
        .orElse(device.address());
  }

  void read(HostDeviceBuilder facts) {
    if (!device.isBoundToVfio()) {
      String better =
          "bind it to a VFIO driver: driverctl set-override " + device.address() + " NAME";
      findings.unknown(device.address(), MIGRATION, "", better);
      findings.unknown(device.address(), DMA_LOGGING, "", better);
      return;
    }
    String file = folder + "migration/features";
    Reading features = tree.read(file);
    Optional<Set<String>> words = features.text().flatMap(MigrationFiles::words);
    if (words.isPresent()) {
      told(facts, words.get(), "/" + file);
      return;
    }
    Reading migration = tree.look(folder + "migration");
    boolean hasNone =
        migration instanceof Reading.Missing
            && tree.look(folder) instanceof Reading.Found
            && machine.isFrom(6, 8).orElse(true);
    if (hasNone) {
      facts.migration(MigrationSupport.failing(Errno.ENOTTY));
      findings.known(
          device.address(), MIGRATION, "none", Findings.DEBUGFS, "no /" + folder + "migration");
    }
    assume(facts, migration, hasNone);
  }

  /** The words of the file; empty if it is none of the kernel's. */
  private static Optional<Set<String>> words(String text) {
    String[] all = text.toLowerCase(Locale.ROOT).replace('_', '-').split("[\\s,|]+", MOST_WORDS);
    boolean areWords = Arrays.stream(all).allMatch(word -> word.matches("[a-z0-9-]{1,32}"));
    Set<String> words = new TreeSet<>(Arrays.asList(all));
    return areWords && words.contains(STOP_COPY) ? Optional.of(words) : Optional.empty();
  }

  private void told(HostDeviceBuilder facts, Set<String> words, String source) {
    MigrationSupport migration =
        MigrationSupport.of(true, words.contains(P2P), words.contains(PRE_COPY));
    boolean logs = words.contains(DIRTY_TRACKING);
    facts.migration(migration);
    facts.dmaLogging(logs ? DmaLogging.SUPPORTED : DmaLogging.NONE);
    findings.known(device.address(), MIGRATION, text(migration), Findings.DEBUGFS, source);
    findings.known(device.address(), DMA_LOGGING, yesNo(logs), Findings.DEBUGFS, source);
    words.removeAll(Set.of(STOP_COPY, P2P, PRE_COPY, DIRTY_TRACKING));
    if (!words.isEmpty()) {
      findings.note(
          device.address(),
          source
              + " tells features that this program does not know: "
              + words.stream().limit(5).collect(Collectors.joining(", ")));
    }
  }

  /** Takes what was not told from the table of drivers. */
  private void assume(HostDeviceBuilder facts, Reading migration, boolean isMigrationKnown) {
    Optional<KernelDriver> driver = device.knownDriver();
    boolean isPhysical =
        tree.look(device.file("sriov_totalvfs")) instanceof Reading.Found
            && !(tree.look(device.file("physfn")) instanceof Reading.Found);
    if (driver.isEmpty() || (isPhysical && driver.get() != KernelDriver.VFIO_PCI)) {
      String source =
          driver.isEmpty()
              ? "nothing is known of its driver"
              : "it is no virtual function, which " + driver.get().driver() + " is for";
      if (!isMigrationKnown) {
        findings.unknown(device.address(), MIGRATION, source, better());
      }
      findings.unknown(device.address(), DMA_LOGGING, source, better());
      return;
    }
    DriverAbility ability = driver.get().with(machine.release());
    boolean hasOperations = migration instanceof Reading.Found;
    if (hasOperations && ability.migration().error().isPresent()) {
      ability = driver.get().newest(); // a distribution brought it back
    }
    String source = "what " + driver.get().driver() + " is known to do, " + driver.get().source();
    if (!isMigrationKnown && hasOperations && ability.migration().error().isPresent()) {
      findings.unknown(
          device.address(), MIGRATION, "it can do something, which debugfs does not say", better());
    } else if (!isMigrationKnown) {
      facts.migration(ability.migration()).assumed(Fact.MIGRATION);
      findings.assumed(
          device.address(),
          MIGRATION,
          text(ability.migration()),
          Findings.DRIVER_TABLE,
          source,
          better());
    }
    boolean logs = ability.dmaLogging().supported();
    facts.dmaLogging(ability.dmaLogging()).assumed(Fact.DMA_LOGGING);
    findings.assumed(
        device.address(),
        DMA_LOGGING,
        yesNo(logs) + (logs && driver.get() == KernelDriver.MLX5 ? ", if its firmware can" : ""),
        Findings.DRIVER_TABLE,
        source,
        better());
  }

  private String better() {
    String file = "/" + DEBUGFS + device.address() + "/migration/features";
    String probe = "the probe while no VM has the device";
    if (machine.isFrom(6, 18).orElse(true)) {
      return tree.read(folder + "migration/features") instanceof Reading.Denied
          ? "root, who can read " + file
          : "root, debugfs and a kernel with CONFIG_VFIO_DEBUGFS, for " + file + "; or " + probe;
    }
    return "Linux 6.18 or newer, for " + file + "; or " + probe;
  }

  static String text(MigrationSupport migration) {
    if (migration.error().filter(error -> error != Errno.ENOTTY).isPresent()) {
      return "fails with " + migration.error().get();
    }
    List<String> features = new ArrayList<>();
    if (migration.stopCopy()) {
      features.add(STOP_COPY);
    }
    if (migration.p2p()) {
      features.add(P2P);
    }
    if (migration.preCopy()) {
      features.add(PRE_COPY);
    }
    return features.isEmpty() ? "none" : String.join(", ", features);
  }

  static String yesNo(boolean value) {
    return value ? "yes" : "no";
  }
}
