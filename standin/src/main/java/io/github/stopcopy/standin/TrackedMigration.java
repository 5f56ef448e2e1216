package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Migrates a small VM between two real QEMUs while its VFIO devices write into its RAM, with a
 * {@link DirtyTracker} behind each device, and compares the RAM of both at the end: a tracker that
 * loses a write is caught by bytes that are not at the destination.
 *
 * <p>The VM's processor halts at once, so that only devices write. They write by a seeded plan, on
 * both sides of 4 GiB, from single bytes to some MiB; QEMU looks for dirty pages all the while.
 * When enough was written QEMU may pause the VM, and devices write on until they are stopped. Both
 * QEMUs, their sockets and files belong to the session, which ends and deletes them however this
 * ends. All waits end.
 *
 * {@snippet file="TrackedRunTest.java" region="tracked"}
 *
 * <p>Immutable; may be run several times, also at once.
 */
public final class TrackedMigration {

  /** How many writes there are while the migration runs, if nobody says. */
  public static final int USUAL_WRITES = 10_000;

  private static final int BATCH = 32;

  /** How many of the latest writes are looked up in the source's RAM. */
  private static final int CHECKED_WRITES = 64;

  private static final int MEGABYTES_BELOW_4G = 32;
  private static final int MEGABYTES_ABOVE_4G = 32;

  /**
   * So that it takes some windows of 100 ms to send the RAM once: before the first has passed QEMU
   * takes having sent all that it knows of for the end (R-MIG-21, R-MIG-22).
   */
  private static final long STEADY = 200_000_000;

  private static final long FAST = 1L << 40;
  private static final long SHORT_DOWNTIME_MILLIS = 1;
  private static final long ANY_DOWNTIME_MILLIS = 2_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration PATIENCE_PER_WRITE = Duration.ofMillis(5);
  private static final int POLL_MILLIS = 5;

  /** A write that is not told of can only be seen if its page was sent before. */
  private static final int LEAST_SYNCS = 8;

  private static final Set<String> FAILED = Set.of("failed", "cancelled");

  private final StandinSession session;
  private final QemuBinary binary;
  private final StandinLibrary library;
  private final TrackerSource trackers;
  private final int devices;
  private final boolean iommufd;
  private final int writes;
  private final long seed;

  /** Opens the tracker of one device. */
  @FunctionalInterface
  public interface TrackerSource {
    /**
     * Opens a tracker that logs nothing yet.
     *
     * @throws InputException if it cannot be opened
     */
    DirtyTracker open(TrackerConfig config) throws InputException;
  }

  private TrackedMigration(
      StandinSession session,
      QemuBinary binary,
      StandinLibrary library,
      TrackerSource trackers,
      int devices,
      boolean iommufd,
      int writes,
      long seed) {
    this.session = session;
    this.binary = binary;
    this.library = library;
    this.trackers = trackers;
    this.devices = devices;
    this.iommufd = iommufd;
    this.writes = writes;
    this.seed = seed;
  }

  /**
   * A migration of a VM with two devices, {@link #USUAL_WRITES} writes and seed 1, through a type1
   * container.
   *
   * @param session what all is started in
   * @param binary the QEMU of both sides
   * @param library the stand-in
   * @param trackers opens a tracker for each device
   */
  public static TrackedMigration of(
      StandinSession session, QemuBinary binary, StandinLibrary library, TrackerSource trackers) {
    return new TrackedMigration(session, binary, library, trackers, 2, false, USUAL_WRITES, 1);
  }

  /**
   * With so many devices.
   *
   * @param count 1 to 16
   */
  public TrackedMigration devices(int count) {
    check(count >= 1 && count <= 16, count + " devices, expected 1 to 16");
    return new TrackedMigration(session, binary, library, trackers, count, iommufd, writes, seed);
  }

  /** With devices that are opened through iommufd, which QEMU knows from 9.0 on. */
  public TrackedMigration iommufd(boolean wanted) {
    return new TrackedMigration(session, binary, library, trackers, devices, wanted, writes, seed);
  }

  /**
   * With so many writes at least while the migration runs.
   *
   * @param count 1 to 1000000
   */
  public TrackedMigration writes(int count) {
    check(count >= 1 && count <= 1_000_000, count + " writes, expected 1 to 1000000");
    return new TrackedMigration(session, binary, library, trackers, devices, iommufd, count, seed);
  }

  /** With another seed, and so other writes. */
  public TrackedMigration seed(long number) {
    return new TrackedMigration(
        session, binary, library, trackers, devices, iommufd, writes, number);
  }

  private static void check(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }

  /** What was written so far. */
  private static final class Written {
    private final List<DmaWrite> all = new ArrayList<>();
    private final Set<String> stopped = new HashSet<>();
    private int whileMigrating;
    private long bytes;
  }

  /**
   * Plays it once. A migration that fails and a QEMU that ends or hangs are results.
   *
   * @throws InputException if a tracker cannot be opened
   * @throws IOException if QEMU cannot be started, or files cannot be written or read
   */
  public TrackedResult run() throws InputException, IOException {
    long begin = System.nanoTime();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= devices; i++) {
      names.add(String.format("0000:%02x:00.0", i));
    }
    TrackedSetup setup = new TrackedSetup(names, iommufd, MEGABYTES_BELOW_4G, MEGABYTES_ABOVE_4G);
    Path sourceFolder = session.newFolder();
    Path targetFolder = session.newFolder();
    Path stream = targetFolder.resolve("stream");
    Written written = new Written();
    try (TrackerServer server =
            TrackerServer.open(sourceFolder.resolve(TrackedVm.TRACKER), open(names));
        TrackedVm target = vm(targetFolder, setup, List.of("-S", "-incoming", "unix:" + stream));
        TrackedVm source = vm(sourceFolder, setup, List.of())) {
      RamComparison ram = new RamComparison();
      Optional<String> failure = Optional.empty();
      long syncs = 0;
      try {
        target.connect();
        source.connect();
        failure = migrate(server, source, target, stream, written, names);
        if (failure.isEmpty()) {
          syncs = source.syncs();
          failure = compare(source, target, written, ram);
        }
      } catch (QemuRun.Ended ended) {
        failure =
            Optional.of(
                (ended.isHang() ? "QEMU hangs: " : "QEMU: ")
                    + ended.getMessage()
                    + said("source", source)
                    + said("destination", target));
      }
      Optional<String> all = failure.or(() -> notAsked(names, server));
      failure = server.failure().or(() -> all);
      int reports = 0;
      for (String name : names) {
        reports += server.asked(name).reports();
      }
      return new TrackedResult(
          seed,
          failure,
          written.whileMigrating,
          written.bytes,
          reports,
          syncs,
          ram.bytes(),
          ram.differingBytes(),
          ram.differing(),
          latest(ram.differing(), written),
          Duration.ofNanos(System.nanoTime() - begin));
    }
  }

  private TrackedVm vm(Path folder, TrackedSetup setup, List<String> more) throws IOException {
    return TrackedVm.start(session, binary, library, folder, setup, more);
  }

  private Map<String, DirtyTracker> open(List<String> names) throws InputException {
    Map<String, DirtyTracker> all = new LinkedHashMap<>();
    for (String name : names) {
      all.put(name, trackers.open(new TrackerConfig(name, 4096, Map.of())));
    }
    return all;
  }

  private static String said(String who, TrackedVm vm) throws IOException {
    String complaint = vm.complaint();
    return complaint.isEmpty() ? "" : "; the " + who + " says: " + complaint;
  }

  /** Writes and migrates until the RAM of both sides may be compared; else says why not. */
  private Optional<String> migrate(
      TrackerServer server,
      TrackedVm source,
      TrackedVm target,
      Path stream,
      Written written,
      List<String> names)
      throws QemuRun.Ended, IOException {
    List<AddressRange> ram = source.writable();
    if (!server.awaitConnection(PATIENCE) || ram.isEmpty()) {
      return Optional.of("no device of the stand-in has RAM to write to");
    }
    WritePlan plan = new WritePlan(seed, names, ram);
    Optional<String> problem = write(server, plan.all(), written);
    written.whileMigrating = 0;
    written.bytes = 0;
    // else a moment without writes is a bandwidth of 0, and that what QEMU takes for the end; it
    // looks for dirty pages before it ends in releases without this
    source.prefer("avail-switchover-bandwidth", STEADY);
    limit(source, STEADY, SHORT_DOWNTIME_MILLIS);
    source.order(QmpCommand.of("migrate").with("uri", "unix:" + stream));
    Duration patience = PATIENCE.plus(PATIENCE_PER_WRITE.multipliedBy(writes));
    long deadline = System.nanoTime() + patience.toNanos();
    boolean isSentOnce = false;
    boolean mayEnd = false;
    while (problem.isEmpty() && written.stopped.size() < names.size()) {
      problem = write(server, plan.next(BATCH), written);
      String status = source.migrationStatus();
      long syncs = source.syncs();
      if (FAILED.contains(status)) {
        problem = Optional.of("the migration is " + status + said("source", source));
      } else if (System.nanoTime() - deadline > 0) {
        problem = Optional.of("the migration does not end in time, it is " + status);
      } else if (!isSentOnce && syncs > 1) {
        limit(source, FAST, SHORT_DOWNTIME_MILLIS);
        isSentOnce = true;
      } else if (!mayEnd && written.whileMigrating >= writes && syncs >= LEAST_SYNCS) {
        limit(source, FAST, ANY_DOWNTIME_MILLIS);
        mayEnd = true;
      }
    }
    if (problem.isEmpty() && !mayEnd) {
      problem = Optional.of("the devices were stopped before all was written");
    }
    return problem.isPresent() ? problem : end(source, target);
  }

  private static Optional<String> end(TrackedVm source, TrackedVm target)
      throws QemuRun.Ended, IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (TrackedVm side : List.of(source, target)) {
      String status = side.migrationStatus();
      while (!status.equals("completed")) {
        if (FAILED.contains(status) || System.nanoTime() - deadline > 0) {
          return Optional.of(
              "the migration is " + status + said("source", source) + said("destination", target));
        }
        QemuRun.sleep(POLL_MILLIS);
        status = side.migrationStatus();
      }
    }
    return Optional.empty();
  }

  private static void limit(TrackedVm source, long bytesPerSecond, long mostMillis)
      throws QemuRun.Ended {
    source.order(
        QmpCommand.of("migrate-set-parameters")
            .with("max-bandwidth", QmpValue.of(bytesPerSecond))
            .with("downtime-limit", QmpValue.of(mostMillis)));
  }

  private static Optional<String> write(
      TrackerServer server, List<DmaWrite> writes, Written written) {
    List<Optional<Errno>> answers;
    try {
      answers = server.dmaWrite(writes);
    } catch (IOException broken) {
      return Optional.of("the stand-in takes no writes: " + broken.getMessage());
    }
    for (int i = 0; i < writes.size(); i++) {
      DmaWrite write = writes.get(i);
      Optional<Errno> errno = answers.get(i);
      if (errno.isEmpty()) {
        written.all.add(write);
        written.whileMigrating++;
        written.bytes += write.length();
      } else if (errno.get() == Errno.EBUSY) {
        written.stopped.add(write.device());
      } else {
        return Optional.of("the stand-in answers " + errno.get() + " where " + write);
      }
    }
    return Optional.empty();
  }

  /** What a tracker was not asked, though all else went well: then nothing would be shown. */
  private static Optional<String> notAsked(List<String> names, TrackerServer server) {
    for (String name : names) {
      TrackerServer.Asked asked = server.asked(name);
      if (asked.starts() == 0 || asked.reports() == 0) {
        return Optional.of("QEMU did not have " + name + " log its writes: " + asked);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> compare(
      TrackedVm source, TrackedVm target, Written written, RamComparison ram)
      throws QemuRun.Ended, IOException {
    for (AddressRange range : source.writable()) {
      Path saved = source.save(range);
      Optional<DmaWrite> missing = missing(range, saved, written.all);
      if (missing.isPresent()) {
        return Optional.of("the bytes are not in the source's RAM though " + missing.get());
      }
      ram.compare(range, saved, target.save(range));
    }
    return Optional.empty();
  }

  /** One of the latest writes that the source's RAM does not hold: then nothing would be shown. */
  private static Optional<DmaWrite> missing(AddressRange ram, Path saved, List<DmaWrite> all)
      throws IOException {
    List<AddressRange> later = new ArrayList<>();
    try (FileChannel file = FileChannel.open(saved)) {
      for (int i = all.size() - 1; i >= Math.max(0, all.size() - CHECKED_WRITES); i--) {
        DmaWrite write = all.get(i);
        AddressRange range = write.written();
        if (ram.contains(range)) {
          byte[] bytes = new byte[(int) write.length()];
          file.position(range.first() - ram.first());
          RamComparison.read(file, bytes, bytes.length);
          for (int k = 0; k < bytes.length; k++) {
            long at = range.first() + k;
            if (bytes[k] != write.byteAt(at) && later.stream().noneMatch(it -> it.contains(at))) {
              return Optional.of(write);
            }
          }
          later.add(range);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<DmaWrite> latest(List<AddressRange> lost, Written written) {
    for (int i = written.all.size() - 1; i >= 0 && !lost.isEmpty(); i--) {
      if (written.all.get(i).written().contains(lost.get(0).first())) {
        return Optional.of(written.all.get(i));
      }
    }
    return Optional.empty();
  }
}
