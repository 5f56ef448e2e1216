package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the modules in a JVM of their own: on the class path, without a plugin, on the module path. */
class BuiltJarsTest {

  private static CommandLineRun start(List<String> jvmArgs) throws Exception {
    return JavaProcess.start(
        jvmArgs, "check", "--qemu-args",
        CommandLineRun.example("big-q35-intel-viommu", "qemu.args"));
  }

  @Test
  void withAllJarsTheIntelVmIsAnswered() throws Exception {
    CommandLineRun run =
        start(
            List.of(
                "-cp", String.join(File.pathSeparator, JavaProcess.runtimeOnly("")),
                StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).startsWith("blocked: ");
  }

  @Test
  void withoutTheIntelJarItIsSaidThatNobodyModelsIt() throws Exception {
    CommandLineRun run =
        start(
            List.of(
                "-cp", String.join(File.pathSeparator, JavaProcess.runtimeOnly("viommu-intel")),
                StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().strip())
        .isEqualTo(
            "stopcopy: no provider for intel-iommu; found: amd-iommu, virtio-iommu-pci");
  }

  @Test
  void onTheModulePathPluginsAreFoundThroughProvides() throws Exception {
    CommandLineRun run =
        start(
            List.of(
                "-p", String.join(File.pathSeparator, JavaProcess.modules()), "--add-modules", "ALL-MODULE-PATH",
                "-m", "io.github.stopcopy.cli/" + StopcopyCommand.class.getName()));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).startsWith("blocked: ");
  }
}
