package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answer to a domain's XML is the answer to the command line that libvirt makes of it. */
class LibvirtVerdictsTest {

  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources", "libvirt");

  /** Where domxml-to-native loses that a network device stands in for another. */
  private static final List<String> FAILOVER = List.of("ovirt", "teaming");

  private static final JsonMapper JSON = new JsonMapper();

  static Stream<String> domains() throws IOException {
    try (Stream<Path> files = Files.list(DOMAINS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".xml"))
          .map(name -> name.substring(0, name.length() - ".xml".length()))
          .filter(name -> !FAILOVER.contains(name))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** Their recorded command lines lack the device that stands in, see the README beside them. */
  private static final Set<String> FAILING_OVER = Set.of("ovirt", "teaming");

  static Stream<String> comparedDomains() throws IOException {
    return domains().filter(name -> !FAILING_OVER.contains(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ovirt", "teaming"})
  void R_OBS_115_anInterfaceThatStandsInIsFoundInTheXmlOnly(String name) throws Exception {
    assertThat(answer("--libvirt", name + ".xml", "10.2").toString())
        .contains("\"FAILOVER_PRIMARY\"")
        .doesNotContain("FAILOVER_PAIR_MISSING");
    assertThat(answer("--qemu-args", name + ".args", "10.2").toString())
        .contains("\"FAILOVER_PAIR_MISSING\"");
  }

  private static String file(String name) {
    return DOMAINS.resolve(name).toString();
  }

  /** The answer without its warnings and remedies in XML, which only libvirt's own input has. */
  private static JsonNode answer(String option, String file, String profile) throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "check", option, file(file), "--format", "json", "--qemu-version", profile);
    assertThat(run.err()).isEmpty();
    ObjectNode answer = (ObjectNode) JSON.readTree(run.out());
    answer.remove("warnings");
    for (JsonNode reason : answer.get("reasons")) {
      reason.get("remedies").forEach(remedy -> ((ObjectNode) remedy).remove("libvirt"));
    }
    answer.put("exit-code", run.exitCode());
    return answer;
  }

  @ParameterizedTest
  @MethodSource("comparedDomains")
  void isThatOfLibvirtsCommandLine(String name) throws Exception {
    for (String profile : List.of("8.1-iommu-pt", "10.2")) {
      JsonNode libvirts = answer("--qemu-args", name + ".args", profile);

      assertThat(answer("--libvirt", name + ".stored", profile)).isEqualTo(libvirts);
      assertThat(answer("--libvirt", name + ".xml", profile)).isEqualTo(libvirts);
    }
  }

  @Test
  void theXmlHasTheDeviceThatStandsIn() throws Exception {
    for (String name : FAILOVER) {
      assertThat(answer("--libvirt", name + ".stored", "10.2").findValuesAsText("code"))
          .contains("FAILOVER_PRIMARY")
          .doesNotContain("FAILOVER_PAIR_MISSING");
    }
  }

  @Test
  void settingsNameDevicesByAlias() {
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--libvirt",
            file("many-vcpus.stored"),
            "--qemu-version",
            "8.1-iommu-pt",
            "--set",
            "hostdev0.x-migration-iommu-pt=on",
            "--set",
            "ua-nic1.x-migration-iommu-pt=on");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("conditional: ");
  }

  @Test
  void theExampleAnswersAsItsTextSays() {
    String xml = CommandLineRun.example("libvirt-domain", "domain.xml");
    String host = CommandLineRun.example("libvirt-domain", "host.json");
    CommandLineRun plain = CommandLineRun.of("check", "--libvirt", xml, "--host", host);
    CommandLineRun option =
        CommandLineRun.of(
            "check",
            "--libvirt",
            xml,
            "--host",
            host,
            "--qemu-version",
            "8.1-iommu-pt",
            "--set",
            "hostdev0.x-migration-iommu-pt=on",
            "--set",
            "ua-accelerator.x-migration-iommu-pt=on");

    assertThat(plain.exitCode()).isEqualTo(1);
    assertThat(plain.out())
        .startsWith("blocked: QEMU refuses to migrate it (QEMU 11.1, assumed)\n");
    assertThat(option.exitCode()).isZero();
    assertThat(option.out())
        .startsWith(
            "conditional: it can be migrated as long as the guest does not use the vIOMMU for DMA"
                + " (QEMU 8.1-iommu-pt)\n");
  }

  private static CommandLineRun domain(Path folder, String vcpus, String devices)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("vm.xml"),
            "<domain type='kvm'><memory unit='GiB'>4</memory>\n<vcpu>"
                + vcpus
                + "</vcpu><os><type machine='pc-q35-10.0'>hvm</type></os><devices>\n"
                + devices
                + "</devices></domain>");
    Path host =
        Files.writeString(
            folder.resolve("host.json"),
            "{\"devices\":{\"0000:21:00.0\":{\"migration\":[\"stop-copy\",\"p2p\"],"
                + "\"dma-logging\":true}}}");
    return CommandLineRun.of("check", "--libvirt", file.toString(), "--host", host.toString());
  }

  private static final String VFIO =
      "<hostdev type='pci'><source><address bus='0x21'/></source></hostdev>";

  @Test
  void moreThan255ProcessorsAreAnsweredForBothVms(@TempDir Path folder) throws Exception {
    CommandLineRun run = domain(folder, "300", VFIO);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("conditional: ")
        .contains("VM_MAY_DIFFER", "not allowed without enabling caching-mode=on")
        .containsPattern("vm.xml:2:\\s+libvirt\\s+from\\s+10.10\\s+on\\s+adds\\s+an\\s+<iommu>");
    assertThat(domain(folder, "255", VFIO).out()).startsWith("migratable: ");
  }

  @Test
  void twoVmsOfOneAnswerAreAWarning(@TempDir Path folder) throws Exception {
    CommandLineRun run = domain(folder, "300", "");

    assertThat(run.out())
        .startsWith("migratable: ")
        .containsPattern("libvirt\\s+from\\s+10.10")
        .containsPattern("with\\s+that\\s+it\\s+is\\s+migratable");
  }

  @Test
  void aNetworkThatMayAssignADeviceIsNamed(@TempDir Path folder) throws Exception {
    String network = "<interface type='network'><source network='sriov'/></interface>";

    CommandLineRun run = domain(folder, "2", VFIO + network);
    assertThat(run.out())
        .startsWith("conditional: ")
        .contains("NETWORK_MAY_ASSIGN_DEVICE")
        .containsPattern("vm.xml:3:\\s+network\\s+'sriov'");
    CommandLineRun blocked = domain(folder, "2", VFIO + network + "<iommu model='virtio'/>");
    assertThat(blocked.out())
        .startsWith("blocked: ")
        .containsPattern("vm.xml:3:\\s+network\\s+'sriov'");
  }

  @Test
  void notesAreWarnings() {
    CommandLineRun run = CommandLineRun.of("check", "--libvirt", file("teaming.xml"));

    assertThat(run.out()).contains("Warnings", "CPU mode host-model", "Without a PCI address");
  }

  @Test
  void notesAreToldOnceForAllProfiles() {
    CommandLineRun run =
        CommandLineRun.of("check", "--libvirt", file("teaming.xml"), "--qemu-version", "all");

    assertThat(run.out())
        .contains("\n\nWarnings\n")
        .containsOnlyOnce("CPU mode host-model")
        .containsOnlyOnce("Without a PCI address");
  }
}
