package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code check --qmp} and {@code --qmp-record}, on what real QEMUs answered (10.0.13 and 11.1.3,
 * with a stand-in for the VFIO kernel).
 */
class LiveCheckTest {

  @TempDir private Path folder;

  private static String record(String name) {
    return RecordedQmp.record(name).toString();
  }

  private static JsonNode json(CommandLineRun run) throws IOException {
    return new JsonMapper().readTree(run.out());
  }

  @ParameterizedTest
  @CsvSource({
    "q35-11.1-viommu, 1, blocked, 11.1, VIOMMU_PRESENT VIOMMU_PRESENT",
    "q35-11.1-one-device, 0, conditional, 11.1, HOST_ASSUMED",
    "q35-11.1-second-device-added, 1, blocked, 11.1, NO_KERNEL_SUPPORT",
    "q35-11.1-expander, 0, migratable, 11.1, ''",
    "q35-11.1-expander-translated, 0, migratable, 11.1, ''",
    "pc-10.0-two-kinds, 1, blocked, 10.0, NO_KERNEL_SUPPORT NO_DIRTY_TRACKING",
    "q35-10.0-viommu-last, 0, conditional, 10.0, HOST_ASSUMED HOST_ASSUMED"
  })
  void R_LIVE_L6_theModelSaysWhatTheRunningQemuSays(
      String name, int exitCode, String verdict, String profile, String codes) throws Exception {
    CommandLineRun run =
        CommandLineRun.of("check", "--qmp-record", record(name), "--format", "json");

    assertThat(run.err()).isEmpty();
    JsonNode answer = json(run);
    assertThat(answer.at("/verdict").asText()).isEqualTo(verdict);
    assertThat(answer.at("/profile").asText()).isEqualTo(profile);
    assertThat(answer.at("/profile-origin").asText()).isEqualTo("input");
    assertThat(String.join(" ", answer.at("/reasons").findValuesAsText("code"))).isEqualTo(codes);
    assertThat(answer.at("/actual/agrees").asBoolean()).isTrue();
    assertThat(answer.at("/actual/predicted")).isEqualTo(answer.at("/actual/blocked-reasons"));
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  /** The error that QEMU names is one of the kernel: nobody has to give it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "q35-11.1-one-device | VFIO migration init failed: failed to query migration flags:"
            + " Invalid argument",
        "q35-10.0-viommu-last | Migration couldn't be initialized for VFIO device, err: -22"
            + " (Invalid argument)"
      })
  void R_LIVE_B4_whereMigrationCouldNotBeSetUpTheErrorIsKnown(String name, String reason)
      throws Exception {
    String text = Files.readString(RecordedQmp.record(name));
    Path other =
        Files.writeString(
            folder.resolve("other.record"),
            text.replace(
                "{\"execute\":\"query-migrate\"},\"answer\":{\"return\":{}}",
                "{\"execute\":\"query-migrate\"},\"answer\":{\"return\":{\"blocked-reasons\":"
                    + "[\"0000:01:00.0: "
                    + reason
                    + "\"]}}"));

    CommandLineRun run =
        CommandLineRun.of("check", "--format", "json", "--qmp-record", other.toString());

    assertThat(json(run).at("/verdict").asText()).isEqualTo("blocked");
    assertThat(json(run).at("/reasons").findValuesAsText("code")).contains("MIGRATION_INIT_FAILED");
    assertThat(json(run).at("/actual/agrees").asBoolean()).isTrue();
    assertThat(run.out())
        .contains("0000:01:00.0 has no migration support that could be set up: Invalid argument");
  }

  @Test
  void agreementIsOneLine() {
    CommandLineRun run =
        CommandLineRun.of("check", "--quiet", "--qmp-record", record("q35-11.1-viommu"));
    assertThat(run.out())
        .endsWith(
            "\n"
                + "The running QEMU 11.1.3 (Debian 1:11.1.3+ds-1~bpo13+1) says the same: 2"
                + " blockers.\n");
  }

  @Test
  void R_LIVE_L6_aDifferenceIsShownAndEndsWith1() throws Exception {
    String text = Files.readString(RecordedQmp.record("q35-11.1-one-device"));
    Path other =
        Files.writeString(
            folder.resolve("other.record"),
            text.replace(
                "{\"execute\":\"query-migrate\"},\"answer\":{\"return\":{}}",
                "{\"execute\":\"query-migrate\"},\"answer\":{\"return\":{\"blocked-reasons\":"
                    + "[\"0000:01:00.0: VFIO says something new\",\"disk: not of ours\"]}}"));

    CommandLineRun run = CommandLineRun.of("check", "--qmp-record", other.toString());

    assertThat(run.out())
        .contains(
            """
            says something else.
              predicted
                (nothing)
              actual
                0000:01:00.0: VFIO says something new
            """)
        .contains("--anonymize FILE");
    assertThat(oneLine(run.out()))
        .contains("which has to do with neither VFIO nor a vIOMMU: disk: not of ours");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void R_LIVE_B4_theOrderOfCreationIsConcludedOrTold() throws Exception {
    CommandLineRun concluded =
        CommandLineRun.of("check", "--qmp-record", record("q35-10.0-viommu-last"));
    assertThat(oneLine(concluded.out()))
        .contains("QEMU does not tell in which order devices were created")
        .contains("The VFIO devices are taken as created before the vIOMMU");

    Path args =
        Files.writeString(
            folder.resolve("args"),
            "qemu-system-x86_64 -machine q35 -m 5G -smp 2 -device"
                + " vfio-pci,id=v1,host=01:00.0,addr=4 -device vfio-pci,id=v2,host=01:00.1,addr=6"
                + " -device intel-iommu,caching-mode=on");
    CommandLineRun told =
        CommandLineRun.of(
            "check",
            "--qmp-record",
            record("q35-10.0-viommu-last"),
            "--qemu-args",
            args.toString());
    assertThat(oneLine(told.out()))
        .startsWith("conditional")
        .doesNotContain("QEMU does not tell in which order")
        .contains("says the same: nothing blocks");
  }

  @Test
  void R_LIVE_B1_whatTheGuestDoesWithItsVirtualIommuIsTold() {
    CommandLineRun run =
        CommandLineRun.of("check", "--qmp-record", record("q35-11.1-expander-translated"));
    // v2 is behind an expander that bypasses the vIOMMU, in the slot of another device
    assertThat(oneLine(run.out()))
        .contains("The guest has turned its vIOMMU on and translates the DMA of v1.");
  }

  @Test
  void R_LIVE_B1_theLayoutIsThatOfQemu() throws Exception {
    CommandLineRun run =
        CommandLineRun.of("check", "--qmp-record", record("q35-11.1-viommu"), "--format", "json");
    JsonNode memory = json(run).at("/steps/1/memory/0");
    assertThat(memory.toString())
        .contains("0000:01:00.0 BAR 0 mmaps[0]")
        .contains("0000:01:00.1 BAR 0 mmaps[0]")
        .contains("mem1");
  }

  @Test
  void R_LIVE_B1_BarsThatAreNotPlacedYetAreTold() {
    CommandLineRun run = CommandLineRun.of("check", "--qmp-record", record("pc-10.0-two-kinds"));
    assertThat(oneLine(run.out()))
        .contains("BAR 0 of 0000:01:00.0, BAR 0 of 0000:01:00.1 have no address")
        .contains(
            "Concluded from what QEMU says blocks: 0000:01:00.0 has no migration support in the"
                + " kernel; 0000:01:00.1 has migration support in the kernel; 0000:01:00.1 does not"
                + " log what it writes.");
  }

  @Test
  void asksARunningQemuAndOnlyReads() throws Exception {
    try (RecordedQmp qemu =
        new RecordedQmp(
            folder.resolve("qmp"),
            new RecordedQmp.Act(RecordedQmp.record("q35-11.1-viommu"), ""))) {
      CommandLineRun live = CommandLineRun.of("check", "--qmp", qemu.socket(), "--format", "json");
      CommandLineRun recorded =
          CommandLineRun.of("check", "--qmp-record", record("q35-11.1-viommu"), "--format", "json");

      assertThat(live.err()).isEmpty();
      assertThat(live.out()).isEqualTo(recorded.out());
      assertThat(qemu.commands().get(0)).isEqualTo("qmp_capabilities");
      assertThat(qemu.commands().subList(1, qemu.commands().size()))
          .allMatch(name ->
              name.startsWith("query-")
                  || List.of(
                          "qom-get",
                          "qom-list",
                          "qom-list-get",
                          "device-list-properties",
                          "human-monitor-command")
                      .contains(name));
    }
  }

  @Test
  void anonymizeKeepsTheAnswerAndDropsWhoseItIs() throws Exception {
    String text = Files.readString(RecordedQmp.record("q35-11.1-viommu"));
    Path personal =
        Files.writeString(
            folder.resolve("personal.record"),
            text.replace(
                    "\"name\": \"romfile\", \"value\": \"\"",
                    "\"name\": \"romfile\", \"value\": \"/home/ada/rom\"")
                .replace("/sys/bus/pci/devices/0000:01:00.0", "/home/ada/0000:01:00.0")
                .replace("\"tls-hostname\": \"\"", "\"tls-hostname\": \"ada.example\""));
    assertThat(Files.readString(personal)).contains("/home/ada/rom", "ada.example");
    Path clean = folder.resolve("clean.record");

    CommandLineRun first =
        CommandLineRun.of(
            "check", "--qmp-record", personal.toString(), "--anonymize", clean.toString());
    CommandLineRun second = CommandLineRun.of("check", "--qmp-record", clean.toString());

    assertThat(Files.readString(clean)).doesNotContain("ada");
    assertThat(second.out()).isEqualTo(first.out());
    CommandLineRun again =
        CommandLineRun.of(
            "check", "--qmp-record", personal.toString(), "--anonymize", clean.toString());
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("exists already");
  }

  @Test
  void whatIfIsNotHeldAgainstWhatRuns() {
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--qmp-record",
            record("q35-11.1-viommu"),
            "--set",
            "vfio-pci.x-device-dirty-page-tracking=off",
            "--set",
            "vfio-pci.enable-migration=on");
    assertThat(run.out()).startsWith("migratable").doesNotContain("The running QEMU");
    assertThat(run.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "--qmp no-such-socket, 'no-such-socket: no such file, expected the socket'",
    "--qmp-record pom.xml, 'pom.xml:1: no valid JSON'",
    "--qmp x --libvirt y, '--libvirt and --qmp are given, expected one of'",
    "--qmp x --qmp-record y, '--qmp and --qmp-record are given, expected one of'",
    "--libvirt x --qemu-args y, '--libvirt and --qemu-args are given, expected one of'",
    "--quiet, 'no VM is given, expected one of'",
    "--libvirt x --pid 1, 'are about a running QEMU'",
    "--scenario x --anonymize y, 'are about a running QEMU'",
    "--qmp x --mtree y, '--mtree is given with a running QEMU'"
  })
  void badUsageIsOneLine(String options, String problem) {
    CommandLineRun run = CommandLineRun.of(("check " + options).split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("stopcopy: ").contains(problem).hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aRecordThatWasCutShortIsAnError() throws Exception {
    List<String> lines = Files.readAllLines(RecordedQmp.record("q35-11.1-viommu"));
    for (int kept = 1; kept < lines.size(); kept++) {
      Path cut = folder.resolve("cut" + kept);
      Files.write(cut, lines.subList(0, kept));
      CommandLineRun run = CommandLineRun.of("check", "--quiet", "--qmp-record", cut.toString());
      assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
      assertThat(run.err()).contains("has no answer to").hasLineCount(1);
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }
}
