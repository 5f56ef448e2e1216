package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.cli.html.PageReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code --report}: what stands on the pages, and that nothing from outside gets a say there. */
class ReportPageTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path folder;

  private String page() throws Exception {
    return Files.readString(folder.resolve("page.html"));
  }

  private CommandLineRun check(String example, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "check",
                "--qemu-args",
                example(example, "qemu.args"),
                "--host",
                example(example, "host.json"),
                "--mtree",
                example(example, "mtree.txt"),
                "--report",
                folder.resolve("page.html").toString()));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private CommandLineRun run(String... lines) throws Exception {
    Path file = folder.resolve("scenarios.jsonl");
    Files.write(file, List.of(lines));
    return CommandLineRun.command(
        "run", file.toString(), "--report", folder.resolve("page.html").toString());
  }

  private static String kexec() throws Exception {
    return Files.readString(Path.of(example("kexec-mid-migration", "scenario.jsonl"))).strip();
  }

  /** The whole shape of a small page, as those see it who hear it. */
  @Test
  void aPageBeginsWithTheAnswerAndHasAllParts() throws Exception {
    CommandLineRun run = check("plain-one-vf", "--qemu-version", "11.1");
    PageReader page = PageReader.read(page());
    page.assertSound();

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    String headline = run.out().lines().findFirst().orElseThrow();
    assertThat(page.texts("h1")).containsExactly(headline);
    List<String> outline = new ArrayList<>();
    for (Element each : page.elements("*")) {
      String tag = each.getTagName();
      if (List.of("header", "nav", "main", "footer", "svg", "table").contains(tag)) {
        outline.add(tag);
      } else if (tag.matches("h[2-6]|figcaption|summary")) {
        outline.add(tag + " " + each.getTextContent().strip().replaceAll("\\s+", " "));
      } else if (tag.equals("section")) {
        outline.add("section #" + each.getAttribute("id"));
      }
    }
    assertThat(String.join("\n", outline)).isEqualTo(OUTLINE);
  }

  private static final String OUTLINE =
      """
      header
      nav
      main
      section #memory
      h2 What devices see
      section #space-1
      h3 Device 0000:01:00.0 (gpu0)
      svg
      figcaption nothing RAM ROM BAR tracked tracked for nothing: no RAM that the device could write \
      Heights are to scale, but nothing is lower than a line of text, and holes that nobody tracks \
      are cut short.
      table
      section #costs
      h2 What tracking would cost
      table
      table
      table
      section #story
      h2 The story
      svg
      summary The same in words
      section #asked
      h2 What was asked
      summary 12 questions were asked
      table
      section #decided
      h2 Decided from
      footer\
      """;

  @Test
  void causesStandThereOnceWithAllTheirDevicesAndRemedies() throws Exception {
    CommandLineRun run = check("big-q35-intel-viommu");
    PageReader page = PageReader.read(page());
    page.assertSound();

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(page.texts("h3"))
        .contains("1. VIOMMU_PRESENT, devices 0000:3b:00.2 (vf0), 0000:3b:00.3 (vf1)");
    assertThat(page.texts("code"))
        .contains(
            "0000:3b:00.2: Migration is currently not supported with vIOMMU enabled",
            "0000:3b:00.3: Migration is currently not supported with vIOMMU enabled");
    assertThat(page.texts("pre"))
        .contains("stopcopy check \u2026\n--set machine.default-bus-bypass-iommu=on");
    assertThat(page.texts("li")).anyMatch(text -> text.startsWith("unplug every VFIO device"));
    assertThat(page.texts("p"))
        .contains(
            "The vIOMMU could translate 48 bits, up to 0xffffffffffff. No tracking was started;"
                + " shown is what the boot layout would track.");
    assertThat(page.texts("li"))
        .anyMatch(text -> text.startsWith("--qemu-args ") && text.contains("SHA-256"))
        .contains("QEMU 11.1, assumed, held against a recorded binary");
  }

  /** A page of check has what would change the answer; plain check does not look for it. */
  @Test
  void whatWouldChangeTheAnswerIsATable() throws Exception {
    CommandLineRun run = check("big-q35-intel-viommu", "--qemu-version", "11.1");
    PageReader page = PageReader.read(page());
    page.assertSound();
    List<String> sets =
        CommandLineRun.of(
                "what-if",
                "--qemu-args",
                example("big-q35-intel-viommu", "qemu.args"),
                "--host",
                example("big-q35-intel-viommu", "host.json"),
                "--mtree",
                example("big-q35-intel-viommu", "mtree.txt"),
                "--qemu-version",
                "11.1",
                "--report",
                folder.resolve("other.html").toString())
            .out()
            .lines()
            .filter(line -> line.strip().startsWith("then  "))
            .map(line -> line.strip().substring("then  ".length()))
            .toList();

    assertThat(page.texts("h2")).startsWith("Why", "What would change the answer");
    assertThat(page.texts("p"))
        .contains("What makes it migratable, smallest first, each played on the model:");
    List<Element> rows = new ArrayList<>();
    for (Element each : page.elements("section")) {
      if (each.getAttribute("id").equals("what-if")) {
        NodeList all = each.getElementsByTagName("tr");
        for (int i = 1; i < all.getLength(); i++) {
          rows.add((Element) all.item(i));
        }
      }
    }
    assertThat(rows).hasSize(sets.size()).hasSizeGreaterThan(2);
    for (int i = 0; i < rows.size(); i++) {
      NodeList cells = rows.get(i).getElementsByTagName("td");
      assertThat(cells.item(1).getTextContent().strip()).isEqualTo(sets.get(i));
    }
    assertThat(rows.get(0).getTextContent())
        .contains("unplug every VFIO device (vf0, vf1) before the migration")
        .contains("the guest lets go of the devices");
    assertThat(run.out()).doesNotContain("What would change the answer");
    PageReader other = PageReader.read(Files.readString(folder.resolve("other.html")));
    other.assertSound();
    assertThat(other.texts("h2")).isEqualTo(page.texts("h2"));
  }

  /** For libvirt's XML the page has the patch that what-if prints. */
  @Test
  void aDomainHasItsPatchOnThePage() throws Exception {
    String file = folder.resolve("page.html").toString();
    String domain = example("libvirt-domain", "domain.xml");
    CommandLineRun run =
        CommandLineRun.of(
            "what-if", "--libvirt", domain, "--goal", "conditional", "--report", file);
    PageReader page = PageReader.read(page());

    assertThat(run.err()).isEmpty();
    List<String> diffs = page.texts("pre").stream().filter(text -> text.contains("@@ -")).toList();
    assertThat(diffs).isNotEmpty();
    for (String line : diffs.get(0).lines().toList()) {
      assertThat(run.out()).contains(line.strip());
    }
  }

  /** The drawing has the runs of the table, and each is as high as it says it is. */
  @Test
  void theAddressSpaceIsToScale() throws Exception {
    check("big-q35-intel-viommu");
    PageReader page = PageReader.read(page());
    Element map = page.elements("svg").get(0);
    List<String> heights = new ArrayList<>();
    List<String> fills = new ArrayList<>();
    for (Element each : page.elements("rect")) {
      if (each.getParentNode().getParentNode() == map && each.getAttribute("x").equals("130")) {
        heights.add(each.getAttribute("height"));
        fills.add(each.getAttribute("class"));
      }
    }
    assertThat(fills)
        .startsWith("fill-ram", "fill-rom")
        .contains("fill-bar", "fill-nothing")
        .endsWith("fill-rom", "fill-ram");
    // 1022 GiB of 1024 take all but a pixel of 260; the others are lines of text, a hole is short.
    assertThat(heights).startsWith("21", "21").endsWith("32", "21", "259");
    assertThat(page.texts("text"))
        .contains("RAM 1022 GiB", "0x100000000", "vIOMMU: 48 bits, to 0xffffffffffff");
    // Two BARs, the ROMs and the hole below 4 GiB are tracked, and none of them is RAM.
    assertThat(page.texts("td")).filteredOn("tracked for nothing"::equals).hasSize(7);
  }

  @Test
  void theStoryIsDrawnStepByStep() throws Exception {
    CommandLineRun run = run(kexec());
    PageReader page = PageReader.read(page());
    page.assertSound();

    assertThat(run.exitCode()).isZero();
    assertThat(page.texts("h1")).first().asString().startsWith("conditional: ");
    List<String> drawn = page.texts("text");
    assertThat(drawn)
        .contains("QEMU", "VFIO listener", "container", "device", "tracker", "vIOMMU")
        .contains("6. guest: viommu enable", "migration: active -> failed")
        .contains("0000:3b:00.2: RUNNING -> PRE_COPY")
        .contains("container 0: map 0x200000 +0x1000 rw")
        .contains("\u22ee 8 more: 4 region_del, 4 unmap");
    assertThat(page.texts("li"))
        .contains("QEMU \u2192 device: 0000:3b:00.2: RUNNING -> PRE_COPY")
        .contains("vfio failure: the vIOMMU is in use, section [0x0,0xfedfffff] is translated");
  }

  /** A story without end is told as far as somebody would read it. */
  @Test
  void aLongStoryIsFoldedWithACount() throws Exception {
    ObjectNode scenario = (ObjectNode) MAPPER.readTree(kexec());
    ArrayNode steps = (ArrayNode) scenario.get("steps");
    JsonNode map = steps.get(3);
    steps.removeAll();
    for (int i = 0; i < 300; i++) {
      steps.add(map);
    }
    run(scenario.toString());
    PageReader page = PageReader.read(page());

    assertThat(page.texts("li")).contains("201 more steps");
    assertThat(page.texts("text"))
        .contains("100. guest: viommu map of vf0: 2 pages at 0x200000 -> 0x2000000");
    assertThat(page()).hasSizeLessThan(300_000);
  }

  @Test
  void severalScenariosAreATableAndAStoryEach() throws Exception {
    ObjectNode scenario = (ObjectNode) MAPPER.readTree(kexec());
    CommandLineRun run =
        run(
            scenario.put("id", "one").toString(),
            scenario.put("id", "two").toString(),
            "{\"broken\":");
    PageReader page = PageReader.read(page());
    page.assertSound();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(page.texts("h1")).containsExactly("2 scenarios: 2 conditional");
    assertThat(page.texts("h2")).containsExactly("All scenarios", "1. one", "2. two");
    assertThat(page.texts("th")).contains("one", "two");
    assertThat(page.texts("p")).anyMatch(each -> each.startsWith("Not all of the input could be"));
  }

  /** A name changes what is shown where it stands, and nothing else of the page. */
  @Test
  void namesNeverBecomeElements() throws Exception {
    List<String> shape = shapeWith("plain", "0000:01:00.0");
    for (String hostile : hostileNames()) {
      assertThat(shapeWith(hostile, hostile)).as(hostile).isEqualTo(shape);
    }
  }

  /** The shape of the page of a scenario with this id, and a device with this name. */
  private List<String> shapeWith(String id, String device) throws Exception {
    String name = device.replace("/", "");
    ObjectNode scenario = (ObjectNode) MAPPER.readTree(kexec());
    scenario.put("id", id);
    ArrayNode argv = (ArrayNode) scenario.get("argv");
    int last = argv.size() - 1;
    argv.set(
        last,
        argv.get(last)
            .asText()
            .replace("host=0000:3b:00.2", "sysfsdev=/sys/" + name.replace(",", ",,")));
    ObjectNode devices = (ObjectNode) scenario.at("/host/devices");
    devices.set(name, devices.remove("0000:3b:00.2"));
    CommandLineRun run = run(scenario.toString());
    assertThat(run.err()).as(name).isEmpty();
    PageReader page = PageReader.read(page());
    page.assertSound();
    assertThat(page.texts("h3")).hasSizeGreaterThan(1);
    return page.shape();
  }

  private static List<String> hostileNames() {
    List<String> names =
        new ArrayList<>(
            List.of(
                "</title><script>alert(1)</script>",
                "\"><svg onload=alert(1)>",
                "' onmouseover='alert(1)",
                "]]>--><!--&lt;&#0;&amp",
                "</style></svg><b>",
                "\u202e\u0007\u001b[31m\u0085\u2028",
                "\ufffe\uffff\ud83d\ude00",
                "&#x3c;img src=x&#x3e;"));
    Random random = new Random(15);
    String alphabet = "<>&\"'/=;-!]x \u0001\u202e\uffff#";
    for (int i = 0; i < 12; i++) {
      StringBuilder name = new StringBuilder("n");
      for (int k = random.nextInt(40); k >= 0; k--) {
        name.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      names.add(name.toString());
    }
    return names;
  }

  @Test
  void aFileThatIsThereIsReplacedAndNothingElseIsLeft() throws Exception {
    Files.writeString(folder.resolve("page.html"), "what stood here");
    check("plain-one-vf");
    assertThat(page()).doesNotContain("what stood here").endsWith("</html>\n");
    try (var files = Files.list(folder)) {
      assertThat(files.map(each -> each.getFileName().toString())).containsExactly("page.html");
    }
  }

  @Test
  void whatCannotBeWrittenIsOneErrorBeforeAnyWork() {
    String vm = example("plain-one-vf", "qemu.args");
    String nowhere = folder.resolve("none").resolve("page.html").toString();
    CommandLineRun run = CommandLineRun.of("check", "--qemu-args", vm, "--report", nowhere);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo("stopcopy: " + nowhere + ": cannot be written: there is no such folder\n");
    CommandLineRun same =
        CommandLineRun.of("check", "--qemu-args", vm, "--report", folder.toString());
    assertThat(same.exitCode()).isEqualTo(2);
    assertThat(same.err()).contains("is there and no file, expected the name of a file");
    assertThat(CommandLineRun.of("run", "--report", "-").exitCode()).isEqualTo(2);
  }

  @Test
  void itIsOfOneReleaseAndNotQuiet() {
    assertThat(check("plain-one-vf", "--qemu-version", "all").err())
        .contains("--report is given with several releases");
    assertThat(check("plain-one-vf", "--quiet").err()).contains("--report is given with --quiet");
  }

  /** The page has what JSON has, and JSON is what it is without a page. */
  @Test
  void programsGetTheSameAnswerBesideIt() {
    CommandLineRun json = check("big-q35-intel-viommu", "--format", "json");
    assertThat(json.out())
        .isEqualTo(
            CommandLineRun.of(
                    "check",
                    "--qemu-args",
                    example("big-q35-intel-viommu", "qemu.args"),
                    "--host",
                    example("big-q35-intel-viommu", "host.json"),
                    "--mtree",
                    example("big-q35-intel-viommu", "mtree.txt"),
                    "--format",
                    "json")
                .out());
    assertThat(folder.resolve("page.html")).exists();
  }
}
