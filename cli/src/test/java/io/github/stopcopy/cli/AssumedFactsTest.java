package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check} where facts of the host are missing: {@code --driver, --strict, --quiet}. */
class AssumedFactsTest {

  @TempDir private Path folder;

  @BeforeEach
  void oneDevice() throws Exception {
    Files.writeString(
        folder.resolve("qemu.args"),
        "qemu-system-x86_64 -M q35,accel=kvm -m 8G -device vfio-pci,host=0000:21:00.0,id=gpu0");
  }

  private CommandLineRun check(String... more) {
    List<String> all =
        new ArrayList<>(List.of("check", "--qemu-args", folder.resolve("qemu.args").toString()));
    all.addAll(List.of(more));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  @Test
  void withoutFactsOfADeviceTheVerdictIsConditional() {
    CommandLineRun run = check();

    assertThat(run.exitCode()).isZero();
    assertThat(run.flowing())
        .startsWith(
            "conditional: it can be migrated if its devices can do what is assumed of them (QEMU ")
        .contains(
            "1. HOST_ASSUMED, device 0000:21:00.0 (gpu0)",
            "Assumed: migration stop-copy, p2p (default); dma-logging true (default)",
            "--host FILE",
            "stopcopy host");
  }

  /** Facts about a device that the VM does not have are often a mistyped address. */
  @Test
  void factsOfAnotherDeviceAreNamedAndDoNotCount() throws Exception {
    Path host = folder.resolve("host.json");
    Files.writeString(
        host,
        "{\"devices\":{\"0000:21:00.7\":{\"migration\":[\"stop-copy\"],\"dma-logging\":true}}}");
    CommandLineRun run = check("--host", host.toString());

    assertThat(run.flowing())
        .startsWith("conditional: ")
        .contains("The host's facts describe 0000:21:00.7, which is no VFIO device of this VM.");
  }

  @Test
  void aVmWithoutVfioDevicesIsToldAsOne() throws Exception {
    Files.writeString(folder.resolve("qemu.args"), "qemu-system-x86_64 -M q35 -m 2G");

    assertThat(check("--strict").exitCode()).isZero();
    assertThat(check().out()).startsWith("migratable: no VFIO device in this VM, ");
  }

  @Test
  void aDriverOfTheCommandLineWinsOverTheOneThatLibvirtNames() throws Exception {
    Path xml = folder.resolve("vm.xml");
    Files.writeString(
        xml,
        """
        <domain type='kvm'><name>x</name><memory>4194304</memory><vcpu>4</vcpu>
        <os><type arch='x86_64' machine='pc-q35-9.0'>hvm</type></os>
        <devices><hostdev mode='subsystem' type='pci' managed='yes'>
        <driver name='vfio' model='mlx5_vfio_pci'/>
        <source><address domain='0x0000' bus='0x3b' slot='0x00' function='0x2'/></source>
        </hostdev></devices></domain>
        """);
    String file = xml.toString();

    assertThat(CommandLineRun.of("check", "--libvirt", file).out()).contains("HOST_ASSUMED");
    for (String driver : List.of("vfio-pci", "hostdev0=vfio-pci")) {
      assertThat(CommandLineRun.of("check", "--libvirt", file, "--driver", driver).out())
          .contains("NO_KERNEL_SUPPORT", "migration none (driver table)");
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "mlx5_vfio_pci, 0, conditional, HOST_ASSUMED",
    "gpu0=vfio-pci, 1, blocked, NO_KERNEL_SUPPORT",
    "0000:21:00.0=vfio-pci, 1, blocked, NO_KERNEL_SUPPORT"
  })
  void R_HOST_C4_theDriverIsNamed(String driver, int exitCode, String verdict, String code)
      throws Exception {
    CommandLineRun run = check("--driver", driver, "--format", "json");
    JsonNode json = JsonMapper.builder().build().readTree(run.out());

    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(json.get("verdict").textValue()).isEqualTo(verdict);
    assertThat(json.at("/reasons/0/code").textValue()).isEqualTo(code);
    assertThat(json.at("/reasons/0/assumes/0").textValue()).endsWith(" (driver table)");
    assertThat(json.get("assumptions").findValuesAsText("origin")).contains("driver table");
  }

  @Test
  void whatIsNoDriverIsRefusedOrNamed() {
    assertThat(check("--driver", "=x").err())
        .isEqualTo("stopcopy: --driver is '=x', expected [DEVICE=]NAME\n");
    assertThat(check("--driver", "gpu0=").exitCode()).isEqualTo(2);
    CommandLineRun elsewhere = check("--driver", "gpu1=vfio-pci");
    assertThat(elsewhere.exitCode()).isEqualTo(2);
    assertThat(elsewhere.err()).contains("'gpu1'", "gpu0").hasLineCount(1);
    assertThat(check("--driver", "acme").out())
        .startsWith("conditional: ")
        .contains("Nothing is known of the kernel driver 'acme'");
  }

  @Test
  void aScenarioSaysAllOfItsHost() {
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--scenario",
            example("kexec-mid-migration", "scenario.jsonl"),
            "--driver",
            "vfio-pci");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--driver", "--scenario").hasLineCount(1);
  }

  @Test
  void strictExitsWith1ForAConditionalVerdict() {
    assertThat(check("--strict").exitCode()).isEqualTo(1);
    assertThat(check("--strict", "--qemu-version", "all").exitCode()).isEqualTo(1);
    assertThat(check("--qemu-version", "all").exitCode()).isZero();
    CommandLineRun plain =
        CommandLineRun.of(
            "check",
            "--qemu-args",
            example("plain-one-vf", "qemu.args"),
            "--host",
            example("plain-one-vf", "host.json"),
            "--strict");
    assertThat(plain.exitCode()).isZero();
  }

  @Test
  void quietIsTheVerdictAndItsCauses() {
    CommandLineRun run = check("--quiet", "--qemu-version", "10.2");

    assertThat(run.out())
        .isEqualTo(
            """
            conditional: it can be migrated if its devices can do what is assumed of them (QEMU 10.2)
              HOST_ASSUMED, device 0000:21:00.0 (gpu0)
                 Assumed:   migration stop-copy, p2p (default); dma-logging true (default)
            """);
    assertThat(check("--quiet", "--driver", "vfio-pci", "--qemu-version", "10.2").out())
        .isEqualTo(
            """
            blocked: QEMU refuses to migrate it (QEMU 10.2)
              NO_KERNEL_SUPPORT, device 0000:21:00.0 (gpu0)
                 QEMU says: 0000:21:00.0: VFIO migration is not supported in kernel
                 Assumed:   migration none (driver table)
            """);
    assertThat(check("--quiet", "--qemu-version", "all").out()).doesNotContain("Warnings");
  }

  /** With JSON nothing is left out but what takes time: remedies and costs. */
  @Test
  void quietJsonHasNoRemedies() throws Exception {
    JsonNode json =
        JsonMapper.builder().build().readTree(check("--quiet", "--format", "json").out());

    assertThat(json.at("/reasons/0/code").textValue()).isEqualTo("HOST_ASSUMED");
    assertThat(json.at("/reasons/0/remedies")).isEmpty();
    assertThat(json.get("tracking-cost")).isEmpty();
  }
}
