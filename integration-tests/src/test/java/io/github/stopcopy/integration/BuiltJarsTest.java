package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import io.github.stopcopy.integration.CommandJars.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the built jars on the class path and on the module path, with each JDK there is. */
class BuiltJarsTest {

  private static final Path EXAMPLES = Checkout.ROOT.resolve("examples");

  @TempDir private Path folder;

  static List<Arguments> runs() throws IOException {
    List<Arguments> runs = new ArrayList<>();
    for (Jdk jdk : Jdk.all()) {
      for (Place place : Place.values()) {
        runs.add(Arguments.of(jdk, place));
      }
    }
    return runs;
  }

  private static String[] check(String example) {
    return new String[] {
      "check", "--qemu-args", EXAMPLES.resolve(example + "/qemu.args").toString()
    };
  }

  @ParameterizedTest
  @MethodSource("runs")
  void withAllJarsAVmOfEachModelIsAnswered(Jdk jdk, Place place) throws Exception {
    for (String example : List.of("big-q35-intel-viommu", "amd-viommu")) {
      Run run = CommandJars.all().start(folder, jdk, place, check(example));

      assertThat(run.err()).isEmpty();
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).startsWith("blocked: ");
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void withoutTheIntelJarItIsSaidThatNobodyModelsIt(Jdk jdk, Place place) throws Exception {
    CommandJars jars = CommandJars.all().without("stopcopy-viommu-intel");
    Run run = jars.start(folder, jdk, place, check("big-q35-intel-viommu"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().strip())
        .isEqualTo("stopcopy: no provider for intel-iommu; found: amd-iommu, virtio-iommu-pci");
  }

  @ParameterizedTest
  @MethodSource("runs")
  void aStoryIsPlayed(Jdk jdk, Place place) throws Exception {
    Path story = EXAMPLES.resolve("kexec-mid-migration/scenario.jsonl");
    Run run = CommandJars.all().start(folder, jdk, place, "run", story.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("{");
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyPluginIsFoundInItsJar(Jdk jdk, Place place) throws Exception {
    Run run = CommandJars.all().start(folder, jdk, place, "plugins");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("vfio-pci +" + Checkout.VERSION + " .*/stopcopy-vfio-pci-[^/]*\\.jar\n")
        .containsPattern(
            "intel-iommu +" + Checkout.VERSION + " .*/stopcopy-viommu-intel-[^/]*\\.jar\n")
        .containsPattern("amd-iommu +" + Checkout.VERSION + " .*/stopcopy-viommu-amd-[^/]*\\.jar\n")
        .containsPattern(
            "virtio-iommu-pci +" + Checkout.VERSION + " .*/stopcopy-viommu-virtio-[^/]*\\.jar\n")
        .containsPattern("qemu +" + Checkout.VERSION + " .*/stopcopy-migration-[^/]*\\.jar\n");
  }
}
