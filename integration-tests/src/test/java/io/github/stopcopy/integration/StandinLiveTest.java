package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.live.watch.Watch;
import io.github.stopcopy.live.watch.WatchChange;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.StandardScenarios;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.StandinQemu;
import io.github.stopcopy.standin.StandinSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A running QEMU with VFIO devices, which stand in for real ones: what is read of it, what is
 * predicted beside what it says, and what a watch sees.
 */
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(180) // a hang is a failure
class StandinLiveTest {

  private static final Plugins PLUGINS = Plugins.load();
  private static final String BOOT = "{\"do\":\"boot\"}";
  private static final String HELD = "{\"do\":\"migrate\",\"hold\":true}";

  private static Optional<QemuBinary> binary = Optional.empty();
  private static Optional<StandinSession> session = Optional.empty();

  @TempDir private Path folder;

  /** A scenario, and what is known of its host. */
  private record Played(QmpValue json, Scenario scenario) {

    static Played of(String line) throws Exception {
      Scenario scenario =
          ScenarioJson.read(
                  "scenario", 1, line, (argv, mtree) -> QemuCommandLine.parseArgv("argv", argv))
              .scenario();
      return new Played(QmpValue.parse(line), scenario);
    }

    HostFacts host() {
      return scenario.host();
    }
  }

  @BeforeAll
  static void findsQemuAndACompiler() throws Exception {
    Optional<String> program = RealQemu.program();
    if (program.isPresent() && hasLibrary()) {
      StandinSession opened = StandinSession.open();
      session = Optional.of(opened);
      binary = Optional.of(QemuBinary.probe(program.get(), Optional.empty(), opened));
    }
  }

  private static boolean hasLibrary() {
    try {
      StandinLibrary.inUserCache();
      return true;
    } catch (InputException none) {
      System.out.println("skipped: " + none.problem());
      return false;
    }
  }

  @AfterAll
  static void leavesNothing() {
    session.ifPresent(StandinSession::close);
  }

  private static String line(String id) throws Exception {
    for (String line : StandardScenarios.lines()) {
      if (QmpValue.parse(line).text("id").equals(Optional.of(id))) {
        return line;
      }
    }
    throw new AssertionError("no scenario " + id);
  }

  private static String withSteps(String line, String... steps) {
    return line.substring(0, line.indexOf("\"steps\":["))
        + "\"steps\":["
        + String.join(",", steps)
        + "]}";
  }

  /** Starts the VM and plays its first step, so that its firmware has finished. */
  private static StandinQemu boot(Played played) throws Exception {
    StandinQemu qemu =
        StandinQemu.start(
            session.orElseThrow(),
            binary.orElseThrow(),
            StandinLibrary.inUserCache(),
            played.json(),
            played.scenario());
    try {
      qemu.playNext();
      return qemu;
    } catch (Exception failed) {
      qemu.close();
      throw failed;
    }
  }

  private static boolean isFrom(QemuProfile release) {
    assumeTrue(binary.isPresent(), "no QEMU or no C compiler");
    return binary.orElseThrow().profile().isFrom(release);
  }

  private static Verdict decide(LiveQemu qemu, HostFacts known) throws InputException {
    return qemu.inKnownOrder(known, PLUGINS).check(known, PLUGINS).remedies(false).decide();
  }

  /** What blocks is what QEMU says; and a migration is refused if and only if that blocks. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "A-viommu=intel48",
        "B-pc-ram=3G",
        "C-migration-query-errno=22",
        "E-2dev-no-p2p,no-p2p-viommu=None",
        "I-intel48"
      })
  void R_LIVE_L6_predictedIsActual(String id) throws Exception {
    assumeTrue(isFrom(QemuProfile.V10_0), "its scenarios are of 10.0 and newer");
    Played played = Played.of(line(id));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      LiveQemu live = LiveQemu.read(client, PLUGINS);
      Verdict known = decide(live, played.host());
      Verdict assumed = decide(live, HostFacts.CAPABLE);

      assertThat(live.vfioDevices()).isNotEmpty();
      assertThat(live.compare(known)).matches(it -> it.agrees(), live.blockedReasons().toString());
      assertThat(live.compare(assumed))
          .as("without facts of the host: QEMU's own reasons tell what there is")
          .matches(it -> it.agrees(), live.blockedReasons().toString());
      assertThat(known.kind().isPositive()).isEqualTo(live.blockedReasons().isEmpty());
      assertThat(assumed.kind().isPositive()).isEqualTo(live.blockedReasons().isEmpty());
      QmpValue migrate = QmpValue.NO_KEYS;
      while (qemu.hasNext()) {
        migrate = qemu.playNext();
      }
      assertThat(migrate.text("command-error").isPresent())
          .as(migrate.toString())
          .isNotEqualTo(known.kind().isPositive());
    }
  }

  @Test
  void theStateOfAnAmdIommuIsNotKnownAndThatIsSaid() throws Exception {
    assumeTrue(isFrom(QemuProfile.V10_2), "before 10.2 no VFIO device is behind one");
    Played played = Played.of(line("A-viommu=amd-noir-iommu-tracks"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      LiveQemu live = LiveQemu.read(client, PLUGINS);
      Verdict verdict = decide(live, played.host());

      assertThat(verdict.kind().isPositive()).isFalse();
      assertThat(live.compare(verdict))
          .matches(it -> it.agrees(), live.blockedReasons().toString());
      assertThat(live.notes())
          .contains(
              "What the guest does with its amd-iommu QEMU does not tell: the VM is judged as if it"
                  + " had done nothing yet.");
    }
  }

  @Test
  void theStateOfAVirtioIommuIsNotKnownAndThatIsSaid() throws Exception {
    assumeTrue(isFrom(QemuProfile.V11_1), "before 11.1 it blocks whatever the guest does");
    Played played = Played.of(line("E-2dev-virtio-iommu-tracks"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      LiveQemu live = LiveQemu.read(client, PLUGINS);

      assertThat(decide(live, played.host()).kind().name()).isEqualTo("CONDITIONAL");
      assertThat(live.notes())
          .contains(
              "What the guest does with its virtio-iommu-pci QEMU does not tell: the VM is judged"
                  + " as if it had done nothing yet.");
    }
  }

  private static Watch watch(QmpClient client, Played played) {
    return new Watch(client, PLUGINS, qemu -> decide(qemu, played.host()));
  }

  /** All changes until one is as wanted, that included. */
  private static List<WatchChange> until(Watch watch, Predicate<WatchChange> wanted)
      throws Exception {
    List<WatchChange> seen = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < deadline) {
      Optional<WatchChange> change = watch.next(Duration.ofMillis(200));
      change.ifPresent(seen::add);
      if (change.filter(wanted).isPresent()) {
        return seen;
      }
    }
    throw new AssertionError("not seen; seen was " + seen);
  }

  private static Predicate<WatchChange> migrationIs(String state) {
    return change ->
        change instanceof WatchChange.MigrationState migration && migration.now().equals(state);
  }

  private static Predicate<WatchChange> tells(String note) {
    return change ->
        change instanceof WatchChange.Noted noted
            && noted.notes().stream().anyMatch(text -> text.startsWith(note));
  }

  @Test
  void R_LIVE_B2_aWatchSeesDeviceStatesOfACancelledAndOfACompletedMigration() throws Exception {
    assumeTrue(isFrom(QemuProfile.V10_0), "older releases have no such events");
    // with little RAM, since without KVM it takes long to send
    String line =
        line("A-viommu=None").replace("id=v1", "id=v1,migration-events=on").replace("2G", "128M");
    Played played =
        Played.of(
            withSteps(line, BOOT, HELD, "{\"do\":\"migrate-cancel\"}", "{\"do\":\"migrate\"}"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      Watch watch = watch(client, played);
      until(watch, WatchChange.VerdictChanged.class::isInstance);
      qemu.playNext();
      until(watch, migrationIs("active"));
      qemu.playNext();
      until(watch, migrationIs("cancelled"));
      qemu.playNext();
      List<WatchChange> seen = until(watch, migrationIs("completed")); // the last that is told

      assertThat(seen)
          .filteredOn(WatchChange.DeviceState.class::isInstance)
          .startsWith(
              new WatchChange.DeviceState("v1", "running-p2p"),
              new WatchChange.DeviceState("v1", "stop"),
              new WatchChange.DeviceState("v1", "stop-copy"));
      assertThat(seen)
          .anyMatch(change ->
              change instanceof WatchChange.RunState state && state.now().equals("postmigrate"));
      assertThat(LiveQemu.read(client, PLUGINS).notes())
          .anyMatch(note -> note.startsWith("The VM was migrated and is paused for that"));
    }
  }

  @Test
  void R_DT_23_aWatchSaysWhyTrackingWasRefused() throws Exception {
    assumeTrue(isFrom(QemuProfile.V10_0), "its scenarios are of 10.0 and newer");
    Played played = Played.of(line("D-dma-logging-start-errno=7"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      Watch watch = watch(client, played);
      List<WatchChange> first = until(watch, WatchChange.VerdictChanged.class::isInstance);
      Verdict verdict = ((WatchChange.VerdictChanged) first.get(first.size() - 1)).now();
      while (qemu.hasNext()) {
        qemu.playNext();
      }
      List<WatchChange> seen = until(watch, WatchChange.MigrationFailed.class::isInstance);
      WatchChange.MigrationFailed failed = (WatchChange.MigrationFailed) seen.get(seen.size() - 1);

      assertThat(verdict.reasons())
          .extracting(Reason::code)
          .containsExactly("DIRTY_TRACKING_START_FAILED");
      assertThat(failed.error().orElse(""))
          .contains("Failed to start DMA logging: Argument list too long");
      assertThat(failed.why())
          .singleElement()
          .asString()
          .startsWith("DIRTY_TRACKING_START_FAILED, 0000:01:00.0: ");
    }
  }

  /**
   * What fails a migration of the RFC's build, QEMU 11.1 lets pass where no device tracks by
   * itself: the verdict stays, and what the guest does is told.
   */
  @Test
  void R_LIVE_B1_aWatchSeesTheGuestTurnVtdOnAndOffDuringAMigration() throws Exception {
    assumeTrue(isFrom(QemuProfile.V11_1), "before 11.1 a vIOMMU lets no migration start");
    Played played =
        Played.of(line("H-enable-disable-mid-migration-container-tracking-iommu-tracks"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      Watch watch = watch(client, played);
      until(watch, WatchChange.VerdictChanged.class::isInstance);
      List<WatchChange> seen = new ArrayList<>();
      playUntil(qemu, played, "migrate");
      seen.addAll(until(watch, migrationIs("active")));
      qemu.playNext(); // on
      seen.addAll(
          until(watch, tells("The guest has turned its vIOMMU on and translates the DMA of v1.")));
      qemu.playNext(); // off
      seen.addAll(until(watch, tells("The guest has turned its vIOMMU off.")));
      qemu.playNext();
      seen.addAll(until(watch, migrationIs("completed")));

      assertThat(seen).noneMatch(WatchChange.VerdictChanged.class::isInstance);
    }
  }

  /**
   * An unmodified QEMU fails a migration midway for what the guest does with VT-d, too: the
   * container tracks, the guest turns translation on, and one of its mappings leads to no RAM.
   */
  @Test
  void R_DT_57_aWatchSaysWhyAMigrationFailsAfterTheGuestTurnedVtdOn() throws Exception {
    assumeTrue(isFrom(QemuProfile.V11_1), "before 11.1 a vIOMMU lets no migration start");
    String line = line("H-enable-disable-mid-migration-container-tracking-iommu-tracks");
    Played played =
        Played.of(
            withSteps(
                line.replaceAll("\"bars\":\\{.*?}},", ""),
                BOOT,
                HELD,
                "{\"do\":\"viommu\",\"op\":\"context\",\"device\":\"v1\","
                    + "\"mode\":\"translate\",\"aw\":48}",
                "{\"do\":\"viommu\",\"op\":\"map\",\"device\":\"v1\",\"iova\":1048576,"
                    + "\"gpa\":3489660928,\"pages\":4}",
                "{\"do\":\"viommu\",\"op\":\"set-root\"}",
                "{\"do\":\"viommu\",\"op\":\"enable\"}",
                "{\"do\":\"finish-migration\"}"));
    try (StandinQemu qemu = boot(played);
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      Watch watch = watch(client, played);
      List<WatchChange> first = until(watch, WatchChange.VerdictChanged.class::isInstance);
      Verdict verdict = ((WatchChange.VerdictChanged) first.get(first.size() - 1)).now();
      playUntil(qemu, played, "migrate");
      until(watch, migrationIs("active"));
      for (int i = 0; i < 4; i++) {
        qemu.playNext();
      }
      until(watch, tells("The guest has turned its vIOMMU on and translates the DMA of v1."));
      qemu.playNext();
      List<WatchChange> seen = until(watch, WatchChange.MigrationFailed.class::isInstance);
      WatchChange.MigrationFailed failed = (WatchChange.MigrationFailed) seen.get(seen.size() - 1);

      assertThat(verdict.kind().isPositive()).isTrue();
      assertThat(failed.error().orElse("")).contains("iommu map to non memory area d0000000");
      assertThat(failed.why())
          .anyMatch(why -> why.contains("leads to no RAM"))
          .anyMatch(why -> why.startsWith("The guest uses its vIOMMU for DMA"));
      assertThat(LiveQemu.read(client, PLUGINS).status()).isEqualTo("running");
    }
  }

  private static void playUntil(StandinQemu qemu, Played played, String step) throws Exception {
    int i = 1; // the first was the boot
    while (!played.scenario().steps().get(i).name().equals(step)) {
      qemu.playNext();
      i++;
    }
    qemu.playNext();
  }

  /**
   * With facts that a guard cannot accept the migration that runs is cancelled. The command line of
   * the process tells that the vIOMMU was created last and serves nobody.
   */
  @Test
  void guardWithCancelEndsTheMigrationThatRuns() throws Exception {
    assumeTrue(isFrom(QemuProfile.V10_0), "its scenarios are of 10.0 and newer");
    Played played = Played.of(withSteps(line("A-intel48-swapped-order"), BOOT, HELD));
    Path host =
        Files.writeString(
            folder.resolve("host.json"),
            "{\"devices\":{\"0000:01:00.0\":{\"migration\":[\"stop-copy\",\"p2p\"],"
                + "\"dma-logging\":false}},\"containers\":{\"dirty-tracking\":false}}");
    try (StandinQemu qemu = boot(played)) {
      qemu.playNext();
      CommandHome.Run run =
          command(
              "watch",
              "--qmp",
              qemu.qmp().toString(),
              "--pid",
              Long.toString(qemu.pid()),
              "--host",
              host.toString(),
              "--guard",
              "--cancel");

      assertThat(run.err()).isEmpty();
      assertThat(run.out())
          .contains("verdict blocked", "NO_DIRTY_TRACKING", "guard: migrate_cancel was sent")
          .doesNotContain("QEMU does not tell in which order", "VIOMMU_PRESENT");
      assertThat(run.exitCode()).isEqualTo(1);
      try (QmpClient client = QmpClient.connect(qemu.qmp())) {
        until(watch(client, played), migrationIs("cancelled"));
      }
    }
  }

  private CommandHome.Run command(String... words) throws Exception {
    return CommandJars.all().start(folder, Jdk.ofTheBuild(), CommandJars.Place.CLASS_PATH, words);
  }
}
