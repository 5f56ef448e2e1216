package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plugins that do what no plugin should, beside the command in a JVM of its own: whatever they do,
 * nobody reads it as an answer.
 */
class HostilePluginsTest {

  private static final String LEFT_OUT = "stopcopy: a plugin could not be loaded and is left out: ";
  private static final String[] CHECK = {
    "check",
    "--qemu-args",
    CommandLineRun.example("plain-one-vf", "qemu.args"),
    "--host",
    CommandLineRun.example("plain-one-vf", "host.json")
  };

  @TempDir private static Path folder;

  private static ArchivedCommand command;

  @BeforeAll
  static void archive() throws Exception {
    command = ArchivedCommand.in(folder, CHECK);
  }

  private static Path tracker(String className, String piece, String code) throws IOException {
    return new HostileJar(folder).tracker(className, Map.of(piece, code));
  }

  private static CommandLineRun start(List<Path> jars, String... args) throws Exception {
    return command.start(List.of("-Xmx64m", "-Xss512k"), jars, args);
  }

  /** Checks a VM that is migratable, with more options. */
  private static CommandLineRun check(Path jar, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of(CHECK));
    args.addAll(List.of(more));
    return start(List.of(jar), args.toArray(String[]::new));
  }

  private static CommandLineRun checkTracked(Path jar, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("--tracker", "hostile"));
    args.addAll(List.of(more));
    return check(jar, args.toArray(String[]::new));
  }

  /** What a tracker throws is its own failure, also if it looks like QEMU's end or another's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ThrowsAbort    | START | thrown(new QemuAbort());  | start threw QemuAbort: QEMU ended",
        "ThrowsAtOpen   | OPEN  | thrown(new QemuAbort());  | open threw QemuAbort: QEMU ended",
        "ThrowsDeath    | START | thrown(new ThreadDeath());| start threw ThreadDeath",
        "Recurses       | START | recurse();                | start threw StackOverflowError",
        "TakesMemory    | START | List<long[]> all = new ArrayList<>();"
            + " while (all != null) all.add(new long[1 << 20]); |"
            + " start threw OutOfMemoryError: Java heap space",
        "ThrowsChecked  | START | thrown(new java.io.IOException(\"a\\n\\u001b[31mb\"));|"
            + " start threw IOException: a \\u001b[31mb",
        "ThrowsInMessage| START | thrown(new Error() { public String getMessage() {"
            + " throw new Error(); } public String toString() { throw new Error(); } });|"
            + " start threw com.example.ThrowsInMessage$1$1",
        "BlamesAnother  | START | thrown(PluginFailure.refused(InputException.of(\"mlx5\")));|"
            + " start threw PluginFailure: mlx5",
        "AnswersNull    | OPEN  | if (true) return null;    | open answered null",
        "ClearsTheRanges| START | ranges.clear();           |"
            + " start threw UnsupportedOperationException",
      })
  void whatATrackerThrowsIsItsOwnFailure(String name, String piece, String code, String problem)
      throws Exception {
    CommandLineRun run = checkTracked(tracker(name, piece, code));

    assertThat(run.err()).isEqualTo("stopcopy: dirty tracker hostile failed: " + problem + "\n");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  /** An end that the command did not decide is no answer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ExitsAtOpen  | OPEN        | System.exit(0);              | dirty tracker hostile",
        "ExitsAtStart | START       | Runtime.getRuntime().exit(0);| dirty tracker hostile",
        "ExitsAtBirth | CONSTRUCTOR | System.exit(0);              | plugin"
            + " com.example.ExitsAtBirth",
        "ExitsInThread| OPEN        | Thread t = new Thread(() -> System.exit(1)); t.start();"
            + " try { t.join(); } catch (InterruptedException e) { } | dirty tracker hostile",
      })
  void anEndThatTheCommandDidNotDecideIsAnInternalError(
      String name, String piece, String code, String who) throws Exception {
    CommandLineRun run = checkTracked(tracker(name, piece, code));

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("stopcopy: " + who + " ended the program with an exit code of its own (")
        .contains("com.example." + name)
        .hasLineCount(1);
  }

  /** One that never answers is told by name, wherever it stays. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SleepsAtBirth | CONSTRUCTOR | plugin com.example.SleepsAtBirth | its constructor",
        "SleepsAtName  | NAME        | plugin com.example.SleepsAtName  | name",
        "SleepsAtOpen  | OPEN        | dirty tracker hostile            | open",
        "SleepsAtStart | START       | dirty tracker hostile            | start",
      })
  void oneThatNeverAnswersIsToldByName(String name, String piece, String who, String asked)
      throws Exception {
    String sleep = "while (true) try { Thread.sleep(1000); } catch (InterruptedException e) { }";
    Path jar = tracker(name, piece, sleep.replace("true", "asked == 0"));
    CommandLineRun run = checkTracked(jar, "--plugin-timeout", "1");

    assertThat(run.err())
        .isEqualTo(
            "stopcopy: "
                + who
                + " did not answer within 1 second (it was asked for "
                + asked
                + "), given up; --plugin-timeout SECONDS allows more\n");
    assertThat(run.exitCode()).isEqualTo(2);
  }

  /** A jar that nobody chose is not even made: it can neither end nor hold up nor mute anything. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ExitsUnchosen  | System.exit(0);",
        "SleepsUnchosen | try { Thread.sleep(600000); } catch (InterruptedException e) { }",
        "ClosesUnchosen | System.out.close(); System.err.close();",
        "ThrowsUnchosen | if (asked == 0) throw new IllegalStateException();",
      })
  void whatNobodyChoseDoesNothing(String name, String code) throws Exception {
    CommandLineRun run =
        check(tracker(name, "CONSTRUCTOR", code), "--advice", "lint", "--listener", "layout");
    CommandLineRun without =
        CommandLineRun.of(
            Stream.concat(
                    Arrays.stream(CHECK), Stream.of("--advice", "lint", "--listener", "layout"))
                .toArray(String[]::new));

    assertThat(run).isEqualTo(without);
    assertThat(run.out()).contains("What listeners saw");
  }

  @Test
  void whatAPluginPrintsIsNamedAndNotPartOfTheAnswer() throws Exception {
    Path jar =
        tracker(
            "Prints",
            "OPEN",
            "System.out.println(\"{\\u001b[2J\"); System.err.print(\"half a line\");");
    CommandLineRun run = checkTracked(jar, "--format", "json");

    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).get("verdict")).isNotNull();
    assertThat(run.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("stopcopy: ") && line.contains(" prints: "))
        .contains("stopcopy: dirty tracker hostile prints: {\\u001b[2J");
  }

  /** Whatever such a tracker changed in the JVM, the answer is the one without it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Interrupts | OPEN        | Thread.currentThread().interrupt();",
        "TakesLoader| CONSTRUCTOR | Thread.currentThread().setContextClassLoader(null);",
        "TakesOut   | CONSTRUCTOR | System.out.close(); System.err.close();",
        "Hooks      | OPEN        | Runtime.getRuntime().addShutdownHook(new Thread(() -> {"
            + " while (true) Thread.onSpinWait(); }));",
        "Lives      | OPEN        | new Thread(() -> { while (true) try { Thread.sleep(999); }"
            + " catch (InterruptedException e) { } }).start();",
        "Speaks     | CONSTRUCTOR | Locale.setDefault(Locale.forLanguageTag(\"ar-EG-u-nu-arab\"));",
      })
  void whatATrackerChangesInTheJvmChangesNoAnswer(String name, String piece, String code)
      throws Exception {
    CommandLineRun run = checkTracked(tracker(name, piece, code));
    CommandLineRun without = CommandLineRun.of(CHECK);

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().findFirst()).isEqualTo(without.out().lines().findFirst());
    assertThat(run.out().chars()).allMatch(c -> c < 0x600 || c > 0x6ff);
  }

  @Test
  void standardInputIsTheCommandsOwn() throws Exception {
    Path jar =
        tracker(
            "Reads",
            "CONSTRUCTOR",
            "try { if (System.in.read() >= 0) throw new IllegalStateException(); System.in.close();"
                + " } catch (java.io.IOException e) { }");
    Path line = Files.writeString(folder.resolve("in.jsonl"), "{\"profile\":\"10.2\",\"argv\":[]}");
    List<String> places = new ArrayList<>(JavaProcess.runtimeOnly(""));
    places.add(jar.toString());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(File.pathSeparator, places),
                StopcopyCommand.class.getName(),
                "run",
                "-")
            .redirectInput(line.toFile())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor()).isZero();
    assertThat(printed).startsWith("{").hasLineCount(1);
  }

  /** Such a name can neither be typed nor listed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NamedTwoLines | \"a\\nb\"             | a\\u000ab",
        "NamedComma    | \"a,b\"               | a,b",
        "NamedEquals   | \"a=b\"               | a=b",
        "NamedEscape   | \"\\u001b[31mred\"    | \\u001b[31mred",
        "NamedBackward | \"a\\u202eb\"         | a\\u202eb",
      })
  void aNameThatCannotBePrintedIsRefusedAndTheOthersLoad(String name, String given, String shown)
      throws Exception {
    Path jar = tracker(name, "NAME", "if (asked == 0) return " + given + ";");
    CommandLineRun run = start(List.of(jar), "plugins");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .isEqualTo(
            LEFT_OUT
                + "IllegalArgumentException: com.example."
                + name
                + " is named '"
                + shown
                + "', expected at most 100 characters, no comma or '=' and no control character"
                + " among them\n");
    assertThat(run.out()).contains("mlx5").doesNotContain(name);
  }

  @Test
  void aNameIsAskedForOnceAndAHugeOneIsRefused() throws Exception {
    Path changes = tracker("Changes", "NAME", "if (asked++ > 0) return \"mlx5\";");
    Path huge = tracker("Huge", "NAME", "if (asked == 0) return \"x\".repeat(1 << 20);");
    CommandLineRun run = start(List.of(changes, huge), "plugins");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).containsPattern("hostile .*com\\.example\\.Changes");
    assertThat(run.err()).startsWith(LEFT_OUT).contains("com.example.Huge").hasLineCount(1);
    assertThat(run.err().length()).isLessThan(600);
  }

  @Test
  void aDescriptionIsOneLineThatNoTerminalObeys() throws Exception {
    Path jar =
        tracker("Describes", "DESCRIPTION", "if (asked == 0) return \"a\\n b\\u001b[2J\\u2028c\";");
    CommandLineRun run = start(List.of(jar), "plugins");

    assertThat(run.out()).contains("\n    a b\\u001b[2J c\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aJarWithAPackageOfOursIsReportedAndShadowsNothing() throws Exception {
    Path jar =
        new HostileJar(folder)
            .tracker("io.github.stopcopy.vfiopci.tracker", "Mlx5TrackerProvider", Map.of());
    CommandLineRun run = start(List.of(jar), "plugins");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: "
                + jar
                + " has classes in a package of this command, io.github.stopcopy.vfiopci.tracker;"
                + " they do not count, expected a package of its own\n");
    assertThat(run.out()).doesNotContain(" hostile ", jar.toString()).contains("mlx5");
  }

  private static CommandLineRun play(Path jar, String steps) throws Exception {
    String scenario =
        "{\"profile\":\"8.1-iommu-pt\",\"argv\":[\"-M\",\"q35\",\"-device\",\"hostile-iommu\","
            + "\"-device\",\"vfio-pci,host=01:00.0,id=a,x-migration-iommu-pt=on\"],"
            + "\"steps\":[{\"do\":\"boot\"}"
            + steps
            + "]}\n";
    Path file = Files.writeString(folder.resolve("viommu.jsonl"), scenario);
    return start(List.of(jar), "run", file.toString());
  }

  /** What a vIOMMU of somebody else answers decides whether a device blocks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GivesSystem | SPACE | if (true) return machine.system(); |"
            + " addressSpace answered the system's own for pcie.0/01.0, expected another one",
        "GivesForeign| SPACE | GuestMemory m = new GuestMemory(false, true);"
            + " if (true) return m.addressSpace(\"x\", m.container(\"x\", ByteSize.WHOLE_SPACE)); |"
            + " addressSpace answered one of another VM for pcie.0/01.0",
        "AbortsFlags | FLAGS | if (true) throw new QemuAbort(); |"
            + " notifierFlagsChanged threw QemuAbort: QEMU ended",
        "NeverReplays| FLAGS |  | replay threw UnsupportedOperationException:"
            + " com.example.NeverReplays$1 does not implement replay, and 0x0 to"
            + " 0xffffffffffffffff is too far to be asked page by page",
        "NoSchema    | PROPERTIES | if (true) return null; | properties answered null",
      })
  void whatAVIommuAnswersWronglyIsItsOwnFailure(
      String name, String piece, String code, String problem) throws Exception {
    Path jar = new HostileJar(folder).viommu(name, Map.of(piece, code == null ? "" : code));
    CommandLineRun run = play(jar, "");

    assertThat(run.err())
        .containsPattern("viommu.jsonl:1: (vIOMMU|device type) hostile-iommu failed: ")
        .endsWith(" failed: " + problem + "\n")
        .hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  /** QEMU's end is QEMU's end, whether the plugin through which it comes lets it pass or not. */
  @ParameterizedTest
  @CsvSource({"LetsPass,", "HoldsBack,catch (RuntimeException swallowed) { }"})
  void whenQemuEndsInsideAPluginThatIsTheAnswer(String name, String handler) throws Exception {
    String show = "try { root.remove(region); refuse[0] = true; root.add(0, region); }";
    Path jar =
        new HostileJar(folder)
            .viommu(
                name,
                Map.of(
                    "REALIZE",
                    "boolean[] refuse = {false};",
                    "MODEL",
                    "public void replay(IommuNotifier notifier) {}",
                    "FLAGS",
                    "if (refuse[0]) return Optional.of(QemuError.of(\"no\\nmore\"));",
                    "GUEST",
                    show + (handler == null ? "finally { }" : handler)));
    CommandLineRun run = play(jar, ",{\"do\":\"viommu\",\"op\":\"enable\"},{\"do\":\"migrate\"}");
    JsonNode steps = new ObjectMapper().readTree(run.out()).get("steps");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(steps).hasSize(2);
    assertThat(steps.get(1).get("exit-code").asInt()).isEqualTo(-6);
    assertThat(steps.get(1).get("errors").get(0).asText()).isEqualTo("no more");
  }

  @Test
  void aTimeoutThatIsNoneIsRefused() {
    for (String wrong : List.of("0", "-1", "1.5", "soon", "86401")) {
      CommandLineRun run = CommandLineRun.of("plugins", "--plugin-timeout", wrong);

      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err())
          .isEqualTo(
              "stopcopy: --plugin-timeout is '" + wrong + "', expected seconds from 1 to 86400\n");
    }
  }
}
