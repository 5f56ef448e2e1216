package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module of somebody else that makes every part itself, without ServiceLoader. */
class ModuleUserTest {

  private static final String MODULE =
      """
      module com.example.user {
        requires io.github.stopcopy.migration;
        requires io.github.stopcopy.qemu;
        requires io.github.stopcopy.viommu.amd;
        requires io.github.stopcopy.viommu.intel;
        requires io.github.stopcopy.viommu.virtio;
      }
      """;

  private static final String MAIN =
      """
      package com.example.user;

      import io.github.stopcopy.core.config.VmConfig;
      import io.github.stopcopy.core.plugin.Plugins;
      import io.github.stopcopy.migration.MigrationCheck;
      import io.github.stopcopy.migration.RuleSets;
      import io.github.stopcopy.qemu.commandline.QemuCommandLine;
      import io.github.stopcopy.vfiopci.devicetype.VfioPciNoHotplugProvider;
      import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
      import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
      import io.github.stopcopy.viommu.amd.AmdIommuProvider;
      import io.github.stopcopy.viommu.intel.IntelIommuProvider;
      import io.github.stopcopy.viommu.virtio.VirtioIommuProvider;
      import java.util.List;

      public final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
          VmConfig vm = QemuCommandLine.parse("vm",
              "qemu-system-x86_64 -M q35 -device intel-iommu,caching-mode=on -device vfio-pci,host=3b:00.2");
          Plugins plugins = Plugins.of(List.of(new VfioPciProvider(), new VfioPciNoHotplugProvider(),
                  new IntelIommuProvider(), new AmdIommuProvider(), new VirtioIommuProvider()))
              .withDirtyTrackers(List.of(new DeviceLogTrackerProvider()));
          System.out.println(MigrationCheck.of(vm).plugins(plugins).ruleSets(RuleSets.of(List.of()))
              .decide().kind());
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void everyPartCanBeMadeWithNew() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("com/example/user"));
    Path module = Files.writeString(folder.resolve("module-info.java"), MODULE);
    Path main = Files.writeString(sources.resolve("Main.java"), MAIN);
    Path classes = folder.resolve("classes");
    String jars =
        CommandJars.all().jars().stream()
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));

    assertThat(compile("-p", jars, "-d", classes.toString(), module.toString(), main.toString()))
        .isEmpty();

    for (Jdk jdk : Jdk.all()) {
      String path = jars + File.pathSeparator + classes;
      Run run =
          CommandHome.run(
              folder,
              Map.of(),
              List.of(jdk.java(), "-p", path, "-m", "com.example.user/com.example.user.Main"));

      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo("blocked\n");
    }
  }

  /** What the compiler says, which is nothing if all is well. */
  private static String compile(String... arguments) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of("--release", "17", "-proc:none"));
    all.addAll(List.of(arguments));
    ToolProvider.getSystemJavaCompiler().run(null, said, said, all.toArray(String[]::new));
    return said.toString(StandardCharsets.UTF_8);
  }
}
