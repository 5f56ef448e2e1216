package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code host} on copies of hosts, and what {@code check} makes of its answers. */
class HostCommandTest {

  private static final String DEVICES = "sys/bus/pci/devices/";

  @TempDir private Path folder;

  private CommandLineRun host(String tree, String... more) throws Exception {
    Path root = folder.resolve("root");
    if (!Files.exists(root)) {
      HostTrees.write(tree, Files.createDirectories(root));
    }
    return run(more);
  }

  private CommandLineRun run(String... more) {
    List<String> words = new ArrayList<>(List.of("host", "--root", folder.resolve("root") + ""));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private static String expected(String tree) throws Exception {
    return Files.readString(HostTrees.FOLDER.resolve(tree + ".json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "intel-mlx5",
        "amd-hardware-tracking",
        "old-kernel",
        "features-of-6.18",
        "shared-group"
      })
  void R_HOST_theFactsOfASampleHostAreThese(String tree) throws Exception {
    CommandLineRun run = host(tree);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(expected(tree));
  }

  private JsonNode check(String hostJson, String device) throws Exception {
    Path host = Files.writeString(folder.resolve("host.json"), hostJson);
    Path args =
        Files.writeString(
            folder.resolve("qemu.args"),
            "qemu-system-x86_64 -M q35,accel=kvm -m 8G -device vfio-pci,host=" + device);
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--qemu-args", args + "", "--host", host + "", "--format", "json");
    return new JsonMapper().readTree(run.out());
  }

  @ParameterizedTest(name = "{0}, {1}: {2} for {3}")
  @CsvSource({
    "intel-mlx5, 0000:3b:00.2, conditional, HOST_ASSUMED",
    "features-of-6.18, 0000:6c:00.4, migratable, ",
    "old-kernel, 0000:01:00.0, blocked, NO_KERNEL_SUPPORT",
    "shared-group, 0000:5e:00.1, blocked, "
  })
  void whatTheTableSaysIsAssumedAndWhatTheHostSaysIsNot(
      String tree, String device, String verdict, String code) throws Exception {
    JsonNode answer = check(host(tree).out(), device);

    assertThat(answer.get("verdict").asText()).as(answer.toString()).isEqualTo(verdict);
    if (code != null) {
      assertThat(answer.get("reasons").findValuesAsText("code")).contains(code);
    }
    boolean isAssumed = !tree.startsWith("features");
    assertThat(answer.get("assumptions").findValuesAsText("origin").contains("driver table"))
        .isEqualTo(isAssumed);
  }

  @Test
  void R_HOST_C3_withTheProbeNothingOfTheDeviceIsAssumed() throws Exception {
    CommandLineRun run =
        host(
            "intel-mlx5",
            "--device",
            "3b:00.2",
            "--probe",
            HostTrees.FOLDER.resolve("probe.json") + "");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("[\"stop-copy\",\"p2p\",\"pre-copy\"]", "\"migration\": \"probe\"")
        .doesNotContain("driver table", "0000:3b:00.3");
    assertThat(check(run.out(), "0000:3b:00.2").get("verdict").asText()).isEqualTo("migratable");
  }

  @Test
  void textSaysWhatIsKnownAssumedAndUnknownAndHowToGetIt() throws Exception {
    String text = host("intel-mlx5", "--format", "text", "--device", "0000:3b:00.2").out();

    assertThat(text)
        .contains(
            "  known    kernel                6.12.1-1-generic (/proc/sys/kernel/osrelease)\n",
            "\nDevice 0000:3b:00.2\n",
            "  assumed  migration             stop-copy, p2p (driver table: what",
            "  unknown  msix                 ")
        .doesNotContain("0000:3b:00.3");
    assertThat(text.replaceAll("\\s+", " "))
        .contains(
            "(driver table: what mlx5_vfio_pci is",
            "to be sure: Linux 6.18 or newer, for",
            "unknown msix (/sys/bus/pci/devices/0000:3b:00.2/config)",
            "to know: root, who can read all of the file",
            "The probe is docs/probe/stopcopy-probe.c");
    assertThat(text.lines()).allSatisfy(line -> assertThat(line).doesNotEndWith(" "));
  }

  @Test
  void whatNoFactCanSayIsToldBeside() throws Exception {
    String problem =
        "IOMMU group 15 has devices that drivers of the host use, so that no VM gets any of it:"
            + " 0000:00:1f.6 (e1000e).";

    assertThat(host("shared-group").err()).contains("stopcopy: 0000:00:1f.2: " + problem);
    assertThat(host("shared-group", "--format", "text").out().replaceAll("\\s+", " "))
        .contains("Notes - containers: 2 IOMMUs", problem);
  }

  @Test
  void aHostWithoutVfioDevicesSaysSoAndHowToLookElsewhere() throws Exception {
    Files.createDirectories(folder.resolve("root/sys/bus/pci/devices/0000:00:02.0"));
    CommandLineRun none = run();
    Files.createSymbolicLink(
        folder.resolve("root/" + DEVICES + "0000:00:02.0/iommu_group"), Path.of("x/groups/3"));
    CommandLineRun one = run();

    assertThat(none.exitCode()).isZero();
    assertThat(none.out()).contains("\"devices\": {}");
    assertThat(none.err())
        .startsWith("stopcopy: no PCI device here is bound to a VFIO driver, and none has an IOMMU")
        .contains("--root DIR", "docs/live.md");
    assertThat(one.err()).contains("1 has an IOMMU group, of which --all tells");
    assertThat(run("--all").out()).contains("0000:00:02.0");
  }

  /** Whatever this machine is, it answers, as any user. */
  @Test
  void thisMachineAnswers() {
    CommandLineRun run = CommandLineRun.of("host");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("{\n").contains("\"kernel\": \"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--root nowhere | nowhere: no such folder, expected one with sys and proc",
        "--root .. | ..: neither sys nor proc is here, expected the files of a Linux host",
        "--all --device 3b:00.2 | --all and --device are given, expected one of them",
        "--format xml | --format is 'xml', expected json or text",
        "--device nonsense | device 'nonsense' is not below /sys/bus/pci/devices, expected one",
        "--probe nowhere.json | nowhere.json: no such file"
      })
  void badUsageIsOneLine(String words, String message) {
    CommandLineRun run = CommandLineRun.of(("host " + words).split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("stopcopy: " + message);
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void hostileFilesAreReadWithinBoundsAndLeadNowhere() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "0x5ec2\n");
    host("features-of-6.18");
    Path root = folder.resolve("root");
    Path device = root.resolve(DEVICES + "0000:6b:00.1");
    replaceByLink(device.resolve("vendor"), secret.toString());
    replaceByLink(device.resolve("device"), "../../../../../../../secret");
    replaceByLink(device.resolve("driver"), "../../" + "x".repeat(200));
    replaceByLink(device.resolve("iommu_group"), "../-1");
    replaceByLink(device.resolve("iommu"), "iommu");
    Files.writeString(device.resolve("resource"), "\u001b[31m".repeat(1000));
    Files.write(device.resolve("config"), new byte[] {1, 2, 3});
    Path features = root.resolve("sys/kernel/debug/vfio/0000:6b:00.1/migration/features");
    Files.delete(features);
    Files.createDirectory(features);
    try (RandomAccessFile huge = new RandomAccessFile(root.resolve("proc/cmdline") + "", "rw")) {
      huge.setLength(1L << 42);
    }
    Files.write(root.resolve("proc/cpuinfo"), new byte[1 << 20]);
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.18\u001b]0;owned\u0007\n");
    for (String name : List.of("0000:00:00.8", "..0", "0000:00:00.0\n", "<b>", "0000:6b:00.2")) {
      Files.createSymbolicLink(root.resolve(DEVICES + name), Path.of("0000:6b:00.2"));
    }
    CommandLineRun run = run("--all");
    CommandLineRun text = run("--all", "--format", "text");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(expected("hostile"));
    assertThat(text.out())
        .as("what was refused, and why nothing is known")
        .isEqualTo(Files.readString(HostTrees.FOLDER.resolve("hostile.txt")));
    assertThat(run.out() + text.out())
        .doesNotContain("5ec2", "\u001b", "owned", "<b>", "xxxx")
        .contains("0000:6b:00.1", "0000:6c:00.4");
    JsonNode devices = new JsonMapper().readTree(run.out()).get("devices");
    assertThat(devices.get("0000:6b:00.1").fieldNames())
        .as("nothing is left of it but what its names tell")
        .toIterable()
        .isSubsetOf("note", "origin");
    assertThat(devices.get("0000:6c:00.4").get("migration")).hasSize(2);
  }

  private static void replaceByLink(Path path, String target) throws Exception {
    Files.delete(path);
    Files.createSymbolicLink(path, Path.of(target));
  }
}
