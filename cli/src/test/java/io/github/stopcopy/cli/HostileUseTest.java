package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Inputs that are made to break the command, or to have it say what is not so. What concerns the
 * process is in the tests of the launcher.
 */
class HostileUseTest {

  private static final Path INPUTS = Path.of("src", "test", "resources", "hostile");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Clears the screen and writes another verdict; then the same for terminals of 8 bits. */
  private static final String ESCAPES = "\u001b[2J\u001b[Hmigratable: yes\n\nWarnings\n\n\u009b2J";

  private static final String TURNED = "\u202egpj.exe\u202c\u2066";

  @TempDir private Path folder;

  private static String input(String name) {
    return INPUTS.resolve(name).toString();
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static String quoted(String text) throws IOException {
    return JSON.writeValueAsString(text);
  }

  private static List<String> ids(CommandLineRun run) {
    return run.out()
        .lines()
        .map(line -> {
          try {
            return JSON.readTree(line).get("id").textValue();
          } catch (IOException noJson) {
            throw new AssertionError(line, noJson);
          }
        })
        .toList();
  }

  /** Nothing that a terminal obeys, and no line that an input began. */
  private static void assertHarmless(String text) {
    assertThat(text.chars().filter(c -> c != '\n').mapToObj(Character::toString))
        .allMatch(
            c ->
                !Character.isISOControl(c.codePointAt(0))
                    && c.codePointAt(0) != 0x202e
                    && c.codePointAt(0) != 0x2066,
            "harmless");
    assertThat(text.lines()).noneMatch(line -> line.startsWith("migratable: yes"));
  }

  @Test
  void aReleaseOfManyDotsIsABadLineAndTheOthersAreAnswered() {
    CommandLineRun run = CommandLineRun.of("run", input("version-of-many-dots.jsonl"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(ids(run)).containsExactly("good1", "good2");
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .contains("version-of-many-dots.jsonl:2: ", "unknown QEMU version '8.1.1.1", "expected one")
        .hasSizeLessThan(600);
  }

  @Test
  void keysThatCollideAreABadLineInPlainWords() {
    CommandLineRun run = CommandLineRun.of("run", input("colliding-keys.jsonl"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(ids(run)).containsExactly("ok1", "ok2");
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .contains("too many keys that are made to slow down their look-up")
        .doesNotContain("symbol", "DoS");
  }

  /** To libvirt an attribute of another namespace is none of its own: the device is passed in. */
  @Test
  void anAttributeInAForeignNamespaceIsNotLibvirts() {
    CommandLineRun run = CommandLineRun.of("check", "--libvirt", input("namespaced-attribute.xml"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.NEGATIVE);
    assertThat(run.out()).startsWith("blocked: ").contains("VIOMMU_PRESENT");
  }

  @ParameterizedTest
  @CsvSource({"text,", "json,", "text,all", "json,all", "text,'8.2,10.0'"})
  void nothingOfAnInputIsObeyedByTheTerminal(String format, String releases) throws Exception {
    String scenario = input("terminal-escapes.jsonl");
    CommandLineRun run =
        releases == null
            ? CommandLineRun.of("check", "--scenario", scenario, "--format", format)
            : CommandLineRun.of(
                "check", "--scenario", scenario, "--format", format, "--qemu-version", releases);

    assertThat(run.exitCode()).isEqualTo(ExitCode.NEGATIVE);
    assertThat(run.out()).containsIgnoringCase(releases == null ? "\\u001b[2J" : "VIOMMU_PRESENT");
    assertThat(run.out().lines()).noneMatch(line -> line.startsWith("migratable: nothing"));
    assertHarmless(run.out() + run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "host", "release", "device", "unknown"})
  void namesInAnyPlaceOfAScenarioAreHarmless(String place) throws Exception {
    for (String evil : List.of(ESCAPES, TURNED)) {
      String scenario =
          "{\"id\":%s,\"profile\":%s,\"argv\":[\"-machine\",\"q35\",\"-device\",%s,\"-device\",%s],"
                  .formatted(
                      quoted(place.equals("id") ? evil : "x"),
                      quoted(place.equals("release") ? evil : "10.2"),
                      quoted(
                          "vfio-pci,id=v1,sysfsdev=/sys/" + (place.equals("device") ? evil : "a")),
                      quoted(place.equals("unknown") ? evil : "virtio-net-pci,id=n" + evil))
              + "\"host\":{\"kernel\":%s},\"steps\":[{\"do\":\"migrate\"},{\"do\":\"device-del\",\"id\":%s}]}"
                  .formatted(quoted(place.equals("host") ? evil : "6.12"), quoted(evil));
      String file = file("s.jsonl", scenario + "\n" + scenario);
      for (CommandLineRun run :
          List.of(
              CommandLineRun.of("run", file),
              CommandLineRun.of("run", "--trace", file),
              CommandLineRun.of("check", "--scenario", file("one.json", scenario)))) {
        assertHarmless(run.out() + run.err());
        assertThat(run.out() + run.err()).isNotEmpty();
      }
    }
  }

  /** An escape in JSON means the character: programs get the name as it was. */
  @Test
  void programsGetNamesAsTheyWere() throws Exception {
    String id = ESCAPES + TURNED + "\u007f\u2028\uD83D\uDE80";
    String scenario =
        "{\"id\":%s,\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"]}".formatted(quoted(id));
    CommandLineRun run = CommandLineRun.of("run", file("s.jsonl", scenario));

    assertHarmless(run.out());
    JsonNode answer = JSON.readTree(run.out());
    assertThat(answer.get("id").textValue()).isEqualTo(id);
  }

  @Test
  void namesOfDomainXmlAndMemoryAreHarmless() throws Exception {
    String xml =
        "<domain type='kvm'><name>a\u009b2J\u202e</name><memory>1048576</memory><os><type"
            + " machine='q35&#10;migratable: yes\u009b'>hvm</type></os><devices><hostdev"
            + " mode='subsystem' type='pci\u009b&#10;migratable: yes'/></devices></domain>";
    assertHarmlessLines(CommandLineRun.of("check", "--libvirt", file("d.xml", xml)));

    String args = file("qemu.args", "qemu-system-x86_64 -machine q35 -device 'a\u001b[2J\nb'");
    String mtree =
        "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n"
            + "  0000000000000000-000000007fffffff (prio 0, ram): pc\u001b[2J.ram\u009b\n"
            + "  nonsense \u001b[2J\n";
    assertHarmlessLines(
        CommandLineRun.of("check", "--qemu-args", args, "--mtree", file("mtree.txt", mtree)));
  }

  private static void assertHarmlessLines(CommandLineRun run) {
    assertThat(run.out() + run.err()).isNotEmpty();
    assertHarmless(run.out() + run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "check", "plugins"})
  void wordsOfTheCommandLineAreHarmless(String command) {
    CommandLineRun run = CommandLineRun.of(command, "--no-such" + ESCAPES + TURNED);

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).hasSize(1);
    assertHarmless(run.err());
    assertHarmlessLines(CommandLineRun.of("run", ESCAPES + TURNED));
    assertHarmlessLines(CommandLineRun.of(ESCAPES + TURNED));
  }

  /** An argument is what it is, also behind an @. */
  @Test
  void noFileIsReadThatAnArgumentNamesBehindAnAt() throws Exception {
    String secret = file("secret", "root:x:0:0\n");
    for (List<String> words :
        List.of(
            List.of("run", "@" + secret),
            List.of("@" + secret),
            List.of("check", "--qemu-args", "@" + secret),
            List.of("check", "@" + secret))) {
      CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));

      assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(run.out() + run.err()).contains("@" + secret).doesNotContain("root:x");
    }
  }

  /** Patterns that look for the end of white space again at each of it took minutes. */
  @Test
  void muchWhiteSpaceInAnArgumentIsReadOnce() {
    CommandLineRun run = CommandLineRun.of("--no-such" + " ".repeat(1 << 20) + "x");

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void aNameThatIsNoneOfAFileIsBadInput() throws Exception {
    CommandLineRun run = CommandLineRun.of("run", "a\0b");

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err().lines()).singleElement().asString().contains("is no name of a file here");
    String args = file("a.json", "[\"qemu-system-x86_64\",\"-readconfig\",\"a\\u0000b\"]");
    CommandLineRun config = CommandLineRun.of("check", "--qemu-args", args);
    assertThat(config.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(config.err().lines()).hasSize(1);
  }

  /** The line takes more than a small JVM has; it is told, and the others are answered. */
  @Test
  void aLineThatTakesAllMemoryIsToldAndTheOthersAreAnswered() throws Exception {
    String good = "{\"id\":\"%s\",\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"]}\n";
    String huge = "{\"id\":\"" + "x".repeat(30 << 20) + "\"}\n";
    Path file = folder.resolve("s.jsonl");
    Files.writeString(
        file, good.formatted("a") + huge + good.formatted("b"), StandardCharsets.US_ASCII);
    CommandLineRun run =
        JavaProcess.start(
            List.of(
                "-Xmx40m",
                "-cp",
                String.join(java.io.File.pathSeparator, JavaProcess.runtimeOnly("")),
                "io.github.stopcopy.cli.StopcopyCommand"),
            "run",
            file.toString());

    assertThat(ids(run)).containsExactly("a", "b");
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .contains("s.jsonl:2: needs more memory");
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
  }
}
