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
    "q35-10.0-viommu-last, 0, conditional, 10.0, HOST_ASSUMED HOST_ASSUMED",
    "q35-11.1-amd, 1, blocked, 11.1, VIOMMU_PRESENT NON_MIGRATABLE_DEVICE",
    "q35-10.0-amd-last, 1, blocked, 10.0, NON_MIGRATABLE_DEVICE"
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
  void R_LIVE_B1_whatTheGuestDoesWithAnAmdIommuIsNotToldAndThatIsSaid() {
    CommandLineRun run = CommandLineRun.of("check", "--qmp-record", record("q35-11.1-amd"));
    assertThat(oneLine(run.out()))
        .contains(
            "What the guest does with its amd-iommu QEMU does not tell: the VM is judged as if it"
                + " had done nothing yet.")
        .contains("says the same: 2 blockers")
        .doesNotContain("R-REL-40");
  }

  /** By its properties nobody tells 10.0.0, which serves a VFIO device, from 10.0.13. */
  @Test
  void R_LIVE_B1_anAmdIommuThatServesADeviceTellsAnEarlier10_0() throws Exception {
    String served = "0000:01:00.0: Migration is currently not supported with vIOMMU enabled";
    String text = Files.readString(RecordedQmp.record("q35-10.0-amd-last"));
    Path other =
        Files.writeString(
            folder.resolve("other.record"),
            text.replace("\"micro\":13", "\"micro\":0")
                .replace("\"blocked-reasons\":[", "\"blocked-reasons\":[\"" + served + "\","));

    CommandLineRun run = CommandLineRun.of("check", "--qmp-record", other.toString());

    assertThat(oneLine(run.out()))
        .startsWith("refused")
        .contains(
            "This QEMU 10.0.0 lets VFIO devices be behind an amd-iommu, as 10.0.0 did and 10.0.13"
                + " does not (R-REL-40)");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(
            oneLine(CommandLineRun.of("check", "--qmp-record", record("q35-10.0-amd-last")).out()))
        .doesNotContain("R-REL-40");
  }

  private CommandLineRun checkWith(String name, String answer, String instead) throws Exception {
    String text = Files.readString(RecordedQmp.record(name));
    assertThat(text).contains(answer);
    return CommandLineRun.of(
        "check",
        "--qmp-record",
        Files.writeString(folder.resolve("with.record"), text.replace(answer, instead)).toString());
  }

  @Test
  void R_LIVE_B1_whatIsPluggedOfVirtioMemIsTold() throws Exception {
    CommandLineRun run =
        checkWith(
            "q35-11.1-expander",
            "\"size\":0,\"node\":0,\"max-size\":1073741824",
            "\"size\":4194304,\"node\":0,\"max-size\":1073741824");
    assertThat(oneLine(run.out()))
        .contains(
            "virtio-mem vm0 has 4194304 of 1073741824 bytes plugged, which VFIO maps block by block"
                + " (R-AS-90); the VM is judged as if none were.")
        .contains("QEMU counts 0 bytes of plugged memory, and names devices with 4194304");
  }

  @Test
  void R_VIO_3_highIdsOfFewProcessorsAreTold() throws Exception {
    String place = "\"props\":{\"core-id\":0,\"thread-id\":0,\"socket-id\":0}";
    CommandLineRun run =
        checkWith(
            "q35-11.1-one-device",
            place,
            "\"props\":{\"core-id\":4,\"thread-id\":1,\"socket-id\":15}");
    assertThat(oneLine(run.out())).doesNotContain("APIC id"); // 4 bits of core and thread: 249
    run =
        checkWith("q35-11.1-one-device", place, place.replace("socket-id\":0", "socket-id\":260"));
    assertThat(oneLine(run.out())).contains("The last of 1 processors has the APIC id 260");
  }

  @Test
  void R_REL_A3_16_ramThatIsNotMigratedIsToldWithTcg() {
    CommandLineRun run = CommandLineRun.of("check", "--qmp-record", record("q35-11.1-viommu"));
    assertThat(oneLine(run.out()))
        .contains("The guest is run by TCG, and 2 blocks of its RAM, as of BARs, are not migrated");
    assertThat(oneLine(CommandLineRun.of("check", "--qmp-record", record("q35-11.1-amd")).out()))
        .doesNotContain("not migrated: QEMU may abort");
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
                          "x-query-ramblock",
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
                    "\"name\": \"romfile\", \"value\": \"/home/lovelace/rom\"")
                .replace("/sys/bus/pci/devices/0000:01:00.0", "/home/lovelace/0000:01:00.0")
                .replace("\"tls-hostname\": \"\"", "\"tls-hostname\": \"lovelace.example\""));
    assertThat(Files.readString(personal)).contains("/home/lovelace/rom", "lovelace.example");
    Path clean = folder.resolve("clean.record");

    CommandLineRun first =
        CommandLineRun.of(
            "check", "--qmp-record", personal.toString(), "--anonymize", clean.toString());
    CommandLineRun second = CommandLineRun.of("check", "--qmp-record", clean.toString());

    assertThat(Files.readString(clean)).doesNotContain("lovelace");
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
