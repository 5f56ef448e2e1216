package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command of docs/inputs.md works on what its platform prints. What stands before the pipe,
 * and files that only a host with the platform has, are replaced by a sample; the options are those
 * of the page.
 */
class InputsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "inputs.md");
  private static final Path SAMPLES = Path.of("src", "test", "resources", "docs", "inputs");
  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources");
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)\n```", Pattern.DOTALL);

  /** What a platform prints or keeps, by the command or the name of the file. */
  private static final Map<String, Path> PLATFORM =
      Map.ofEntries(
          Map.entry("/proc/$(pidof qemu-system-x86_64)/cmdline", SAMPLES.resolve("qemu.cmdline")),
          Map.entry(
              "systemctl status -l --no-pager vm42.service",
              SAMPLES.resolve("systemctl-status.txt")),
          Map.entry("start-vm.sh", SAMPLES.resolve("start-vm.sh")),
          Map.entry("virsh dumpxml vm42", DOMAINS.resolve("libvirt/q35-intel-iommu.stored")),
          Map.entry(
              "/run/libvirt/qemu/vm42.xml",
              DOMAINS.resolve("libvirt-documented/status-of-network.xml")),
          Map.entry(
              "/etc/libvirt/qemu/vm42.xml", DOMAINS.resolve("libvirt-11.3/virt-install-q35.xml")),
          Map.entry("virsh -r dumpxml vm42", DOMAINS.resolve("libvirt/ovirt.stored")),
          Map.entry("virsh dumpxml i-2-42-VM", DOMAINS.resolve("libvirt/cloudstack.stored")),
          Map.entry("qm showcmd 100 --pretty", SAMPLES.resolve("proxmox.args")),
          Map.entry("virsh dumpxml instance-0000002a", DOMAINS.resolve("libvirt/openstack.stored")),
          Map.entry(
              "podman exec nova_virtqemud virsh dumpxml instance-0000002a",
              DOMAINS.resolve("libvirt/openstack.stored")),
          Map.entry(
              "kubectl exec virt-launcher-vm42-x7k2p -c compute -- virsh dumpxml default_vm42",
              DOMAINS.resolve("libvirt/kubevirt.stored")),
          Map.entry(
              "/proc/$(cat /run/incus/vm42/qemu.pid)/cmdline", SAMPLES.resolve("incus/cmdline")),
          Map.entry("/run/incus/vm42/qemu.conf", SAMPLES.resolve("incus/qemu.conf")));

  static Stream<String> commands() throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(PAGE));
    return block.results().map(found -> found.group(1)).toList().stream();
  }

  private static String sample(String printedBy) {
    assertThat(PLATFORM).as("a sample of what `%s` prints", printedBy).containsKey(printedBy);
    Path sample = PLATFORM.get(printedBy);
    assertThat(sample).isRegularFile();
    return sample.toString();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void readsWhatThePlatformPrints(String command) {
    assertThat(command).as("one line").doesNotContain("\n");
    String[] piped = command.split(" \\| ", 2);
    String own = piped[piped.length - 1];
    assertThat(own).startsWith("stopcopy check --");
    List<String> words = new ArrayList<>();
    // a substitution of the shell is part of a word
    for (String word : own.substring("stopcopy ".length()).split(" (?![^(]*\\))")) {
      if (word.equals("-")) {
        assertThat(piped).as("something is piped in").hasSize(2);
        words.add(sample(piped[0]));
      } else {
        words.add(word.startsWith("--") || word.equals("check") ? word : sample(word));
      }
    }
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isIn(ExitCode.DONE, ExitCode.NEGATIVE);
    assertThat(run.out())
        .as("the VFIO device of the sample is found")
        .containsPattern("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
  }

  @Test
  void everyPlatformHasItsLine() throws IOException {
    for (String section : Files.readString(PAGE).split("\n## ")) {
      if (!section.startsWith("# ")) {
        assertThat(section).contains("```sh\n");
      }
    }
    assertThat(Files.readString(PAGE).lines().filter(line -> line.startsWith("## ")))
        .containsExactly(
            "## Plain QEMU",
            "## libvirt",
            "## oVirt",
            "## CloudStack",
            "## Proxmox",
            "## OpenStack",
            "## KubeVirt",
            "## Incus");
  }

  @Test
  void noSampleIsIdle() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(PLATFORM.keySet()).allMatch(page::contains);
  }
}
