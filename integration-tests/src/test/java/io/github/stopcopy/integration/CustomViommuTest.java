package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import io.github.stopcopy.integration.CommandJars.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example's vIOMMU model, built by a stranger, which passed its contract then, beside the
 * command.
 */
class CustomViommuTest {

  private static final String[] CHECK = {
    "check",
    "--qemu-args",
    "examples/custom-viommu/qemu.args",
    "--host",
    "examples/plain-one-vf/host.json"
  };

  @TempDir private static Path temp;

  private static Path jar;
  private static CommandHome home;

  @BeforeAll
  static void install() throws Exception {
    Path project = Stranger.built("custom-viommu");
    jar = project.resolve("target/plugin/custom-viommu-1.0.0.jar");
    home = CommandHome.make(temp.resolve("home"));
    Files.createDirectories(home.plugins());
    Files.copy(jar, home.plugins().resolve(jar.getFileName()));

    assertThat(project.resolve("target/surefire-reports/com.example.viommu.ToyIommuTest.txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9], Failures: 0, Errors: 0");
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
            "toy-iommu +1\\.0\\.0 +com\\.example\\.viommu\\.ToyIommuProvider +"
                + home.plugins().toRealPath()
                + "/custom-viommu-1\\.0\\.0\\.jar\n");
  }

  @Test
  void itIsListedOnTheModulePathToo() throws Exception {
    CommandJars jars = CommandJars.all().with(jar);
    Run run = jars.start(temp, Jdk.all().get(0), Place.MODULE_PATH, "plugins");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).containsPattern("toy-iommu +1\\.0\\.0 .*custom-viommu-1\\.0\\.0\\.jar\n");
  }

  @Test
  void aVmThatHasItIsBlockedAsBehindAnyViommu() throws Exception {
    Run run = home.start(check());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(flowing(run))
        .startsWith("blocked: ")
        .contains("VIOMMU_PRESENT", "remove the vIOMMU (-device toy-iommu)");
  }

  @Test
  void itsWidthIsWhatWouldHaveToBeTracked() throws Exception {
    Run run =
        home.start(
            check("--qemu-version", "8.1-iommu-pt", "--set", "gpu0.x-migration-iommu-pt=on"));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(flowing(run)).startsWith("conditional: ").contains("44 bits, 16 TiB");
  }

  /** The answer without the ends of lines, which come where 80 columns are full. */
  private static String flowing(Run run) {
    return run.out().replaceAll("\\s+", " ");
  }
}
