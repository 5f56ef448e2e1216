package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.cli.schema.FormatSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code stopcopy fleet}: many VMs, and what they have in common. */
class FleetCommandTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path folder;

  private static String text(String name, String file) throws IOException {
    return Files.readString(Path.of(example(name, file)));
  }

  static ObjectNode vm(String id, String node, String name) throws IOException {
    return MAPPER
        .createObjectNode()
        .put("id", id)
        .put("node", node)
        .put("args", text(name, "qemu.args"));
  }

  private static String host(String node, String name) throws IOException {
    ObjectNode line = MAPPER.createObjectNode().put("node", node);
    line.set("host", MAPPER.readTree(text(name, "host.json")));
    return line.toString();
  }

  private String file(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines).toString();
  }

  /** Two nodes: four big VMs with a vIOMMU, five plain ones, one nobody can read. */
  static List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(host("n1", "big-q35-intel-viommu"));
    lines.add(host("n2", "plain-one-vf"));
    for (int i = 0; i < 4; i++) {
      lines.add(vm("big" + i, "n1", "big-q35-intel-viommu").toString());
      lines.add(vm("web" + i, "n2", "plain-one-vf").toString());
    }
    lines.add(MAPPER.createObjectNode().put("id", "odd").put("args", "hello world").toString());
    return lines;
  }

  private String fleet() throws IOException {
    return file("fleet.jsonl", lines());
  }

  private static List<JsonNode> json(CommandLineRun run) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    for (String line : run.out().split("\n")) {
      all.add(MAPPER.readTree(line));
    }
    return all;
  }

  @Test
  void theAnswerComesFirstThenCausesChangesNodesAndVms() throws Exception {
    CommandLineRun run = CommandLineRun.of("fleet", "--qemu-version", "11.1", fleet());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
    int unknown = run.out().indexOf("\nVMs that are unknown\n  odd: "); // which names the file
    assertThat(run.out().substring(0, unknown))
        .isEqualTo(Files.readString(Path.of("src/test/resources/fleet/fleet.txt")));
    assertThat(run.out().replace(folder.toString(), "DIR").lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void eachVmIsALineOfJsonAndTheNumbersAreTheLast() throws Exception {
    CommandLineRun run = CommandLineRun.of("fleet", "--format", "json", fleet());
    List<JsonNode> lines = json(run);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(lines).hasSize(10);
    assertThat(lines.get(0).get("id").textValue()).isEqualTo("big0");
    assertThat(lines.get(0).get("node").textValue()).isEqualTo("n1");
    assertThat(lines.get(0).get("verdict").textValue()).isEqualTo("blocked");
    assertThat(lines.get(0).at("/reasons/0/code").textValue()).isEqualTo("VIOMMU_PRESENT");
    assertThat(lines.get(0).at("/reasons/0/device").textValue()).isEqualTo("0000:3b:00.2");
    assertThat(lines.get(0).at("/remedy/then").textValue()).isEqualTo("migratable");
    assertThat(lines.get(1).get("verdict").textValue()).isEqualTo("migratable");
    assertThat(lines.get(8).get("verdict").textValue()).isEqualTo("unknown");
    assertThat(lines.get(8).get("error").textValue())
        .contains("fleet.jsonl:11: args:1: no QEMU program");
    JsonNode summary = lines.get(9).get("summary");
    assertThat(summary.get("vms").intValue()).isEqualTo(9);
    assertThat(summary.get("blocked").intValue()).isEqualTo(4);
    assertThat(summary.at("/causes/0/devices").intValue()).isEqualTo(8);
    assertThat(summary.at("/nodes/0/node").textValue()).isEqualTo("n1");
  }

  /** What the command says of one VM is what check says. */
  @Test
  void aRowHasTheReasonsOfCheck() throws Exception {
    JsonNode alone =
        MAPPER.readTree(
            CommandLineRun.command(
                    "check",
                    "--qemu-args",
                    example("big-q35-intel-viommu", "qemu.args"),
                    "--host",
                    example("big-q35-intel-viommu", "host.json"),
                    "--format",
                    "json")
                .out());
    JsonNode row = json(CommandLineRun.command("fleet", "--format", "json", fleet())).get(0);
    assertThat(row.get("remedy")).isEqualTo(alone.at("/reasons/0/remedies/0"));
    assertThat(row.get("assumptions")).isEqualTo(alone.get("assumptions"));
    for (int i = 0; i < row.get("reasons").size(); i++) {
      row.get("reasons")
          .get(i)
          .properties()
          .forEach(field -> assertThat(alone.at("/reasons/0").has(field.getKey())).isTrue());
      assertThat(row.get("reasons").get(i).get("qemu-text"))
          .isEqualTo(alone.get("reasons").get(i).get("qemu-text"));
    }
  }

  @Test
  void aConditionOfKubernetesForEachVm() throws Exception {
    CommandLineRun run = CommandLineRun.of("fleet", "--format", "condition", fleet());
    List<JsonNode> lines = json(run);
    assertThat(lines).hasSize(9);
    assertThat(lines.get(0).at("/condition/status").textValue()).isEqualTo("False");
    assertThat(lines.get(0).at("/condition/reason").textValue()).isEqualTo("VIOMMU_PRESENT");
    assertThat(lines.get(1).at("/condition/status").textValue()).isEqualTo("True");
    assertThat(lines.get(8).at("/condition/status").textValue()).isEqualTo("Unknown");
  }

  @Test
  void onlyWhatIsNewlyWorseThanTheBaselineIsTold() throws Exception {
    Path baseline = folder.resolve("baseline.jsonl");
    Files.writeString(baseline, CommandLineRun.command("fleet", "--format", "json", fleet()).out());
    List<String> lines = lines();
    CommandLineRun same =
        CommandLineRun.of("fleet", "--format", "json", "--baseline", baseline.toString(), fleet());
    assertThat(same.exitCode()).isZero();
    assertThat(json(same)).hasSize(1);
    assertThat(json(same).get(0).at("/summary/newly-worse").intValue()).isZero();

    lines.add(vm("web1", "n1", "big-q35-intel-viommu").toString());
    lines.add(vm("new", "n1", "big-q35-intel-viommu").toString());
    String worse = file("worse.jsonl", lines);
    CommandLineRun run =
        CommandLineRun.of("fleet", "--format", "json", "--baseline", baseline.toString(), worse);
    List<JsonNode> rows = json(run);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).get("id").textValue()).isEqualTo("web1");
    assertThat(rows.get(0).at("/earlier/verdict").textValue()).isEqualTo("migratable");
    assertThat(rows.get(1).at("/earlier/verdict").textValue()).isEqualTo("absent");
    assertThat(CommandLineRun.of("fleet", "--baseline", baseline.toString(), worse).out())
        .startsWith("2 of 11 VMs newly worse, of which 2 cannot move or are unknown\n")
        .contains("n1/web1: blocked (was migratable), VIOMMU_PRESENT")
        .doesNotContain("big0: ");
  }

  @Test
  void twoReleasesAreAGateBeforeAnUpgrade() throws Exception {
    ObjectNode patched = vm("big", "n1", "big-q35-intel-viommu");
    patched.put(
        "args",
        patched.get("args").textValue().replace(",id=vf", ",x-migration-iommu-pt=on,id=vf"));
    String file =
        file(
            "one.jsonl",
            List.of(
                host("n1", "big-q35-intel-viommu"),
                patched.toString(),
                vm("other", "n1", "big-q35-intel-viommu").toString()));
    CommandLineRun run = CommandLineRun.of("fleet", "--qemu-version", "8.1-iommu-pt,11.1", file);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("1 of 2 VMs newly worse, of which 1 cannot move or are unknown\n")
        .contains("n1/big: refused (was conditional with QEMU 8.1-iommu-pt)")
        .doesNotContain("n1/other: ");
    assertThat(CommandLineRun.of("fleet", "--qemu-version", "10.0,11.1", file).exitCode()).isZero();
  }

  @Test
  void aFolderHoldsFilesAndANodeInEachFolder() throws Exception {
    Path fleet = Files.createDirectory(folder.resolve("fleet"));
    Path node = Files.createDirectory(fleet.resolve("n7"));
    Files.writeString(fleet.resolve("dom.xml"), text("libvirt-domain", "domain.xml"));
    Files.writeString(fleet.resolve("bad.xml"), "<domain>\n<os>");
    Files.writeString(fleet.resolve("notes.txt"), "not a VM");
    Files.writeString(node.resolve("web.args"), text("plain-one-vf", "qemu.args"));
    Files.writeString(node.resolve("host.json"), text("plain-one-vf", "host.json"));
    List<JsonNode> rows = json(CommandLineRun.of("fleet", "--format", "json", fleet.toString()));
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0).get("id").textValue()).isEqualTo("bad");
    assertThat(rows.get(0).get("error").textValue()).contains("bad.xml:2: ");
    assertThat(rows.get(1).get("id").textValue()).isEqualTo("dom");
    assertThat(rows.get(1).get("verdict").textValue()).isNotEqualTo("unknown");
    assertThat(rows.get(2).get("node").textValue()).isEqualTo("n7");
    assertThat(rows.get(2).get("verdict").textValue()).isEqualTo("migratable");

    Files.writeString(node.resolve("host.json"), "{\"page-sise\": 1}");
    rows = json(CommandLineRun.of("fleet", "--format", "json", fleet.toString()));
    assertThat(rows.get(2).get("error").textValue()).contains("host.json:1: unknown key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"x\",}",
        "[]",
        "{\"id\":\"x\"}",
        "{\"id\":\"x\",\"args\":5}",
        "{\"id\":\"x\",\"args\":\"qemu-system-x86_64 -m 4G\",\"xml\":\"<domain/>\"}",
        "{\"id\":\"x\",\"args\":\"qemu-system-x86_64 -m 4G\",\"hots\":{}}",
        "{\"id\":\"x\",\"args\":\"qemu-system-x86_64 -m 4G\",\"host\":\"n9\"}",
        "{\"id\":\"x\",\"args\":\"qemu-system-x86_64 -m 4G\",\"qemu-version\":\"2.0\"}",
        "{\"id\":\"x\",\"xml\":\"<domain\"}",
        "{\"id\":\"x\",\"args\":[]}",
        "{\"node\":\"n2\",\"host\":{\"page-size\":65536}}"
      })
  void aBrokenLineIsARowAndNeverTheEnd(String broken) throws Exception {
    List<String> lines = lines().subList(0, 4);
    String file = file("broken.jsonl", List.of(lines.get(1), lines.get(3), broken, lines.get(3)));
    CommandLineRun run = CommandLineRun.of("fleet", "--format", "json", file);
    List<JsonNode> rows = json(run);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0).get("verdict").textValue()).isEqualTo("migratable");
    assertThat(rows.get(1).get("verdict").textValue()).isEqualTo("unknown");
    assertThat(rows.get(1).get("error").textValue()).contains("broken.jsonl:3: ");
    assertThat(rows.get(2).get("verdict").textValue()).isEqualTo("migratable");
  }

  @Test
  void wordsAndReleaseOfALineCount() throws Exception {
    String words =
        "{\"id\":\"w\",\"qemu-version\":\"10.0.13\",\"args\":[\"-machine\",\"q35\",\"-m\",\"4G\"]}";
    JsonNode row =
        json(CommandLineRun.of("fleet", "--format", "json", file("w", List.of(words)))).get(0);
    assertThat(row.get("profile").textValue()).isEqualTo("10.0");
    assertThat(row.get("verdict").textValue()).isEqualTo("migratable");
  }

  /** The schema of the input takes what the reader takes. */
  @Test
  void linesAreAsTheSchemaOfTheInputSays() throws Exception {
    for (String line : lines()) {
      FormatSchema.FLEET_INPUT.assertValid(line);
    }
    for (String wrong :
        List.of("{\"id\":\"x\"}", "{\"args\":5}", "{\"args\":\"a\",\"xml\":\"b\"}", "[]")) {
      assertThat(FormatSchema.FLEET_INPUT.errors(MAPPER.readTree(wrong))).as(wrong).isNotEmpty();
    }
  }

  @Test
  void exitCodesTellWhetherAllCanMove() throws Exception {
    String good = file("good.jsonl", List.of(lines().get(1), lines().get(3)));
    String open = file("open.jsonl", List.of(vm("a", "n9", "plain-one-vf").toString()));
    String unreadable = file("unreadable.jsonl", List.of("hello", "world"));
    assertThat(CommandLineRun.of("fleet", good).exitCode()).isZero();
    assertThat(CommandLineRun.of("fleet", open).exitCode()).isZero();
    assertThat(CommandLineRun.of("fleet", "--strict", open).exitCode()).isEqualTo(1);
    CommandLineRun none = CommandLineRun.of("fleet", unreadable);
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("no VM could be read").contains("unreadable.jsonl:1: ");
    for (List<String> wrong :
        List.of(
            List.of("fleet", folder.resolve("nothing").toString()),
            List.of("fleet", file("empty.jsonl", List.of())),
            List.of("fleet", file("hosts.jsonl", lines().subList(0, 2))),
            List.of("fleet", "--format", "sarif", good),
            List.of("fleet", "--report", folder.toString(), good),
            List.of("fleet", "--qemu-version", "8.2,9.0,10.0", good),
            List.of("fleet", "--qemu-version", "all", good),
            List.of("fleet", "--baseline", good, good),
            List.of("fleet", "--host", good, good))) {
      CommandLineRun run = CommandLineRun.command(wrong.toArray(String[]::new));
      assertThat(run.exitCode()).as(wrong + run.out()).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err().lines()).as(run.err()).hasSize(1);
    }
  }

  @Test
  void aNameThatNoVmHasIsTold() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "fleet", "--set", "nobody.x=y", "--set", "vfio-pci.enable-migration=on", fleet());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("stopcopy: no VM has 'nobody', which an option names; it changed none\n");
  }

  /** The change that is told frees them when it is made, to the whole fleet at once. */
  @Test
  void whatFreesMostDoes() throws Exception {
    JsonNode changes =
        json(CommandLineRun.of("fleet", "--format", "json", fleet())).get(9).at("/summary/changes");
    int tried = 0;
    for (JsonNode change : changes) {
      if (change.has("command")) {
        List<String> words = new ArrayList<>(List.of("fleet"));
        words.addAll(List.of(change.get("command").textValue().split(" ")));
        words.addAll(List.of("--quiet", fleet()));
        CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
        assertThat(run.out()).as(words.toString()).startsWith("8 of 9 VMs can move");
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(1);
  }

  /** 20,000 VMs under names of their own, on all processors. */
  @Test
  void theOrderIsThatOfTheInput() throws Exception {
    List<String> shapes = List.of(lines().get(2), lines().get(3), "{\"id\":\"web0\"}");
    List<String> lines = new ArrayList<>(lines().subList(0, 2));
    for (int i = 0; i < 20_000; i++) {
      lines.add(
          shapes.get(i % 97 == 0 ? 2 : i % 13 == 0 ? 0 : 1).replaceFirst("web0|big0", "v" + i));
    }
    CommandLineRun run =
        CommandLineRun.command("fleet", "--format", "json", file("long.jsonl", lines));
    int next = 0;
    for (String line : run.out().split("\n")) {
      if (next < 20_000) {
        String verdict = next % 97 == 0 ? "unknown" : next % 13 == 0 ? "blocked" : "migratable";
        assertThat(line)
            .startsWith("{\"id\":\"v" + next + "\"")
            .contains("\"verdict\":\"" + verdict);
      } else {
        assertThat(line).startsWith("{\"summary\":{\"vms\":20000,");
      }
      next++;
    }
    assertThat(next).isEqualTo(20_001);
  }
}
