package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code check --to} on the example of another host. */
class DestinationCommandTest {

  private static final String NAME = "another-host";

  private static CommandLineRun check(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "check",
                "--qemu-args",
                example(NAME, "qemu.args"),
                "--host",
                example(NAME, "host.json"),
                "--qemu-version",
                "10.0"));
    all.addAll(List.of(more));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static CommandLineRun to(String host, String... more) {
    List<String> all = new ArrayList<>(List.of("--to", example(NAME, host)));
    all.addAll(List.of(more));
    return check(all.toArray(String[]::new));
  }

  @Test
  void aHostWithSuchACardLoadsTheVmIfItsCardIsTaken() {
    CommandLineRun run = to("ready.json", "--to-qemu", "11.1");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("conditional: it can be migrated if what is said below holds (QEMU 10.0)")
        .contains("1. DESTINATION_ASSUMED, device 0000:3b:00.2 (net0)")
        .contains(
            """
            On the destination (QEMU 11.1)
              the destination loads what the source sends
              device 0000:3b:00.2 (net0) at 0000:00:05.0 -> 0000:41:00.4: loaded
            """)
        .contains("  - destination 0000:41:00.4: takes the place of 0000:3b:00.2");
  }

  @Test
  void withItsOwnCommandLineNothingIsAssumedOfDevices() {
    CommandLineRun run = to("ready.json", "--to-qemu-args", example(NAME, "waiting.args"));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("migratable: ");
  }

  @Test
  void withoutTheDriverTheSourceRunsOn() {
    CommandLineRun run = to("unready.json");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .startsWith(
            "failed: the destination cannot load what the source sends, and the source runs on")
        .contains("1. DESTINATION_CANNOT_LOAD, device 0000:3b:00.2 (net0)")
        .contains("on the destination bind mlx5_vfio_pci to 0000:41:00.4")
        .contains("device 0000:3b:00.2 (net0) at 0000:00:05.0 -> 0000:41:00.4: not loaded");
  }

  @Test
  void anotherCardLosesTheVm() {
    CommandLineRun run =
        to("other-card.json", "--to-qemu-args", example(NAME, "waiting.args"), "--format", "json");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains(
            "\"destination\":{\"profile\":\"10.0\",\"outcome\":\"vm-lost\",\"devices\":[{\"device\":"
                + "\"0000:3b:00.2\",\"id\":\"net0\",\"section\":\"0000:00:05.0/vfio\","
                + "\"destination-device\":\"0000:41:00.4\",\"loaded\":false}]}")
        .contains("\"code\":\"DESTINATION_DEVICE_DIFFERS\"");
  }

  @Test
  void allReleasesAreAskedAboutTheDestination() {
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--qemu-args",
            example(NAME, "qemu.args"),
            "--qemu-version",
            "all",
            "--to",
            example(NAME, "ready.json"),
            "--format",
            "json");

    assertThat(run.out()).contains("\"destination\":{\"profile\":\"11.1\",\"outcome\":\"loaded\"");
  }

  @Test
  void partsOfADestinationNeedItsHost() {
    assertThat(check("--to-qemu", "10.0").exitCode()).isEqualTo(2);
    assertThat(check("--to-qemu", "10.0").err())
        .isEqualTo(
            "stopcopy: --to-qemu without a destination, expected --to FILE with the facts of its"
                + " host\n");
    assertThat(check("--to-qemu-args", "x").err()).startsWith("stopcopy: --to-qemu-args without");
    assertThat(to("ready.json", "--to-qemu", "0.9").err()).contains("0.9");
    assertThat(to("missing.json").err()).contains("missing.json: no such file");
  }
}
