package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import io.github.stopcopy.integration.CommandJars.Place;
import java.nio.file.Path;
import java.util.Map;
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

  @BeforeAll
  static void install() throws Exception {
    Path project = Stranger.built("custom-viommu");
    jar = project.resolve("target/plugin/custom-viommu-1.0.0.jar");

    assertThat(project.resolve("target/surefire-reports/com.example.viommu.ToyIommuTest.txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9], Failures: 0, Errors: 0");
  }

  private static Run start(String... args) throws Exception {
    return CommandHome.shared().start(Map.of("STOPCOPY_PLUGIN_PATH", jar.toString()), args);
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
            "toy-iommu +1\\.0\\.0 +com\\.example\\.viommu\\.ToyIommuProvider +"
                + jar.toRealPath()
                + "\n");
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
    Run run = start(check());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(flowing(run))
        .startsWith("blocked: ")
        .contains("VIOMMU_PRESENT", "remove the vIOMMU (-device toy-iommu)");
  }

  @Test
  void itsWidthIsWhatWouldHaveToBeTracked() throws Exception {
    Run run =
        start(check("--qemu-version", "8.1-iommu-pt", "--set", "gpu0.x-migration-iommu-pt=on"));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(flowing(run)).startsWith("conditional: ").contains("44 bits, 16 TiB");
  }

  /** The answer without the ends of lines, which come where 80 columns are full. */
  private static String flowing(Run run) {
    return run.out().replaceAll("\\s+", " ");
  }
}
