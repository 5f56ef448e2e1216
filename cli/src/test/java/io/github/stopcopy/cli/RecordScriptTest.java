package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/record/record-qmp.sh}, with a command that answers as QEMU did. */
class RecordScriptTest {

  private static final Path SCRIPT = Path.of("..", "docs", "record", "record-qmp.sh");

  /** Stands for virsh: prints the answer to a request, and QEMU's error where none is known. */
  private static final String ANSWER =
      """
      REQUEST=$2 exec awk '
        BEGIN { start = "{\\"request\\":" ENVIRON["REQUEST"] ",\\"answer\\":" }
        index($0, start) == 1 {
          print substr($0, length(start) + 1, length($0) - length(start) - 1)
          found = 1
          exit
        }
        END { if (!found) print "{\\"error\\":{\\"class\\":\\"CommandNotFound\\",\\"desc\\":\\"none\\"}}" }
      ' "$1"
      """;

  @TempDir private Path folder;

  private record Run(int exitCode, String out, String err) {}

  private Run run(String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("sh", SCRIPT.toAbsolutePath().toString()));
    words.addAll(List.of(command));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  void R_LIVE_L3_asksWhatIsRead() throws Exception {
    Path recorded = RecordedQmp.record("q35-11.1-viommu").toAbsolutePath();
    Path answer = Files.writeString(folder.resolve("answer.sh"), ANSWER);

    Run run = run("sh", answer.toString(), recorded.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEqualTo(Files.readString(recorded));
  }

  /** QEMU before 10.1 tells the properties of a device one by one. */
  @Test
  void R_LIVE_L3_whatOlderReleasesAnswerIsEnoughToo() throws Exception {
    Path recorded = RecordedQmp.record("q35-10.0-viommu-last").toAbsolutePath();
    Path answer = Files.writeString(folder.resolve("answer.sh"), ANSWER);

    Run run = run("sh", answer.toString(), recorded.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    Path again = Files.writeString(folder.resolve("again.record"), run.out());
    assertThat(CommandLineRun.of("check", "--qmp-record", again.toString()).out())
        .isEqualTo(CommandLineRun.of("check", "--qmp-record", recorded.toString()).out());
  }

  @Test
  void aCommandThatFailsEndsTheRecording() throws Exception {
    Run run = run("false");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no answer to {\"execute\":\"query-version\"}");
  }
}
