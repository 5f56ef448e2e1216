package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @TempDir private static Path temp;

  private static CommandHome home;

  @BeforeAll
  static void install() throws Exception {
    Path project = Stranger.built("custom-listener");
    home = CommandHome.make(temp.resolve("home"));
    CommandHome.copyFiles(project.resolve("target/plugin"), home.plugins());

    assertThat(
            project.resolve(
                "target/surefire-reports/com.example.listener.HugePagesListenerTest.txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9], Failures: 0, Errors: 0, Skipped: 0");
    assertThat(home.start("plugins").exitCode()).isZero();
  }

  private static String[] check(String... more) {
    return Stream.concat(Stream.of(CHECK), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void pluginsListsItWithJarAndVersion() throws Exception {
    Run run = home.start("plugins");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern(
            "huge-pages +1\\.0\\.0 +com\\.example\\.listener\\.HugePagesProvider +"
                + home.plugins().toRealPath()
                + "/custom-listener-1\\.0\\.0\\.jar\n    how much RAM each device reaches");
  }

  @Test
  void checkAnswersAsWithoutItAndTellsWhatItSaw() throws Exception {
    Run without = home.start(check());
    Run run = home.start(check("--listener", "huge-pages,page-size=1G"));

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
    Run run = home.start(check("--listener", "huge-pages,pages=4"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: memory listener huge-pages: parameter 'pages' is unknown, expected one of"
                + " page-size\n");
  }
}
