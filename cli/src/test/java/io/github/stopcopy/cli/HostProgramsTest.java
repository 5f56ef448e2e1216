package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs on the host beside the command: the probe and the script that copies. */
class HostProgramsTest {

  private static final Path PROGRAMS = Path.of("..", "docs", "probe");

  @TempDir private Path folder;

  /** A program that ended, and what it printed. */
  private record Ended(int code, String out) {}

  private static Ended start(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out);
  }

  @Test
  void theProbeCompilesWithoutAWarningAndOpensNothingByItself() throws Exception {
    assumeTrue(Programs.has("gcc"), "skipped: no gcc here");
    Path header = Path.of("/usr/include/linux/vfio.h");
    assumeTrue(Files.exists(header), "skipped: no linux/vfio.h here");
    String probe = folder.resolve("probe").toString();
    String source = PROGRAMS.resolve("stopcopy-probe.c").toString();
    Ended compiled = start("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", probe, source);

    assertThat(compiled.out()).isEmpty();
    assertThat(compiled.code()).isZero();
    for (List<String> words :
        List.of(List.of(probe), List.of(probe, "../../etc"), List.of(probe, "a", "b"))) {
      Ended usage = start(words.toArray(String[]::new));
      assertThat(usage.code()).isEqualTo(2);
      assertThat(usage.out()).startsWith("usage: stopcopy-probe ADDRESS");
    }
    Ended missing = start(probe, "ffff:ff:1f.7");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.out())
        .startsWith("stopcopy-probe: /sys/bus/pci/devices/ffff:ff:1f.7/iommu_group: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"intel-mlx5", "amd-hardware-tracking", "old-kernel", "features-of-6.18"})
  void theScriptCopiesAllThatIsRead(String tree) throws Exception {
    assumeTrue(Programs.has("sh"), "skipped: no sh here");
    Path root = HostTrees.write(tree, Files.createDirectory(folder.resolve("root")));
    String copy = folder.resolve("copy").toString();
    Ended copied = start("sh", PROGRAMS.resolve("copy-host") + "", copy, root.toString());

    assertThat(copied.out()).isEmpty();
    assertThat(copied.code()).isZero();
    assertThat(CommandLineRun.of("host", "--root", copy).out())
        .isEqualTo(Files.readString(HostTrees.FOLDER.resolve(tree + ".json")));
    assertThat(start("sh", PROGRAMS.resolve("copy-host") + "", copy).code())
        .as("nothing is overwritten")
        .isEqualTo(2);
  }
}
