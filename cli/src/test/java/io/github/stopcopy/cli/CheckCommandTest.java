package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.stopcopy.cli.schema.FormatSchema;
import io.github.stopcopy.core.profile.QemuProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check} on the examples that the README shows. */
class CheckCommandTest {

  private static final String BIG = "big-q35-intel-viommu";

  private static CommandLineRun check(String name, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "check",
                "--qemu-args",
                example(name, "qemu.args"),
                "--host",
                example(name, "host.json")));
    all.addAll(List.of(more));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static CommandLineRun big(String... more) {
    return check(BIG, more);
  }

  @Test
  void bigVmIsBlockedOnTheNewestReleaseWithTextReasonAndRemedies() {
    CommandLineRun run = big();

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("blocked: ")
        .contains(
            "QEMU says: 0000:3b:00.2: Migration is currently not supported with vIOMMU enabled",
            "Meaning:",
            "R-BLK-26",
            "What helps, each tried on the model:",
            "x-migration-iommu-pt=on",
            "at most 255 vCPUs");
    assertThat(run.err()).isEmpty();
  }

  /** Both devices by name, both texts of QEMU whole, and what helps once. */
  @Test
  void aCauseOfSeveralDevicesIsSaidOnce() {
    String text =
        """
          %sVIOMMU_PRESENT x 2, devices 0000:3b:00.2 (vf0), 0000:3b:00.3 (vf1)
             QEMU says: 0000:3b:00.2: Migration is currently not supported with vIOMMU enabled
                        0000:3b:00.3: Migration is currently not supported with vIOMMU enabled
        """;
    CommandLineRun run = big();

    assertThat(run.out()).contains("\nWhy\n" + text.formatted("1. ") + "     Meaning:   ");
    assertThat(run.out()).containsOnlyOnce("What helps").containsOnlyOnce("VIOMMU_PRESENT");
    assertThat(big("--quiet").out())
        .isEqualTo(
            "blocked: QEMU refuses to migrate it (QEMU 11.1, assumed)\n" + text.formatted(""));
  }

  /**
   * Lines of words and of tables end within 80 columns; QEMU's texts are never broken, nor names of
   * files.
   */
  @Test
  void allEndsWithin80Columns() {
    String out = big("--lint", "--checks").out();
    List<String> lines =
        new ArrayList<>(out.substring(0, out.indexOf("\nDecided from\n")).lines().toList());
    assertThat(lines).contains("What tracking would cost");
    lines.removeIf(
        line -> line.endsWith("Migration is currently not supported with vIOMMU enabled"));

    assertThat(lines).hasSizeGreaterThan(40);
    assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(lines).anyMatch(line -> line.length() > 76);
  }

  /** With the linter a vIOMMU behind its devices is a finding, without it a warning; never both. */
  @Test
  void theOrderOfDevicesIsToldOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("order.args");
    Files.writeString(
        file,
        "-machine q35 -m 4G -device vfio-pci,host=0000:3b:00.2,id=v1"
            + " -device intel-iommu,caching-mode=on");
    String said = "0000:3b:00.2 is made before the vIOMMU";
    String plain = CommandLineRun.of("check", "--qemu-args", file.toString()).out();
    String linted = CommandLineRun.of("check", "--qemu-args", file.toString(), "--lint").out();

    assertThat(plain).containsOnlyOnce(said).doesNotContain("VIOMMU_AFTER_DEVICE");
    assertThat(linted).containsOnlyOnce("VIOMMU_AFTER_DEVICE").doesNotContain(said);
    assertThat(
            CommandLineRun.of("check", "--qemu-args", file.toString(), "--lint", "--format", "json")
                .out())
        .contains(said); // findings change nothing else of the answer
  }

  @Test
  void bigVmIsConditionalWithTheOptionAndSaysWhatIsTrackedAndSaved() {
    CommandLineRun run =
        big(
            "--qemu-version",
            "8.1-iommu-pt",
            "--set",
            "vf0.x-migration-iommu-pt=on",
            "--set",
            "0000:3b:00.3.x-migration-iommu-pt=on");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("conditional: ")
        .contains(
            "0x0000000000000000 - 0x00000000ffffffff       4 GiB",
            "0x0000000100000000 - 0x000001007fffffff    1022 GiB");
    assertThat(run.flowing())
        .contains(
            // R-VIO-62: against the one range from 0 to the last address of the vIOMMU
            "48 bits, 256 TiB", "Saved per device: 7.97 GiB of bitmap");
  }

  @Test
  void settingNamesTheDeviceAsItsCommandLineDoes(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(args, "qemu-system-x86_64 -M q35 -device vfio-pci,host=01:00.0,bootindex=1");
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--qemu-args", args.toString(), "--set", "01:00.0.enable-migration=off");

    assertThat(run.out()).startsWith("blocked: ").contains("MIGRATION_DISABLED");
  }

  @Test
  void onlyDevicesThatQemuDoesNotHaveAreTold(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(
        args,
        "-M q35 -device pcie-root-port,id=p -device virtio-net-pci -device qxl\n-device qxll"
            + " -device vfio-pci,host=01:00.0,bus=p");
    CommandLineRun run = CommandLineRun.of("check", "--qemu-args", args.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.flowing())
        .contains(" - " + args + ":2: -device: QEMU has no device 'qxll' - ")
        .doesNotContain("virtio-net-pci")
        .doesNotContain("'qxl'");
  }

  @Test
  void virtioIommuIsKnownByItsShortNameToo(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(
        args,
        "qemu-system-x86_64 -M q35 -device '{\"driver\":\"virtio-iommu\",\"id\":\"iommu0\","
            + "\"bus\":\"pcie.0\",\"addr\":\"0x1\"}'"
            + " -device '{\"driver\":\"vfio-pci\",\"host\":\"01:00.0\"}'");
    CommandLineRun run = CommandLineRun.of("check", "--qemu-args", args.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("VIOMMU_PRESENT", "remove the vIOMMU (-device virtio-iommu-pci)");
  }

  @Test
  void failedSyncOfATranslatedSectionIsNamedAsSuch(@TempDir Path folder) throws Exception {
    Path scenario = folder.resolve("s.json");
    Files.writeString(
        scenario,
        """
        {"id": "s", "profile": "8.1-iommu-pt",
         "argv": ["-machine", "q35,kernel-irqchip=split", "-device", "intel-iommu,caching-mode=on",
           "-device",
           "vfio-pci,host=01:00.0,id=v1,addr=5,enable-migration=on,x-migration-iommu-pt=on"],
         "host": {"containers": {"dirty-get-errno": 22},
           "devices": {"0000:01:00.0": {"dma-logging": false}}},
         "steps": [{"do": "viommu", "op": "context", "device": "v1", "mode": "translate", "aw": 39},
           {"do": "viommu", "op": "map", "device": "v1", "iova": 4096, "gpa": 8192},
           {"do": "viommu", "op": "enable"}, {"do": "migrate"}]}
        """);
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--scenario", scenario.toString(), "--qemu-version", "8.1-iommu-pt");

    assertThat(run.out()).startsWith("failed: ").contains("DIRTY_SYNC_FAILED");
  }

  @Test
  void oneDeviceWithoutTheOptionKeepsTheVmBlocked() {
    CommandLineRun run =
        big("--qemu-version", "8.1-iommu-pt", "--set", "vf0.x-migration-iommu-pt=on");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).startsWith("blocked: ").contains("device 0000:3b:00.3 (vf1)");
  }

  @Test
  void plainVmIsMigratableAndItsBarIsTracked() {
    String name = "plain-one-vf";
    CommandLineRun run = check(name, "--mtree", example(name, "mtree.txt"), "--picture");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("migratable: ")
        .contains("0x0000000200000000 - 0x00000003ffffffff", "BAR          8 GiB");
  }

  @Test
  void aDumpOfAVmWithOtherMemoryIsTold() {
    String name = "plain-one-vf";
    String dump = example(name, "mtree.txt");
    assertThat(check(name, "--mtree", dump).out()).doesNotContain("memory dump");

    for (String size : List.of("2G", "4G", "12G")) {
      CommandLineRun run = check(name, "--mtree", dump, "--set", "memory.size=" + size);
      assertThat(run.out()).as(size).contains("The memory dump is not of this VM");
    }
  }

  @Test
  void factsOfSeveralIommusAreToldAsWhatTheAnswerRestsOn(@TempDir Path folder) throws Exception {
    Path host = folder.resolve("host.json");
    Files.writeString(
        host,
        "{\"containers\":{\"iova-ranges\":[[0,\"0x7fffffffff\"]],\"origin\":{\"iova-ranges\":"
            + "\"sysfs, least of several IOMMUs\"}}}");
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--qemu-args",
            example("plain-one-vf", "qemu.args"),
            "--host",
            host.toString());

    assertThat(run.out().replaceAll("\\s+", " "))
        .contains("rests on what all of several IOMMUs of the host can do (iova-ranges)");
  }

  @Test
  void whatIsWrongWithAStepNamesTheFile(@TempDir Path folder) throws Exception {
    Path scenario = folder.resolve("s.json");
    Files.writeString(
        scenario,
        "{\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"],\"steps\":[{\"do\":\"boot\"},"
            + "{\"do\":\"boot\"}]}");
    CommandLineRun run = CommandLineRun.of("check", "--scenario", scenario.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("stopcopy: " + scenario + ": step 2: boot, expected");
  }

  @Test
  void whatTrackingWouldCostIsToldThoughTheVmIsBlocked() {
    CommandLineRun run = big();

    assertThat(run.out())
        .startsWith("blocked: ")
        .contains(
            "What tracking would cost\n  device 0000:3b:00.2 (vf0), 0000:3b:00.3 (vf1), pages")
        .containsPattern("boot layout \\(the RFC\\) +2 +1 TiB +32 MiB +0 %\n")
        .containsPattern("boot layout \\(the RFC\\) +1 TiB +1 TiB +1 TiB\n")
        .containsPattern("vIOMMU, 48 bits +1 +256 TiB +8 GiB +99.6 %")
        .containsPattern(
            "refused by the device: Operation not supported \\(more\n"
                + " +than 0x40000000000 bytes\\)");
  }

  @Test
  void whatTrackingWouldCostIsToldToPrograms() throws Exception {
    String name = "plain-one-vf";
    CommandLineRun run = check(name, "--format", "json", "--mtree", example(name, "mtree.txt"));
    JsonNode layouts =
        JsonMapper.builder().build().readTree(run.out()).get("tracking-cost").get(0).get("layouts");

    assertThat(layouts).hasSize(4);
    JsonNode boot = layouts.get(1);
    assertThat(boot.get("layout").textValue()).isEqualTo("boot");
    assertThat(boot.get("tracked-bytes").textValue()).isEqualTo("0x380000000");
    assertThat(boot.get("bitmap-bytes").textValue()).isEqualTo("0x70000");
    assertThat(boot.get("needless-bytes").textValue()).isEqualTo("0x200035000");
    assertThat(boot.get("errno").intValue()).isZero();
    assertThat(layouts.get(3).get("ranges").get(0).toString())
        .isEqualTo("{\"iova\":\"0x0\",\"length\":\"0x1000000000000\"}");
  }

  @Test
  void R_AS_10_and_R_AS_102_memoryIsShownWithItsTypes(@TempDir Path folder) throws Exception {
    String name = "plain-one-vf";
    Path mtree = folder.resolve("mtree.txt");
    String dump = Files.readString(Path.of(example(name, "mtree.txt")));
    String bios = "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios";
    String flash = "  00000000ffc00000-00000000fffbffff (prio 0, romd): system.flash0";
    assertThat(dump).contains(bios);
    Files.writeString(mtree, dump.replace(bios, flash + "\n" + bios));
    CommandLineRun run = check(name, "--format", "json", "--mtree", mtree.toString());
    JsonNode snapshot = JsonMapper.builder().build().readTree(run.out()).get("steps").get(1);
    List<String> rows = new ArrayList<>();
    for (JsonNode row : snapshot.get("memory").get(0).get("rows")) {
      rows.add(
          row.get(0).textValue() + " " + row.get(2).textValue() + " " + row.get(3).textValue());
    }

    assertThat(rows)
        .containsExactly(
            "0x0 ram ram0",
            "0xc3000 rom ram0",
            "0xe8000 ram ram0",
            "0xf0000 rom ram0",
            "0x100000 ram ram0",
            "0xb0000000 i/o pcie-mmcfg-mmio",
            "0xfebff000 i/o ahci",
            "0xfec00000 i/o ioapic",
            "0xfed1c000 i/o lpc-rcrb-mmio",
            "0xfee00000 i/o kvm-apic-msi",
            "0xffc00000 romd system.flash0",
            "0xfffc0000 rom pc.bios",
            "0x100000000 ram ram0",
            "0x200000000 ramd 0000:01:00.0 BAR 0 mmaps[0]");
  }

  @Test
  void withoutMemoryDumpTheRangeOfTheBarIsSaidToBeUnknown() throws Exception {
    String name = "plain-one-vf";
    CommandLineRun run = check(name, "--format", "json");
    JsonNode json = JsonMapper.builder().build().readTree(run.out());
    JsonNode migrate = json.get("steps").get(2);

    assertThat(migrate.get("dma-logging-start").get(0).get("unknown").toString())
        .isEqualTo("[\"32\",\"pci64\"]");
    assertThat(migrate.get("unknown").toString()).isEqualTo("[\"dma-map\"]");
    assertThat(migrate.has("dma-map")).isFalse();
    assertThat(check(name, "--picture").out())
        .contains("not known without BAR addresses: 32, pci64")
        .containsPattern("0x0000000000100000  RAM +2 GiB +#+ +not known\n")
        .containsPattern("0x0000000100000000  RAM +4 GiB +#+ +tracked\n");
  }

  @Test
  void amdVmIsRefusedBy8_1AndBlockedBy10_2() {
    String[] args = {
      "check",
      "--qemu-args",
      example("amd-viommu", "qemu.args"),
      "--host",
      example("amd-viommu", "host.json"),
      "--qemu-version",
      "8.1-iommu-pt"
    };
    assertThat(CommandLineRun.of(args).out())
        .startsWith("refused: ")
        .contains("requires iommu notifier which is not currently supported");
    args[6] = "10.2";
    assertThat(CommandLineRun.of(args).out())
        .startsWith("blocked: ")
        .contains("VIOMMU_PRESENT", "NON_MIGRATABLE_DEVICE");
  }

  @Test
  void otherReleasesAreAnsweredWithTheNearestOlderProfileAndSayso() {
    CommandLineRun run = big("--qemu-version", "9.3");

    assertThat(run.out())
        .contains("(QEMU 9.2)", "QEMU 9.3 is answered with the nearest older profile, 9.2");
  }

  @Test
  void allProfilesSideBySide() {
    CommandLineRun run = big("--qemu-version", "all");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out().lines().takeWhile(line -> !line.isEmpty()))
        .hasSize(QemuProfile.values().length + 1)
        .anyMatch(line -> line.startsWith("11.0 ") && line.endsWith("(not recorded)"));
  }

  @ParameterizedTest
  @CsvSource({
    "'8.2,10.0', 0, refused becomes conditional",
    "'10.0,8.2', 1, conditional becomes refused",
  })
  void aListTellsWhatChangesAndTheLastOneDecides(
      String list, int exitCode, String told, @TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(
        args, "-M q35 -object iommufd,id=i0 -device vfio-pci,host=01:00.0,iommufd=i0");
    String[] words = {"check", "--qemu-args", args.toString(), "--qemu-version", list};
    CommandLineRun run = CommandLineRun.of(words);

    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out())
        .contains(told, "INVALID_CONFIGURATION: Property 'vfio-pci.iommufd' not found");
    String json =
        CommandLineRun.of(
                Stream.concat(Stream.of(words), Stream.of("--format", "json"))
                    .toArray(String[]::new))
            .out();
    FormatSchema.PROFILES.assertValid(json);
    assertThat(json).contains("\"changes\":[{\"from\"");
  }

  @Test
  void allTellsFromWhichReleaseOnItMigrates(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(
        args, "-M q35 -object iommufd,id=i0 -device vfio-pci,host=01:00.0,iommufd=i0");
    String[] words = {"check", "--qemu-args", args.toString(), "--qemu-version", "all"};

    assertThat(CommandLineRun.of(words).out()).contains("It migrates from QEMU 9.0 on.");
    String json =
        CommandLineRun.of(
                Stream.concat(Stream.of(words), Stream.of("--format", "json"))
                    .toArray(String[]::new))
            .out();
    FormatSchema.PROFILES.assertValid(json);
    assertThat(json)
        .contains("\"migratable-from\":\"9.0\"")
        .doesNotContain("\"changes\":[{\"from\"");
  }

  @Test
  void allProfilesTellTheirWarningsOnce(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(args, "-M q35 -device qxll -device vfio-pci,host=01:00.0 --frobnicate");
    List<String> words =
        List.of("check", "--qemu-args", args.toString(), "--qemu-version", "all", "--format");
    List<String> once =
        List.of(
            "Options that mean nothing to this program: --frobnicate",
            "-device: QEMU has no device 'qxll'",
            "Nothing is known of the BARs of 0000:01:00.0",
            "profile 11.0 is not recorded");
    for (String format : List.of("text", "json")) {
      List<String> all = new ArrayList<>(words);
      all.add(format);
      String out = CommandLineRun.of(all.toArray(String[]::new)).flowing();
      once.forEach(warning -> assertThat(out).containsOnlyOnce(warning));
    }
  }

  @Test
  void whatOnlySomeProfilesWarnOfNamesThem(@TempDir Path folder) throws Exception {
    Path args = folder.resolve("qemu.args");
    Files.writeString(args, "-M q35 -device vfio-pci,host=01:00.0,enable-migration=on");
    Path host = folder.resolve("host.json");
    Files.writeString(host, "{\"devices\": {\"0000:01:00.0\": {\"dma-logging\": false}}}");
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--qemu-args",
            args.toString(),
            "--host",
            host.toString(),
            "--qemu-version",
            "all",
            "--format",
            "json");

    assertThat(run.out())
        .contains(
            "\"QEMU 8.1, 8.1-iommu-pt, 8.2, 9.0: QEMU warns: 0000:01:00.0: VFIO device doesn't"
                + " support device dirty tracking\"",
            "\"QEMU 9.1, 9.2, 10.0, 10.1, 10.2, 11.0, 11.1: QEMU warns: 0000:01:00.0: VFIO device"
                + " doesn't support device and IOMMU dirty tracking\"");
  }

  @Test
  void scenarioFileIsCheckedLikeACommandLine(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("one.json");
    Files.writeString(
        file,
        """
        {"id": "one", "profile": "10.2",
         "argv": ["-machine", "q35", "-m", "2G",
                  "-device", "vfio-pci,host=01:00.0,id=v1,enable-migration=off"],
         "steps": [{"do": "migrate"}]}
        """);
    CommandLineRun run = CommandLineRun.of("check", "--scenario", file.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("MIGRATION_DISABLED", "set enable-migration=auto on");
  }

  @Test
  void jsonHasVerdictReasonsAndSteps() throws Exception {
    CommandLineRun run = big("--format", "json");
    JsonNode json = JsonMapper.builder().build().readTree(run.out());

    assertThat(json.get("verdict").asText()).isEqualTo("blocked");
    assertThat(json.get("profile").asText()).isEqualTo("11.1");
    assertThat(json.get("reasons").get(0).get("code").asText()).isEqualTo("VIOMMU_PRESENT");
    assertThat(json.get("profile-origin").asText()).isEqualTo("assumed");
    assertThat(json.get("assumptions").get(0).get("subject").asText()).isEqualTo("qemu");
    JsonNode reason = json.get("reasons").get(0);
    assertThat(reason.get("kind").asText()).isEqualTo("blocker");
    assertThat(reason.get("id").asText()).isEqualTo("vf0");
    assertThat(reason.get("remedies").get(0).get("then").asText()).isNotEmpty();
    assertThat(json.get("steps")).hasSize(3);
    assertThat(json.get("viommu").get("last-iova").asText()).isEqualTo("0xffffffffffff");
  }
}
