package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The answer to a domain's XML is the answer to the command line that libvirt makes of it. */
class LibvirtVerdictsTest {

  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources", "libvirt");

  private static final JsonMapper JSON = new JsonMapper();

  static Stream<String> domains() throws IOException {
    try (Stream<Path> files = Files.list(DOMAINS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".xml"))
          .map(name -> name.substring(0, name.length() - ".xml".length()))
          .sorted()
          .toList()
          .stream();
    }
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
  @MethodSource("domains")
  void isThatOfLibvirtsCommandLine(String name) throws Exception {
    for (String profile : List.of("8.1-iommu-pt", "10.2")) {
      JsonNode libvirts = answer("--qemu-args", name + ".args", profile);

      assertThat(answer("--libvirt", name + ".stored", profile)).isEqualTo(libvirts);
      assertThat(answer("--libvirt", name + ".xml", profile)).isEqualTo(libvirts);
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
    assertThat(plain.out()).startsWith("blocked: QEMU refuses to migrate it (QEMU 10.2)\n");
    assertThat(option.exitCode()).isZero();
    assertThat(option.out())
        .startsWith(
            "conditional: it can be migrated as long as the guest does not use the vIOMMU for DMA"
                + " (QEMU 8.1-iommu-pt)\n");
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
