package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.stopcopy.cli.samples.ThrowingListener;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** How {@code --listener} is read, and where what listeners tell is shown. */
class ListenerOptionsTest {

  private static final String FIRST = "at first";
  private static final String SCENARIO =
      "{\"id\":\"s\",\"profile\":\"10.2\",\"argv\":[\"-M\",\"q35\",\"-m\",\"1G\",\"-device\","
          + "\"vfio-pci,host=0000:01:00.0,id=vf0\"]}\n";

  @TempDir private Path folder;

  private static List<ListenerRequest> read(String... args) throws InputException {
    ListenerOptions options = new ListenerOptions();
    CommandSpec spec = CommandSpec.create();
    options.addTo(spec);
    new CommandLine(spec).parseArgs(args);
    return options.requests(Plugins.load());
  }

  private String write(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void namesAndParametersAreKeptInOrder() throws Exception {
    assertThat(read()).isEmpty();
    assertThat(read("--listener", "layout", "--listener=layout,a=b=c,x="))
        .containsExactly(
            ListenerRequest.of("layout"),
            new ListenerRequest("layout", Map.of("a", "b=c", "x", "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|names no listener",
        ",a=b|names no listener",
        "layout,|has '' where a parameter should be",
        "layout,a=1,a=2|sets 'a' twice"
      })
  void badSyntaxSaysWhatIsWrongAndWhatIsExpected(String text, String what) {
    assertThatThrownBy(() -> read("--listener", text))
        .isInstanceOf(InputException.class)
        .hasMessage("--listener '" + text + "' " + what + ", expected NAME[,PARAMETER=VALUE...]");
  }

  @Test
  void aListenerThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> read("--listener", "abacus"))
        .isInstanceOf(InputException.class)
        .hasMessage("no memory listener is named 'abacus', expected one of layout");
  }

  @Test
  void aParameterThatIsUnknownIsBadInput() throws Exception {
    String file = write("qemu.args", "-M q35 -m 1G");
    CommandLineRun run =
        CommandLineRun.of("check", "--qemu-args", file, "--listener", "layout,a=b");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo("stopcopy: memory listener layout: parameter 'a' is unknown, expected none\n");
  }

  @Test
  void checkTellsInText() throws Exception {
    String file = write("s.json", SCENARIO);
    CommandLineRun run = CommandLineRun.of("check", "--scenario", file, "--listener", "layout");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "\n"
                + "What listeners saw\n"
                + "  layout, device 0000:01:00.0 (vf0)\n"
                + "    at first\n"
                + "      0x0000");
    assertThat(CommandLineRun.of("check", "--scenario", file).out()).doesNotContain("listeners");
  }

  @Test
  void checkTellsForEveryReleaseItIsAskedOf() throws Exception {
    String file = write("s.json", SCENARIO);
    String[] all = {"check", "--scenario", file, "--listener", "layout", "--qemu-version", "all"};
    CommandLineRun run = CommandLineRun.of(all);

    assertThat(run.out())
        .contains("\nWhat listeners saw, QEMU 8.1\n  layout, device 0000:01:00.0\n")
        .contains("\nWhat listeners saw, QEMU 10.2\n  layout, device 0000:01:00.0\n");
  }

  @Test
  void checkAndRunTellInJson() throws Exception {
    String file = write("s.jsonl", SCENARIO);
    for (CommandLineRun run :
        List.of(
            CommandLineRun.of("run", "--listener", "layout", file),
            CommandLineRun.of(
                "check", "--scenario", file, "--listener", "layout", "--format", "json"))) {
      JsonNode told = new ObjectMapper().readTree(run.out()).get("listeners");

      assertThat(told).hasSize(1);
      assertThat(told.get(0).get("name").asText()).isEqualTo("layout");
      assertThat(told.get(0).get("device").asText()).isEqualTo("0000:01:00.0");
      assertThat(told.get(0).get("lines").get(0).asText()).isEqualTo(FIRST);
    }
    assertThat(CommandLineRun.of("run", file).out()).doesNotContain("listeners");
  }

  @Test
  void aTraceTellsAtItsEnd() throws Exception {
    String file = write("s.jsonl", SCENARIO);
    CommandLineRun run = CommandLineRun.of("run", "--trace", "--listener", "layout", file);

    assertThat(run.out()).containsPattern("(?s)verdict: .*layout, device 0000:01:00.0\n  at first");
  }

  @Test
  void oneThatThrowsIsOneLineAndTheAnswersStand() throws Exception {
    Path jar =
        PluginJar.write(
            folder.resolve("throwing.jar"),
            "1",
            MemoryListenerProvider.class,
            ThrowingListener.class.getName());
    String file = write("s.jsonl", SCENARIO + SCENARIO);
    List<String> places = new ArrayList<>(JavaProcess.runtimeOnly(""));
    places.add(jar.toString());
    CommandLineRun run =
        JavaProcess.start(
            List.of(
                "-cp", String.join(File.pathSeparator, places), StopcopyCommand.class.getName()),
            "run",
            "--listener",
            "throwing",
            file);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(CommandLineRun.of("run", file).out());
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: memory listener throwing failed and is left out: begin threw"
                + " IllegalStateException: begin\n");
  }
}
