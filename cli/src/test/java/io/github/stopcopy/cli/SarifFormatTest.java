package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code check --format sarif}. Every answer of {@link CommandLineRun} is held against the schema
 * of OASIS, too.
 */
class SarifFormatTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path GOLDEN = Path.of("src", "test", "resources", "sarif");

  @TempDir private Path folder;

  private static JsonNode run(CommandLineRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    return MAPPER.readTree(run.out()).get("runs").get(0);
  }

  private CommandLineRun check(String args, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("a vm.args"), args);
    Path host =
        Files.writeString(
            folder.resolve("host.json"),
            "{\"devices\": {\"0000:01:00.0\": {\"migration\": [\"stop-copy\", \"p2p\"],"
                + " \"dma-logging\": true}}}");
    List<String> words =
        new ArrayList<>(
            List.of("check", "--format", "sarif", "--qemu-args", file.toString(), "--host"));
    words.add(host.toString());
    words.addAll(List.of("--qemu-version", "11.1"));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  /** Reasons and findings of a whole example are as they were. */
  @Test
  void anExampleIsToldAsItWas() throws Exception {
    CommandLineRun told =
        CommandLineRun.of(
            "check",
            "--format",
            "sarif",
            "--libvirt",
            example("libvirt-domain", "domain.xml"),
            "--host",
            example("libvirt-domain", "host.json"),
            "--qemu-version",
            "10.2");
    Path golden = GOLDEN.resolve("libvirt-domain.sarif");
    if (Boolean.getBoolean("stopcopy.docs.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(
          golden,
          MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(MAPPER.readTree(told.out()))
              + "\n");
    }

    assertThat(told.exitCode()).isEqualTo(1);
    assertThat(MAPPER.readTree(told.out())).isEqualTo(MAPPER.readTree(golden.toFile()));
  }

  @Test
  void aDeviceIsToldWhereTheCommandLineNamesIt() throws Exception {
    CommandLineRun told =
        check(
            "qemu-system-x86_64 -machine pc-q35-8.1,accel=kvm,kernel-irqchip=split -m 2G \\\n"
                + "  -device intel-iommu,id=iommu0,intremap=on,caching-mode=on \\\n"
                + "  -device vfio-pci,host=01:00.0,id=vf0\n");
    JsonNode run = run(told);

    assertThat(told.exitCode()).isEqualTo(1);
    assertThat(run.at("/properties/verdict").textValue()).isEqualTo("blocked");
    JsonNode result = run.at("/results/0");
    assertThat(result.get("ruleId").textValue()).isEqualTo("VIOMMU_PRESENT");
    assertThat(result.get("level").textValue()).isEqualTo("error");
    assertThat(result.at("/message/text").textValue())
        .endsWith("0000:01:00.0: Migration is currently not supported with vIOMMU enabled");
    assertThat(result.at("/locations/0/physicalLocation/artifactLocation/uri").textValue())
        .startsWith("file:///")
        .endsWith("/a%20vm.args");
    assertThat(result.at("/locations/0/physicalLocation/region"))
        .isEqualTo(MAPPER.readTree("{\"startLine\": 3, \"startColumn\": 33}"));
    assertThat(run.at("/tool/driver/rules/0/helpUri").textValue())
        .endsWith("/docs/reasons/VIOMMU_PRESENT.md");
    // What is about the vIOMMU stands where that is.
    JsonNode finding = run.at("/results/1");
    assertThat(finding.get("ruleId").textValue()).isEqualTo("VIOMMU_NOT_NEEDED");
    assertThat(finding.get("level").textValue()).isEqualTo("note");
    assertThat(finding.at("/locations/0/physicalLocation/region/startLine").intValue())
        .isEqualTo(2);
  }

  /** A name that is the begin of another is not that one. */
  @Test
  void aPlaceIsThatOfTheWholeWord() throws Exception {
    JsonNode run =
        run(
            check(
                "qemu-system-x86_64 -machine pc-q35-8.1,accel=kvm -m 2G\\\n"
                    + " -device virtio-net-pci,id=vf00\\\n"
                    + " -device vfio-pci,host=01:00.0,id=vf0,x-no-mmap=on\n"));

    assertThat(run.get("results")).hasSize(1);
    assertThat(run.at("/results/0/ruleId").textValue()).isEqualTo("BARS_NOT_MAPPED");
    assertThat(run.at("/results/0/locations/0/physicalLocation/region/startLine").intValue())
        .isEqualTo(3);
  }

  @Test
  void aVmWithoutAnyFindingHasNoResult() throws Exception {
    CommandLineRun told =
        check(
            "qemu-system-x86_64 -machine pc-q35-8.1,accel=kvm -m 2G"
                + " -device vfio-pci,host=01:00.0,id=vf0");
    JsonNode run = run(told);

    assertThat(told.exitCode()).isZero();
    assertThat(run.get("results")).isEmpty();
    assertThat(run.at("/properties/verdict").textValue()).isEqualTo("migratable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--qemu-version=all", "--checks", "--picture"})
  void whatDoesNotGoWithItIsRefused(String option) {
    CommandLineRun run =
        CommandLineRun.of(
            "check",
            "--format",
            "sarif",
            "--qemu-args",
            example("plain-one-vf", "qemu.args"),
            option);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--format sarif").contains("expected one of them");
  }
}
