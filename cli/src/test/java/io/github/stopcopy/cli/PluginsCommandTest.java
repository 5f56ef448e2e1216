package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.stopcopy.cli.samples.SampleTracker;
import io.github.stopcopy.cli.samples.ThrowingListener;
import io.github.stopcopy.cli.samples.broken.BrokenIommu;
import io.github.stopcopy.cli.samples.silent.SilentTracker;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code stopcopy plugins} lists, inside this JVM and with jars beside. */
class PluginsCommandTest {

  @TempDir private Path folder;

  private static CommandLineRun startBeside(List<Path> jars, String... args) throws Exception {
    List<String> places = new ArrayList<>(JavaProcess.runtimeOnly(""));
    jars.forEach(jar -> places.add(jar.toString()));
    return JavaProcess.start(
        List.of("-cp", String.join(File.pathSeparator, places), StopcopyCommand.class.getName()),
        args);
  }

  private static JsonNode plugin(JsonNode list, String name) {
    for (JsonNode plugin : list.get("plugins")) {
      if (plugin.get("name").asText().equals(name)) {
        return plugin;
      }
    }
    throw new AssertionError("no plugin " + name + " in " + list);
  }

  @Test
  void listsWhatComesWithTheCommandByKind() {
    CommandLineRun run = CommandLineRun.of("plugins");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().filter(line -> !line.isEmpty() && !line.startsWith(" ")))
        .containsExactly(
            "Device types", "vIOMMU models", "Dirty trackers", "Memory listeners", "Rule sets");
    assertThat(run.out())
        .contains("vfio-pci", "intel-iommu", "amd-iommu", "virtio-iommu-pci", "QemuRuleSet")
        .containsPattern("layout .*LayoutListenerProvider .*\n    tells what each device");
  }

  @Test
  void columnsBeginAtTheSamePlaceInEveryRow() {
    List<String> rows =
        CommandLineRun.of("plugins")
            .out()
            .lines()
            .filter(line -> line.contains("io.github.stopcopy."))
            .toList();

    assertThat(rows).hasSizeGreaterThan(5);
    assertThat(rows)
        .extracting(row -> row.indexOf("io.github.stopcopy."))
        .containsOnly(rows.get(0).indexOf("io.github.stopcopy."));
  }

  @Test
  void aJarBesideIsListedWithItsVersionAndABrokenOneIsReported() throws Exception {
    Path good = PluginJar.write(folder.resolve("good.jar"), "1.2.3", SampleTracker.class.getName());
    Path broken =
        PluginJar.write(
            folder.resolve("broken.jar"),
            "4.5.6",
            "com.example.Missing",
            SilentTracker.class.getName());
    CommandLineRun run = startBeside(List.of(broken, good), "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern(
            "sample +1\\.2\\.3 +"
                + SampleTracker.class.getName()
                + " +"
                + good
                + "\n    a sample in two lines\n")
        .containsPattern("silent +4\\.5\\.6 ")
        .contains("intel-iommu");
    assertThat(run.err().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("stopcopy: a plugin could not be loaded and is left out: ")
                    .contains("com.example.Missing"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "stopcopy: the dirty tracker silent from "
                            + broken
                            + " cannot describe itself: IllegalStateException: no words"));
  }

  @Test
  void aListenerBesideIsListedAndOneThatCannotDescribeItselfIsReported() throws Exception {
    Path jar =
        PluginJar.write(
            folder.resolve("listeners.jar"),
            "3.2.1",
            MemoryListenerProvider.class,
            ThrowingListener.class.getName());
    CommandLineRun run = startBeside(List.of(jar), "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("throwing +3\\.2\\.1 .*" + jar);
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: the memory listener throwing from "
                + jar
                + " cannot describe itself: IllegalStateException: description\n");
  }

  @Test
  void aVIommuThatThrowsIsOneLineAndTheOtherScenariosAreAnswered() throws Exception {
    Path jar =
        PluginJar.write(
            folder.resolve("broken-iommu.jar"),
            "1",
            VirtualIommuProvider.class,
            BrokenIommu.class.getName());
    String problem =
        "vIOMMU broken-iommu failed: realize threw NoClassDefFoundError: com/example/Table";
    Path args = Files.writeString(folder.resolve("qemu.args"), "-M q35 -device broken-iommu");
    CommandLineRun check = startBeside(List.of(jar), "check", "--qemu-args", args.toString());
    String line = "{\"profile\":\"10.2\",\"argv\":[\"-M\",\"q35\",\"-device\",\"%s\"]}\n";
    Path scenarios =
        Files.writeString(
            folder.resolve("s.jsonl"),
            String.format(line, "broken-iommu") + String.format(line, "intel-iommu"));
    CommandLineRun run = startBeside(List.of(jar), "run", scenarios.toString());

    assertThat(check.exitCode()).isEqualTo(2);
    assertThat(check.out()).isEmpty();
    assertThat(check.err()).isEqualTo("stopcopy: " + problem + "\n");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.err()).isEqualTo("stopcopy: " + scenarios + ":1: " + problem + "\n");
  }

  @Test
  void jsonTellsTheSameToPrograms() throws Exception {
    Path good = PluginJar.write(folder.resolve("good.jar"), "1.2.3", SampleTracker.class.getName());
    Path broken = PluginJar.write(folder.resolve("broken.jar"), "1", "com.example.Missing");
    CommandLineRun run = startBeside(List.of(good, broken), "plugins", "--format", "json");
    JsonNode list = new ObjectMapper().readTree(run.out());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(plugin(list, "sample"))
        .isEqualTo(
            new ObjectMapper()
                .createObjectNode()
                .put("kind", "dirty-tracker")
                .put("name", "sample")
                .put("class", SampleTracker.class.getName())
                .put("origin", good.toString())
                .put("version", "1.2.3")
                .put("description", "a sample in two lines"));
    assertThat(plugin(list, "vfio-pci").get("kind").asText()).isEqualTo("device-type");
    assertThat(plugin(list, "intel-iommu").get("kind").asText()).isEqualTo("viommu");
    assertThat(plugin(list, "layout").get("kind").asText()).isEqualTo("memory-listener");
    assertThat(plugin(list, "qemu").get("kind").asText()).isEqualTo("rule-set");
    assertThat(list.get("problems")).hasSize(1);
    assertThat(list.get("problems").get(0).asText()).contains("com.example.Missing");
    assertThat(run.err().strip()).isEqualTo("stopcopy: " + list.get("problems").get(0).asText());
  }

  @Test
  void onTheModulePathTheVersionIsThatOfTheModule() throws Exception {
    Path good =
        PluginJar.write(
            folder.resolve("good-tracker-7.8.9.jar"), "ignored", SampleTracker.class.getName());
    String path = String.join(File.pathSeparator, JavaProcess.modules());
    CommandLineRun run =
        JavaProcess.start(
            List.of(
                "-p",
                path + File.pathSeparator + good,
                "--add-modules",
                "ALL-MODULE-PATH",
                "-m",
                "io.github.stopcopy.cli/" + StopcopyCommand.class.getName()),
            "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("sample +7\\.8\\.9 .*good-tracker-7\\.8\\.9\\.jar\n")
        .containsPattern("intel-iommu +[0-9]+\\.[0-9]+");
  }

  @Test
  void aFormatThatIsNoneIsRefused() {
    CommandLineRun run = CommandLineRun.of("plugins", "--format", "xml");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("stopcopy: --format is 'xml', expected text or json\n");
  }
}
