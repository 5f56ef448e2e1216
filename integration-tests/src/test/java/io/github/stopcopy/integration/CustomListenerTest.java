package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The example's memory listener, built by a stranger, which passed its contract then, beside the
 * command.
 */
class CustomListenerTest {

  private static final String[] CHECK = {
    "check",
    "--qemu-args",
    "examples/plain-one-vf/qemu.args",
    "--host",
    "examples/plain-one-vf/host.json",
    "--mtree",
    "examples/plain-one-vf/mtree.txt"
  };

  /** The folder with the example's jar. */
  private static Path built;

  @BeforeAll
  static void install() throws Exception {
    Path project = Stranger.built("custom-listener");
    built = project.resolve("target/plugin");

    assertThat(
            project.resolve(
                "target/surefire-reports/com.example.listener.HugePagesListenerTest.txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9], Failures: 0, Errors: 0, Skipped: 0");
  }

  private static Run start(String... args) throws Exception {
    return CommandHome.shared().start(Map.of("STOPCOPY_PLUGIN_PATH", built + "/*"), args);
  }

  private static String[] check(String... more) {
    return Stream.concat(Stream.of(CHECK), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void pluginsListsItWithJarAndVersion() throws Exception {
    Run run = start("plugins");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern(
            "huge-pages +1\\.0\\.0 +com\\.example\\.listener\\.HugePagesProvider +"
                + built.toRealPath()
                + "/custom-listener-1\\.0\\.0\\.jar\n    how much RAM each device reaches");
  }

  @Test
  void checkAnswersAsWithoutItAndTellsWhatItSaw() throws Exception {
    Run without = start(check());
    Run run = start(check("--listener", "huge-pages,page-size=1G"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith(without.out().strip())
        .containsPattern(
            "What listeners saw\n"
                + "  huge-pages, device 0000:01:00.0 \\(gpu0\\)\n"
                + "    [0-9]+ of [0-9]+ bytes in pages of 1073741824 bytes\n"
                + "    sections: [0-9]+\n");
  }

  @Test
  void whatItRefusesIsOneLine() throws Exception {
    Run run = start(check("--listener", "huge-pages,pages=4"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: memory listener huge-pages: parameter 'pages' is unknown, expected one of"
                + " page-size\n");
  }
}
