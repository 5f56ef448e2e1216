package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.standin.StandardScenarios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * {@code stopcopy verify} on a real QEMU: the model and the binary agree, and nothing is left
 * behind, however it ends.
 */
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(900) // a hang is a failure
class VerifyTest {

  private static Optional<String> program = Optional.empty();

  @TempDir private Path folder;

  @BeforeAll
  static void findsQemuAndACompiler() throws Exception {
    program = RealQemu.withCompiler();
  }

  private CommandHome home() throws Exception {
    assumeTrue(program.isPresent(), "no QEMU");
    Files.createDirectory(folder.resolve("tmp"));
    return CommandHome.shared();
  }

  /** Its files and its library are in folders of this test. */
  private Map<String, String> environment() {
    return Map.of(
        "JDK_JAVA_OPTIONS",
        "-Djava.io.tmpdir=" + folder.resolve("tmp"),
        "XDG_CACHE_HOME",
        folder.resolve("cache").toString());
  }

  private Path scenarios(String name, int each, int of) throws IOException {
    List<String> lines = StandardScenarios.lines();
    List<String> some = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (i % of < each) {
        some.add(lines.get(i));
      }
    }
    return Files.write(folder.resolve(name), some);
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
      return files.toList();
    }
  }

  /** Processes that were started with a file of this test among their words. */
  private List<ProcessHandle> running() {
    String mark = folder.resolve("tmp") + "/stopcopy-standin-";
    return ProcessHandle.allProcesses()
        .filter(process ->
            process.info().commandLine().orElse("").contains(mark)
                && process.pid() != ProcessHandle.current().pid())
        .toList();
  }

  @Test
  void scenariosOfAllFamiliesAgree() throws Exception {
    CommandHome home = home();
    Path some = scenarios("some.jsonl", 1, Integer.getInteger("stopcopy.verify.of", 5));
    Path record = folder.resolve("record.jsonl");
    CommandHome.Run run =
        home.start(
            environment(),
            "verify",
            "--qemu",
            program.orElseThrow(),
            "--jobs",
            "2",
            "--record",
            record.toString(),
            some.toString());
    int count = Files.readAllLines(some).size();
    assertThat(run.out()).contains(count + " of " + count + " agree");
    assertThat(run.exitCode()).isZero();
    assertThat(Files.readAllLines(record))
        .hasSize(count)
        .allMatch(line -> line.startsWith("{\"scenario\":{") && line.contains("\"outcome\":"));
    assertThat(left()).isEmpty();
    assertThat(running()).isEmpty();
  }

  @Test
  void twoRunsAtOnceDoNotDisturbEachOther() throws Exception {
    CommandHome home = home();
    Path few = scenarios("few.jsonl", 1, 30);
    int count = Files.readAllLines(few).size();
    String[] command = {"verify", "--qemu", program.orElseThrow(), "--jobs", "1", few.toString()};
    List<Process> both =
        List.of(
            home.begin(environment(), folder.resolve("one"), command),
            home.begin(environment(), folder.resolve("two"), command));
    for (Process each : both) {
      assertThat(each.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(each.exitValue()).isZero();
    }
    for (String name : List.of("one", "two")) {
      assertThat(Files.readString(folder.resolve(name)))
          .contains(count + " of " + count + " agree");
    }
    assertThat(left()).isEmpty();
    assertThat(running()).isEmpty();
  }

  @Test
  void whoInterruptsItLeavesNoProcessAndNoFile() throws Exception {
    CommandHome home = home();
    Path many = scenarios("many.jsonl", 1, 1);
    Process verify =
        home.begin(
            environment(),
            folder.resolve("out"),
            "verify",
            "--qemu",
            program.orElseThrow(),
            many.toString());
    while (running().isEmpty()) {
      assertThat(verify.isAlive()).isTrue();
      Thread.sleep(20);
    }
    List<ProcessHandle> started = running();
    verify.destroy(); // as Ctrl-C does, it lets the JVM end in order
    assertThat(verify.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(left()).isEmpty();
    for (ProcessHandle process : started) {
      process.onExit().get(1, TimeUnit.MINUTES);
    }
    assertThat(running()).isEmpty();
  }

  @Test
  void whatCannotBePlayedIsBadInput() throws Exception {
    CommandHome home = home();
    Path scenario =
        Files.writeString(
            folder.resolve("sync.jsonl"),
            "{\"id\":\"x\",\"profile\":\"11.1\",\"argv\":[\"-machine\",\"q35\"],"
                + "\"steps\":[{\"do\":\"boot\"},{\"do\":\"sync\"}]}\n");
    CommandHome.Run run =
        home.start(environment(), "verify", "--qemu", program.orElseThrow(), scenario.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("stopcopy: " + scenario + ":1: step 2: sync needs guest software");
    assertThat(run.out()).contains("0 of 0 agree, 1 could not be played");
    assertThat(home.start("verify", "--qemu", "/nowhere/qemu"))
        .isEqualTo(
            new CommandHome.Run(
                2,
                "",
                "stopcopy: /nowhere/qemu: no such program, expected the path of a"
                    + " qemu-system-x86_64\n"));
  }
}
