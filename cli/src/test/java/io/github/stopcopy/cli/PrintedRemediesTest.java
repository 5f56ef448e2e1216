package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is printed as the way to try a remedy does try it: its options, given to the command, and
 * its XML, added to the domain, give the verdict that was told.
 */
class PrintedRemediesTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources", "libvirt");

  /** Commands that ask about the examples and about each recorded domain. */
  private static List<List<String>> questions() throws IOException {
    List<List<String>> all = new ArrayList<>();
    for (String example : List.of("amd-viommu", "big-q35-intel-viommu", "plain-one-vf")) {
      all.add(
          List.of(
              "--qemu-args",
              CommandLineRun.example(example, "qemu.args"),
              "--host",
              CommandLineRun.example(example, "host.json")));
    }
    all.add(
        List.of(
            "--libvirt",
            CommandLineRun.example("libvirt-domain", "domain.xml"),
            "--host",
            CommandLineRun.example("libvirt-domain", "host.json")));
    all.add(List.of("--scenario", CommandLineRun.example("kexec-mid-migration", "scenario.jsonl")));
    try (Stream<Path> files = Files.list(DOMAINS)) {
      files
          .map(Path::toString)
          .filter(file -> file.endsWith(".stored"))
          .sorted()
          .forEach(file -> all.add(List.of("--libvirt", file)));
    }
    return all;
  }

  private static JsonNode answer(List<String> question, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("check"));
    args.addAll(question);
    args.addAll(List.of(more));
    args.addAll(List.of("--format", "json"));
    CommandLineRun run = CommandLineRun.of(args.toArray(String[]::new));
    assertThat(run.err()).as(args.toString()).isEmpty();
    return JSON.readTree(run.out());
  }

  private static List<JsonNode> remedies(JsonNode answer) {
    Set<JsonNode> changes = new HashSet<>();
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode reason : answer.get("reasons")) {
      for (JsonNode remedy : reason.get("remedies")) {
        if (changes.add(remedy.get("changes"))) {
          all.add(remedy);
        }
      }
    }
    return all;
  }

  @TestFactory
  Stream<DynamicTest> optionsGiveTheVerdictThatIsTold() throws IOException {
    return questions().stream()
        .map(question ->
            DynamicTest.dynamicTest(
                question.get(1),
                () -> {
                  for (JsonNode remedy : remedies(answer(question))) {
                    if (remedy.has("command")) {
                      String options = remedy.get("command").textValue();
                      assertThat(answer(question, options.split(" ")).get("verdict"))
                          .as(options)
                          .isEqualTo(remedy.get("then"));
                    }
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> xmlGivesTheVerdictThatIsTold(@TempDir Path folder) throws IOException {
    return questions().stream()
        .filter(question -> question.get(0).equals("--libvirt"))
        .map(question ->
            DynamicTest.dynamicTest(
                question.get(1),
                () -> {
                  for (JsonNode remedy : remedies(answer(question))) {
                    if (remedy.has("libvirt") && remedy.get("libvirt").asText().contains("qemu:")) {
                      List<String> changed = new ArrayList<>(question);
                      changed.set(1, domain(question.get(1), remedy, folder).toString());
                      assertThat(answer(changed, release(remedy)).get("verdict"))
                          .as(remedy.get("libvirt").textValue())
                          .isEqualTo(remedy.get("then"));
                    }
                  }
                }));
  }

  /** The domain with the elements that libvirt hands to QEMU behind all others. */
  private static Path domain(String file, JsonNode remedy, Path folder) throws IOException {
    String xml = Files.readString(Path.of(file));
    Path changed = folder.resolve("changed.xml");
    int end = xml.lastIndexOf("</domain>");
    Files.writeString(
        changed, xml.substring(0, end) + remedy.get("libvirt").textValue() + xml.substring(end));
    return changed;
  }

  /** Which QEMU runs it is not in the XML. */
  private static String[] release(JsonNode remedy) {
    for (JsonNode change : remedy.get("changes")) {
      if (change.has("profile")) {
        return new String[] {"--qemu-version", change.get("profile").textValue()};
      }
    }
    return new String[0];
  }

  @Test
  void bothAreToldWhereTheyShould() throws IOException {
    List<String> commands = new ArrayList<>();
    List<String> elements = new ArrayList<>();
    for (List<String> question : questions()) {
      for (JsonNode remedy : remedies(answer(question))) {
        if (remedy.has("command")) {
          commands.add(remedy.get("command").textValue());
        }
        if (remedy.has("libvirt")) {
          assertThat(question.get(0)).isEqualTo("--libvirt");
          elements.addAll(Arrays.asList(remedy.get("libvirt").textValue().split("\n")));
        }
      }
    }
    assertThat(commands).hasSizeGreaterThan(20);
    assertThat(elements)
        .contains(
            "      <qemu:property name='x-device-dirty-page-tracking' type='string' value='off'/>",
            "      <qemu:property name='x-migration-iommu-pt' type='bool' value='true'/>");
  }

  @Test
  void linesAreNotTooLong() throws IOException {
    for (List<String> question : questions()) {
      List<String> args = new ArrayList<>(List.of("check"));
      args.addAll(question);
      CommandLineRun run = CommandLineRun.of(args.toArray(String[]::new));
      run.out()
          .lines()
          .dropWhile(line -> !line.contains("What helps"))
          .takeWhile(line -> !line.isEmpty())
          .filter(line -> !line.startsWith("     QEMU says: "))
          .filter(line -> !line.startsWith(" ".repeat("     QEMU says: ".length())))
          .filter(line -> !line.contains("<")) // XML, which no line may break
          .forEach(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }
  }
}
