package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.StandinSession;
import io.github.stopcopy.standin.TrackedMigration;
import io.github.stopcopy.standin.TrackedResult;
import io.github.stopcopy.testkit.ReferenceTracker;
import io.github.stopcopy.testkit.TrackerFault;
import io.github.stopcopy.testkit.qemu.QemuDirtyTrackerContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trackers behind the devices of real QEMUs: honest ones lose no byte, liars do. By default each
 * honest tracker has one migration with 1,000 writes, two of them through type1 and two on iommufd,
 * and three liars are caught. {@code -Dstopcopy.qemu.migrations=20 -Dstopcopy.qemu.writes=10000}
 * plays all: twenty migrations of each tracker through each of the two, eight liars.
 */
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(value = 60, unit = TimeUnit.MINUTES) // a hang is a failure
class TrackedMigrationTest {

  private static final int FEW_WRITES = 1000;

  /** Those of the liars that are caught by default too. */
  private static final Set<TrackerFault> FEW_LIARS =
      Set.of(
          TrackerFault.LOSES_FEW_WRITES,
          TrackerFault.LOSES_LAST_PAGE_OF_REPORT,
          TrackerFault.CLEARS_BITMAP);

  private static final Pattern PRIVATE_FOLDER =
      Pattern.compile("/[^ ,=]*/stopcopy-standin-[^ ,/]+");

  private static Optional<QemuBinary> binary = Optional.empty();
  private static Optional<StandinLibrary> library = Optional.empty();
  private static StandinSession session;

  @BeforeAll
  static void findsQemuAndACompiler() throws Exception {
    session = StandinSession.open();
    Optional<String> program = RealQemu.program();
    if (program.isPresent()) {
      binary = Optional.of(QemuBinary.probe(program.get(), Optional.empty(), session));
      try {
        library = Optional.of(StandinLibrary.inUserCache());
      } catch (InputException noCompiler) {
        System.out.println("skipped: " + noCompiler.getMessage());
      }
    }
  }

  @AfterAll
  static void ends() {
    session.close();
    assertThat(qemus()).isEmpty();
  }

  /** Skips what takes long, unless the number of migrations is given. */
  private static void isForALongRun(boolean isLong) {
    assumeTrue(
        !isLong || Integer.getInteger(QemuDirtyTrackerContract.MIGRATIONS_PROPERTY) != null,
        "played with -D" + QemuDirtyTrackerContract.MIGRATIONS_PROPERTY + "=N");
  }

  private static List<ProcessHandle> qemus() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("halt.bin"))
        .toList();
  }

  /** Played on what {@link RealQemu} finds, in the default build with fewer writes. */
  abstract static class OfTheProject extends QemuDirtyTrackerContract {

    private final String name;
    private final boolean iommufd;

    /**
     * A tracker.
     *
     * @param name by which it is found
     * @param iommufd which of both cases is played by default
     */
    OfTheProject(String name, boolean iommufd) {
      this.name = name;
      this.iommufd = iommufd;
    }

    @BeforeEach
    void isOneOfBoth(TestInfo test) {
      String played = test.getTestMethod().orElseThrow().getName();
      isForALongRun(played.equals("noByteIsLostOnIommufd") != iommufd);
    }

    @Override
    protected DirtyTracker open(TrackerConfig config) throws InputException {
      return Plugins.load().dirtyTrackers().named("dirty tracker", name).open(config);
    }

    @Override
    protected Optional<String> qemu() {
      return binary.map(found -> found.program().toString());
    }

    @Override
    protected int writes() {
      return Integer.getInteger(WRITES_PROPERTY, FEW_WRITES);
    }
  }

  @Nested
  class DeviceLog extends OfTheProject {
    DeviceLog() {
      super("device-log", false);
    }
  }

  @Nested
  class Mlx5 extends OfTheProject {
    Mlx5() {
      super("mlx5", true);
    }
  }

  @Nested
  class Pds extends OfTheProject {
    Pds() {
      super("pds", false);
    }
  }

  @Nested
  class AllDirty extends OfTheProject {
    AllDirty() {
      super("all-dirty", true);
    }
  }

  private static TrackedMigration migration(
      StandinSession in, TrackedMigration.TrackerSource trackers) {
    assumeTrue(binary.isPresent() && library.isPresent(), "no QEMU or no C compiler");
    return TrackedMigration.of(in, binary.get(), library.get(), trackers).writes(FEW_WRITES);
  }

  private static TrackedMigration migration(TrackerFault fault) {
    return migration(session, config -> fault.inject(new ReferenceTracker()));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "LOSES_FEW_WRITES",
        "LOSES_LAST_PAGE_OF_RANGE",
        "LOGS_FIRST_PAGE_ONLY",
        "LOSES_LAST_BIT_OF_WORD",
        "LOSES_LAST_PAGE_OF_REPORT",
        "FORGETS_REST_OF_RANGE",
        "CLEARS_BITMAP",
        "COUNTS_BITS_FROM_START_RANGE"
      })
  void aLiarIsCaughtByBytesThatAreNotThere(TrackerFault fault) throws Exception {
    isForALongRun(!FEW_LIARS.contains(fault));
    TrackedResult result = migration(fault).run();
    System.out.println(fault + ": " + result);
    assertThat(result.failure()).isEmpty();
    assertThat(result.isLossless()).isFalse();
    assertThat(result.lostBytes()).isPositive();
    assertThat(result.lost()).isNotEmpty();
    assertThat(result.latest().orElseThrow().written().contains(result.lost().get(0).first()))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSES_START", "WANTS_START_RANGES"})
  void aTrackerThatRefusesFailsTheMigrationAndThatShowsNothing(TrackerFault fault)
      throws Exception {
    isForALongRun(fault != TrackerFault.REFUSES_START);
    TrackedResult result = migration(fault).run();
    assertThat(result.failure())
        .get()
        .asString()
        .contains("the migration is failed", "DMA logging");
    assertThat(result.isLossless()).isFalse();
    assertThat(result.bytesCompared()).isZero();
  }

  /** Both with their own QEMUs, of which one is killed: that is a result, and the other goes on. */
  @Test
  void twoAtOnceDoNotDisturbEachOther() throws Exception {
    TrackedMigration one = migration(session, config -> new ReferenceTracker()).writes(1_000_000);
    TrackedMigration other = migration(session, config -> new ReferenceTracker()).seed(2);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Future<TrackedResult> killed = pool.submit(one::run);
      List<ProcessHandle> first = List.of();
      while (first.size() < 2) {
        Thread.sleep(20);
        first = qemus();
      }
      Future<TrackedResult> whole = pool.submit(other::run);
      Thread.sleep(1000);
      first.forEach(ProcessHandle::destroyForcibly);
      assertThat(killed.get(1, TimeUnit.MINUTES).failure()).isPresent();
      assertThat(whole.get(2, TimeUnit.MINUTES).isLossless()).isTrue();
    } finally {
      pool.shutdownNow();
    }
    assertThat(qemus()).isEmpty();
  }

  /** The private folders that are named among the words of processes. */
  private static List<Path> filesOf(List<ProcessHandle> processes) {
    List<Path> all = new ArrayList<>();
    for (ProcessHandle process : processes) {
      Matcher folder = PRIVATE_FOLDER.matcher(process.info().commandLine().orElse(""));
      if (folder.find()) {
        all.add(Path.of(folder.group()));
      }
    }
    return all;
  }

  /** As the hook does that runs at Ctrl-C. */
  @Test
  void aSessionThatIsClosedEndsBothQemus() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(1);
    StandinSession own = StandinSession.open();
    try {
      TrackedMigration endless = migration(own, config -> new ReferenceTracker()).writes(1_000_000);
      Future<TrackedResult> run = pool.submit(endless::run);
      while (qemus().size() < 2) {
        Thread.sleep(20);
      }
      Thread.sleep(500);
      List<Path> files = filesOf(qemus());
      assertThat(files).isNotEmpty().allMatch(Files::exists);
      own.close();
      assertThat(qemus()).isEmpty();
      assertThat(files).noneMatch(Files::exists);
      assertThat(run)
          .satisfiesAnyOf(
              it -> assertThat(it.get(1, TimeUnit.MINUTES).failure()).isPresent(),
              it -> assertThat(it).failsWithin(1, TimeUnit.SECONDS));
    } finally {
      own.close();
      pool.shutdownNow();
    }
  }
}
