package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes into {@code run}: scenarios in several forms, options that win over them, new steps.
 */
class RunCommandTest {

  private static final String DEVICE = "0000:01:00.0";
  private static final String SCENARIO =
      "{\"id\":\"%s\",\"profile\":\"%s\",\"argv\":[\"-machine\",\"q35\",\"-m\",\"2G\",\"-device\","
          + "\"vfio-pci,host=01:00.0,id=v1\"],\"steps\":[%s]}";
  private static final String MIGRATE = "{\"do\":\"migrate\"}";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static String scenario(String id, String profile, String... steps) {
    return String.format(SCENARIO, id, profile, String.join(",", steps));
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static List<JsonNode> answers(CommandLineRun run) throws IOException {
    List<JsonNode> answers = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      answers.add(JSON.readTree(line));
    }
    return answers;
  }

  private static String verdict(CommandLineRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    return answers(run).get(0).get("verdict").textValue();
  }

  @Test
  void hostSettingsAndReleaseWinOverTheScenario() throws Exception {
    String file = file("s.jsonl", scenario("a", "8.1-iommu-pt", MIGRATE));
    String host = file("host.json", "{\"devices\":{\"" + DEVICE + "\":{\"migration\":null}}}");

    assertThat(verdict(CommandLineRun.of("run", file))).isEqualTo("migratable");
    assertThat(verdict(CommandLineRun.of("run", file, "--host", host))).isEqualTo("blocked");
    assertThat(verdict(CommandLineRun.of("run", file, "--set", "v1.enable-migration=off")))
        .isEqualTo("blocked");

    String setting = "v1.x-device-dirty-page-tracking=on"; // a property of later releases
    assertThat(verdict(CommandLineRun.of("run", file, "--set", setting))).isEqualTo("refused");
    assertThat(verdict(CommandLineRun.of("run", file, "--set", setting, "--qemu-version", "10.2")))
        .isEqualTo("migratable");
  }

  @Test
  void whatIsGivenIsReadOnceAndToldOnce() throws Exception {
    String two =
        scenario("a", "8.1-iommu-pt", MIGRATE) + "\n" + scenario("b", "8.1", MIGRATE) + "\n";
    String file = file("s.jsonl", two);

    CommandLineRun noHost = CommandLineRun.of("run", file, "--host", "nowhere.json");
    assertThat(noHost.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(noHost.err().lines()).hasSize(1);
    assertThat(noHost.out()).isEmpty();
    assertThat(CommandLineRun.of("run", file, "--qemu-version", "all").exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(CommandLineRun.of("run", file, "--qemu-version", "99").err().lines()).hasSize(1);
  }

  @Test
  void aSettingThatIsNoneOfOneVmConcernsThatLine() throws Exception {
    String other = scenario("b", "10.2", MIGRATE).replace("id=v1", "id=v2");
    String file = file("s.jsonl", scenario("a", "10.2", MIGRATE) + "\n" + other);

    CommandLineRun run = CommandLineRun.of("run", file, "--set", "v1.enable-migration=on");
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err()).contains("s.jsonl:2: there is no device 'v1', expected one of v2");
    assertThat(answers(run)).hasSize(1);
  }

  @Test
  void oneScenarioMayGoOverSeveralLines() throws Exception {
    JsonNode node = JSON.readTree(scenario("a", "10.2", MIGRATE));
    String pretty = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    assertThat(pretty.lines()).hasSizeGreaterThan(5);
    String wrapped = "{\n\"note\": \"as recorded\",\n\"scenario\":\n" + pretty + "\n}\n";
    for (String text : List.of(pretty, "\n\n" + pretty + "\n\n", "\ufeff" + pretty, wrapped)) {
      CommandLineRun run = CommandLineRun.of("run", file("s.json", text));
      assertThat(verdict(run)).isEqualTo("migratable");
      assertThat(answers(run))
          .singleElement()
          .satisfies(answer -> assertThat(answer.get("id").textValue()).isEqualTo("a"));
    }
  }

  @Test
  void whatIsWrongInSeveralLinesIsOneErrorThatTellsTheLine() throws Exception {
    JsonNode node = JSON.readTree(scenario("a", "10.2", MIGRATE));
    String pretty = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    CommandLineRun run =
        CommandLineRun.of("run", file("s.json", pretty.replace("\"profile\" :", "\"profile\"")));
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).singleElement().asString().contains("s.json:3: ", "at column");
  }

  /** A broken line is no reason to lose the good ones. */
  @Test
  void aFirstLineThatIsCutOffIsABadLineAmongScenarios() throws Exception {
    String good = scenario("b", "10.2", MIGRATE);
    String text = scenario("a", "10.2", MIGRATE).substring(0, 60) + "\n" + good + "\n" + good;
    CommandLineRun run = CommandLineRun.of("run", file("s.jsonl", text));
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).singleElement().asString().contains("s.jsonl:1: ");
    assertThat(answers(run)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 8000})
  void aFileThatIsNoTextIsOneError(int at) throws Exception {
    byte[] bytes = "\u007fELF\nline\n\n\n".repeat(2000).getBytes(StandardCharsets.UTF_8);
    bytes[at] = 0;
    Path file = Files.write(folder.resolve("program"), bytes);
    CommandLineRun run = CommandLineRun.of("run", file.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).singleElement().asString().contains("program:1: is no text");
  }

  @Test
  void aSyncTellsRamAddressesAndPages() throws Exception {
    String file =
        file(
            "s.jsonl",
            scenario(
                "a",
                "10.2",
                "{\"do\":\"migrate\",\"hold\":true}",
                "{\"do\":\"dma-write\",\"device\":\"v1\",\"iova\":\"0x7fff\",\"length\":2}",
                "{\"do\":\"dma-write\",\"device\":\"" + DEVICE + "\",\"iova\":4096,\"length\":1}",
                "{\"do\":\"sync\"}",
                "{\"do\":\"sync\"}"));
    CommandLineRun run = CommandLineRun.of("run", file);
    assertThat(run.err()).isEmpty();
    JsonNode steps = answers(run).get(0).get("steps");
    assertThat(steps.get(4))
        .isEqualTo(
            JSON.readTree("{\"do\":\"sync\",\"dirty-pages\":[[\"0x1000\",1],[\"0x7000\",2]]}"));
    assertThat(steps.get(5)).isEqualTo(JSON.readTree("{\"do\":\"sync\"}"));
  }

  @Test
  void aBarIsMovedAndTurnedOff() throws Exception {
    String file =
        file(
            "s.jsonl",
            scenario(
                "a",
                "10.2",
                "{\"do\":\"bar\",\"device\":\"v1\",\"bar\":0,\"at\":\"0xe0000000\"}",
                "{\"do\":\"snapshot\"}",
                "{\"do\":\"bar\",\"device\":\"v1\",\"bar\":0,\"at\":null}",
                "{\"do\":\"snapshot\"}"));
    String host =
        file(
            "host.json",
            "{\"kernel\":\"6.12.1\",\"devices\":{\""
                + DEVICE
                + "\":{\"driver\":\"mlx5_vfio_pci\",\"dma-buf\":false,\"origin\":{\"bars\":"
                + "\"sysfs\"},\"bars\":{\"0\":{\"size\":\"0x4000\"}}}}}");
    CommandLineRun run = CommandLineRun.of("run", file, "--host", host);
    assertThat(run.err()).isEmpty();
    JsonNode steps = answers(run).get(0).get("steps");
    String row = "[\"0xe0000000\",\"0xe0003fff\",\"ramd\",\"" + DEVICE + " BAR 0 mmaps[0]\"";
    assertThat(steps.get(1)).isEqualTo(JSON.readTree("{\"do\":\"bar\"}"));
    assertThat(steps.get(2).get("memory").toString()).contains(row);
    assertThat(steps.get(4).get("memory").toString()).doesNotContain("BAR");
  }
}
