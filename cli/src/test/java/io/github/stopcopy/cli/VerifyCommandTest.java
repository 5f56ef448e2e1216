package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.standin.StandardScenarios;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code verify} on programs that only talk like QEMU: what they do is known, so that it shows what
 * is made of it. On real binaries the integration tests try it.
 */
class VerifyCommandTest {

  private static final String REFUSAL = "vfio 0000:01:00.0: 0000:01:00.0: VFIO migration is not";

  @TempDir private Path folder;

  /** A program that answers like a QEMU 10.0 and, started with a VM, does what is said. */
  private String program(String started) throws IOException {
    Path script =
        Files.writeString(
            folder.resolve("qemu"),
            "#!/bin/sh\ncase \"$*\" in\n"
                + "--version) echo 'QEMU emulator version 10.0.13 (talks like one)' ;;\n"
                + "'-machine help') echo 'q35  Standard PC' ;;\n"
                + "'-device vfio-pci,help') echo '  sysfsdev=<str>' ;;\n"
                + "'-accel help') echo tcg ;;\n"
                + "'-L help') ;;\n"
                + "*) "
                + started
                + " ;;\nesac\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script.toString();
  }

  private CommandLineRun verify(String program, Path record) throws Exception {
    return JavaProcess.start(words(program, record));
  }

  /** The words that start the command in a JVM of its own, on one scenario. */
  private List<String> words(String program, Path record) throws IOException {
    assumeTrue(Programs.has("cc"), "no C compiler");
    String refused =
        StandardScenarios.lines().stream()
            .filter(line -> line.contains("\"C-mig=none-enable=on\""))
            .findFirst()
            .orElseThrow();
    Path scenarios = Files.writeString(folder.resolve("scenarios.jsonl"), refused + "\n");
    return JavaProcess.command(
        List.of(
            "-Duser.home=" + folder,
            "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
            "-cp",
            String.join(File.pathSeparator, JavaProcess.runtimeOnly("")),
            StopcopyCommand.class.getName()),
        "verify",
        "--qemu",
        program,
        "--record",
        record.toString(),
        scenarios.toString());
  }

  @Test
  void R_BLK_21_whoRefusesInTheModelsWordsAgrees() throws Exception {
    Path record = folder.resolve("record.jsonl");
    CommandLineRun run =
        verify(
            program("echo 'qemu-system-x86_64: " + REFUSAL + " supported in kernel' >&2; exit 1"),
            record);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("QEMU 10.0.13 (talks like one), answered by profile 10.0, guests run by TCG\n")
        .endsWith("1 of 1 agree\n");
    assertThat(run.exitCode()).isZero();
    assertThat(Files.readString(record))
        .contains("\"profile\":\"10.0\"", REFUSAL, "\"outcome\":\"realize_error\"");
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
  }

  /** Progress is a line that renews itself: the way back goes through, and as nothing else. */
  @Test
  void onATerminalProgressIsALineThatRenewsItself() throws Exception {
    assumeTrue(Programs.has("script"), "no program that makes a terminal");
    String refused = program("echo 'qemu-system-x86_64: " + REFUSAL + " liked here' >&2; exit 1");
    List<String> quoted =
        words(refused, folder.resolve("record.jsonl")).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .toList();
    CommandLineRun run =
        JavaProcess.start(
            List.of("script", "-q", "-e", "-c", String.join(" ", quoted), "/dev/null"));

    String progress = "1 of 1 played, 0 agree";
    assertThat(run.out())
        .contains("\n" + progress + "\r" + " ".repeat(progress.length()) + "\r0 of 1 agree\r\n")
        .doesNotContain("u000d", "u001b");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void aDifferenceIsPrintedSideBySide() throws Exception {
    CommandLineRun run =
        verify(
            program("echo 'qemu-system-x86_64: " + REFUSAL + " liked here' >&2; exit 1"),
            folder.resolve("record.jsonl"));
    assertThat(run.out())
        .contains(
            "DIFFERS C-mig=none-enable=on\n  errors, step 1 (boot)\n    QEMU:  [\""
                + REFUSAL
                + " liked here\"]\n    model: [\""
                + REFUSAL
                + " supported in kernel\"]\n    rules: R-")
        .endsWith("0 of 1 agree\n");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void aCrashIsAResult() throws Exception {
    CommandLineRun run = verify(program("kill -SEGV $$"), folder.resolve("record.jsonl"));
    assertThat(run.out())
        .contains("note C-mig=none-enable=on: QEMU ended by signal 11")
        .endsWith("0 of 1 agree\n");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void whatIsNoQemuIsBadInput() throws Exception {
    assertThat(CommandLineRun.of("verify", "--qemu", "/nowhere/qemu").err())
        .isEqualTo(
            "stopcopy: /nowhere/qemu: no such program, expected the path of a"
                + " qemu-system-x86_64\n");
    CommandLineRun other = CommandLineRun.of("verify", "--qemu", "true");
    assertThat(other.err()).startsWith("stopcopy: true: does not say which version of QEMU it is");
    assertThat(other.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(CommandLineRun.of("verify", "--qemu", "true", "--jobs", "0").err())
        .isEqualTo("stopcopy: --jobs is 0, expected 1 to 64\n");
    assertThat(CommandLineRun.of("verify").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void itsOwnScenariosHaveNamesOfTheirOwnAndNoRecordedAnswers() {
    List<String> lines = StandardScenarios.lines();
    assertThat(lines).hasSizeGreaterThan(100);
    HashSet<String> ids = new HashSet<>();
    for (String line : lines) {
      assertThat(line).doesNotContain("\"expected\"").doesNotContain("\"mtree\"");
      assertThat(ids.add(line.substring(0, line.indexOf("\",")))).isTrue();
    }
  }
}
