package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Runs the modules in a JVM of their own: on the class path, without a plugin, on the module path. */
class BuiltJarsTest {

  private static final List<String> CLASS_PATH =
      Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));

  private static String javaProgram() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static CommandLineRun start(List<String> jvmArgs) throws Exception {
    List<String> command = new ArrayList<>(List.of(javaProgram(), "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmArgs);
    command.addAll(
        List.of("check", "--qemu-args", CommandLineRun.example("big-q35-intel-viommu", "qemu.args")));
    Process process = new ProcessBuilder(command).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new CommandLineRun(process.exitValue(), out, err);
  }

  private static List<String> runtimeOnly(String without) {
    return CLASS_PATH.stream()
        .filter(entry -> !entry.contains("test-classes"))
        .filter(entry -> !entry.contains("stopcopy-testkit"))
        .filter(entry -> !entry.contains("testkit" + File.separator + "target"))
        .filter(entry -> without.isEmpty() || !entry.contains(without))
        .toList();
  }

  @Test
  void withAllJarsTheIntelVmIsAnswered() throws Exception {
    CommandLineRun run =
        start(
            List.of(
                "-cp", String.join(File.pathSeparator, runtimeOnly("")),
                StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).startsWith("blocked: ");
  }

  @Test
  void withoutTheIntelJarItIsSaidThatNobodyModelsIt() throws Exception {
    CommandLineRun run =
        start(
            List.of(
                "-cp", String.join(File.pathSeparator, runtimeOnly("viommu-intel")),
                StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().strip())
        .isEqualTo(
            "stopcopy: no provider for intel-iommu; found: amd-iommu, virtio-iommu-pci");
  }

  @Test
  void onTheModulePathPluginsAreFoundThroughProvides() throws Exception {
    List<String> modules =
        runtimeOnly("").stream()
            .filter(
                entry ->
                    entry.contains("stopcopy")
                        || entry.contains("cli" + File.separator + "target")
                        || entry.contains("guava")
                        || entry.contains("failureaccess")
                        || entry.contains("jackson")
                        || entry.contains("picocli")
                        || entry.contains("target" + File.separator + "classes"))
            .toList();
    CommandLineRun run =
        start(
            List.of(
                "-p", String.join(File.pathSeparator, modules), "--add-modules", "ALL-MODULE-PATH",
                "-m", "io.github.stopcopy.cli/" + StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).startsWith("blocked: ");
  }
}
