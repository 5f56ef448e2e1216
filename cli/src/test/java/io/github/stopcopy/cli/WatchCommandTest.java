package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.html.PageReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code watch}, on a QEMU that answers as real ones were recorded. */
@Timeout(120) // a hang is a failure
class WatchCommandTest {

  private static final Path ONE = RecordedQmp.record("q35-11.1-one-device");
  private static final Path TWO = RecordedQmp.record("q35-11.1-second-device-added");
  private static final String ACTIVE =
      "{\"status\":\"active\",\"expected-downtime\":300,\"ram\":{\"total\":1048576,\"remaining\":4096,"
          + "\"dirty-sync-count\":2,\"dirty-pages-rate\":10,\"page-size\":4096}}";

  @TempDir private Path folder;

  private RecordedQmp qemu(RecordedQmp.Act... acts) throws Exception {
    return new RecordedQmp(folder.resolve("qmp"), acts);
  }

  private static RecordedQmp.Act act(Path record, String migrate, String... events) {
    return new RecordedQmp.Act(record, migrate, events);
  }

  private static List<String> lines(CommandLineRun run) {
    return run.out().lines().map(line -> line.replaceFirst("^[0-9:]{8} ", "")).toList();
  }

  @Test
  void tellsHowAllIsAndThatQemuHasGone() throws Exception {
    try (RecordedQmp qemu = qemu(act(ONE, ""))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(run.err()).isEmpty();
      assertThat(lines(run))
          .containsExactly(
              "the VM is running",
              "verdict conditional (QEMU 11.1)",
              "  HOST_ASSUMED, device 0000:01:00.0",
              "  The guest is run by TCG, and 1 block of its RAM, as of BARs, are not migrated:"
                  + " QEMU may abort when a migration starts (R-REL-A3.16).",
              "  QEMU says the same of what blocks",
              "QEMU has closed the connection");
      assertThat(run.exitCode()).isZero();
    }
  }

  /** The page tells how it is in the end, and what was told on the way. */
  @Test
  void writesAPageOfWhatItSaw() throws Exception {
    Path file = folder.resolve("watch.html");
    try (RecordedQmp qemu = qemu(act(ONE, ""), act(TWO, ""))) {
      CommandLineRun run =
          CommandLineRun.of("watch", "--qmp", qemu.socket(), "--report", file.toString());
      PageReader page = PageReader.read(Files.readString(file));
      page.assertSound();
      assertThat(run.err()).isEmpty();
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(page.texts("h1"))
          .containsExactly("blocked: QEMU refuses to migrate it (QEMU 11.1)");
      assertThat(page.texts("h2")).contains("What the running QEMU says", "What was seen");
      assertThat(page.texts("pre"))
          .anyMatch(text -> text.equals(run.out().strip()))
          .anyMatch(text -> text.contains(" says the same: "));
    }
  }

  @Test
  void saysAtOnceThatAnAddedDeviceMakesTheVerdictWorse() throws Exception {
    try (RecordedQmp qemu = qemu(act(ONE, ""), act(TWO, ""), act(ONE, ""))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(lines(run))
          .contains("WORSE: verdict conditional -> blocked (QEMU 11.1)")
          .anyMatch(line -> line.startsWith("  NO_KERNEL_SUPPORT, device 0000:01:00.1: "))
          .contains("verdict blocked -> conditional (QEMU 11.1)");
      assertThat(run.exitCode()).isZero();
    }
  }

  @Test
  void saysThatTheGuestTurnedItsVirtualIommuOnAndOff() throws Exception {
    try (RecordedQmp qemu =
        qemu(
            act(RecordedQmp.record("q35-11.1-expander"), ""),
            act(RecordedQmp.record("q35-11.1-expander-translated"), ""),
            act(RecordedQmp.record("q35-11.1-expander"), ""))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(lines(run))
          .containsSubsequence(
              "The guest has turned its vIOMMU on and translates the DMA of v1.",
              "The guest has turned its vIOMMU off.");
    }
  }

  @Test
  void aProcessThatIsNotThereIsOneLine() {
    CommandLineRun run = CommandLineRun.of("watch", "--qmp", "x", "--pid", "999999999");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("stopcopy: /proc/999999999/cmdline: no such file\n");
  }

  @Test
  void guardEndsWith1AndCancelsOnlyIfAsked() throws Exception {
    try (RecordedQmp qemu = qemu(act(ONE, ""), act(TWO, ""), act(TWO, ""))) {
      CommandLineRun run = CommandLineRun.of("watch", "--guard", "--qmp", qemu.socket());
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(lines(run)).endsWith("guard: ends here");
      assertThat(qemu.commands()).doesNotContain("migrate_cancel");
    }
    try (RecordedQmp qemu =
        new RecordedQmp(folder.resolve("other"), act(ONE, ""), act(TWO, ""), act(TWO, ""))) {
      CommandLineRun run =
          CommandLineRun.of("watch", "--guard", "--cancel", "--qmp", qemu.socket());
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(lines(run)).endsWith("guard: migrate_cancel was sent");
      assertThat(qemu.commands()).containsOnlyOnce("migrate_cancel");
    }
  }

  @Test
  void followsAMigrationThatFails() throws Exception {
    try (RecordedQmp qemu =
        qemu(
            act(ONE, ""),
            act(
                ONE,
                ACTIVE,
                "{\"event\":\"VFIO_MIGRATION\",\"data\":{\"device-id\":\"v1\",\"qom-path\":"
                    + "\"/machine/peripheral/v1\",\"device-state\":\"pre-copy\"}}"),
            act(ONE, "{\"status\":\"failed\",\"error-desc\":\"no more\"}"))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(lines(run))
          .containsSubsequence("migration active", "device v1 is pre-copy")
          .contains("  pass 2, 4 KiB of 1 MiB left, 40 KiB/s dirtied, expected downtime 300 ms")
          .containsSubsequence(
              "migration failed: no more",
              "  The model knows no cause of VFIO or the vIOMMU for that.");
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }

  private static String deviceIs(String state) {
    return "{\"event\":\"VFIO_MIGRATION\",\"data\":{\"device-id\":\"v1\",\"qom-path\":"
        + "\"/machine/peripheral/v1\",\"device-state\":\""
        + state
        + "\"}}";
  }

  /** Whatever QEMU sent before it said that all is over, and what it sends with it. */
  @Test
  void R_LIVE_B2_theLastStatesOfDevicesComeBeforeTheEndOfTheMigration() throws Exception {
    try (RecordedQmp qemu =
        qemu(
            act(ONE, ""),
            act(ONE, ACTIVE),
            act(
                ONE,
                "{\"status\":\"completed\"}",
                deviceIs("stop-copy"),
                RecordedQmp.AFTERWARDS + deviceIs("stop")))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(lines(run))
          .containsSubsequence(
              "migration active",
              "device v1 is stop-copy",
              "device v1 is stop",
              "migration completed");
      assertThat(run.exitCode()).isZero();
    }
  }

  /** QEMU 8.1 with the RFC's option says nothing of why it fails in the middle. */
  @Test
  void R_MIG_32_saysWhyWhereQemuSaysNothing() throws Exception {
    Path relaxed = relaxed("relaxed", "q35-11.1-expander");
    Path translated = relaxed("translated", "q35-11.1-expander-translated");
    try (RecordedQmp qemu =
        qemu(
            act(relaxed, ""),
            act(relaxed, ACTIVE),
            act(translated, ACTIVE),
            act(translated, "{\"status\":\"failed\"}"))) {
      CommandLineRun run = CommandLineRun.of("watch", "--qmp", qemu.socket());
      assertThat(lines(run))
          .containsSubsequence(
              "migration active",
              "WORSE: verdict conditional -> conditional (QEMU 8.1-iommu-pt)",
              "  VIOMMU_IN_USE: vIOMMU mappings active cannot start dirty tracking, err -95"
                  + " (Operation not supported)")
          .containsSubsequence(
              "migration failed: QEMU says nothing of why",
              "  The guest uses its vIOMMU for DMA: with x-migration-iommu-pt QEMU fails a"
                  + " migration for that without a word (R-LST-25, R-DT-31, R-MIG-32).");
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void guardActsWhenTheConditionBreaks() throws Exception {
    Path relaxed = relaxed("relaxed", "q35-11.1-expander");
    Path translated = relaxed("translated", "q35-11.1-expander-translated");
    try (RecordedQmp qemu = qemu(act(relaxed, ACTIVE), act(translated, ACTIVE))) {
      CommandLineRun run =
          CommandLineRun.of("watch", "--guard", "--cancel", "--qmp", qemu.socket());
      assertThat(lines(run)).endsWith("guard: migrate_cancel was sent");
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }

  /** What QEMU 8.1 with the RFC's option would answer for the same VM. */
  private Path relaxed(String name, String record) throws Exception {
    String text = Files.readString(RecordedQmp.record(record));
    return Files.writeString(
        folder.resolve(name + ".record"),
        text.replace("\"micro\":3,\"minor\":1,\"major\":11", "\"micro\":50,\"minor\":1,\"major\":8")
            .replace("pc-q35-11.1-machine", "pc-q35-8.2-machine")
            .replace(
                "{\"name\":\"iommufd\",\"type\":\"link<iommufd>\"}",
                "{\"name\":\"x-migration-iommu-pt\",\"type\":\"bool\",\"default-value\":false}")
            .replace(
                "{\"name\":\"x-device-dirty-page-tracking\",\"value\":\"off\",\"type\":\"OnOffAuto\"}",
                "{\"name\":\"x-migration-iommu-pt\",\"value\":true,\"type\":\"bool\"}"));
  }

  @Test
  void cancelNeedsGuard() {
    CommandLineRun run = CommandLineRun.of("watch", "--cancel", "--qmp", "x");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--cancel is given without --guard, expected both");
  }
}
