package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/** Writes, compiles and packs plugins as others would, good ones and bad ones. */
record PluginJar(Path folder) {

  private static final String SERVICE = "io.github.stopcopy.core.spi.DirtyTrackerProvider";

  private static final String SOURCE =
      """
      package com.example;

      import io.github.stopcopy.core.spi.DirtyTracker;
      import io.github.stopcopy.core.spi.DirtyTrackerProvider;
      import io.github.stopcopy.core.spi.TrackerConfig;
      import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;

      public final class %1$s implements DirtyTrackerProvider {
        public %1$s() {
          %3$s
        }

        public String name() {
          return "%2$s";
        }

        public String description() {
          return "of a test";
        }

        public DirtyTracker open(TrackerConfig config) {
          try {
            return new AllDirtyTrackerProvider().open(config);
          } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
          }
        }
      }
      """;

  /** The SPI as it never was, and a plugin for that. */
  private static final String OTHER_SPI =
      """
      package io.github.stopcopy.core.spi;

      public interface DirtyTrackerProvider {
        String id();
      }
      """;

  private static final String OTHER_SOURCE =
      """
      package com.example;

      import io.github.stopcopy.core.spi.DirtyTrackerProvider;

      public final class Outdated implements DirtyTrackerProvider {
        public String id() {
          return "outdated";
        }
      }
      """;

  /** A plugin that works. */
  Path good(String className, String name) throws IOException {
    compile(List.of(source("com.example." + className, SOURCE.formatted(className, name, ""))));
    return pack(className, true);
  }

  /** A plugin whose constructor throws. */
  Path throwing(String className) throws IOException {
    String wrong = "if (true) throw new IllegalStateException(\"not today\");";
    compile(
        List.of(source("com.example." + className, SOURCE.formatted(className, "none", wrong))));
    return pack(className, true);
  }

  /** A plugin that was compiled against another version of the interface. */
  Path outdated() throws IOException {
    compile(List.of(source(SERVICE, OTHER_SPI), source("com.example.Outdated", OTHER_SOURCE)));
    return pack("Outdated", true);
  }

  /** A plugin whose class is not in its jar. */
  Path missing() throws IOException {
    return pack("Missing", false);
  }

  private Path source(String className, String text) throws IOException {
    Path file = folder.resolve("sources").resolve(className.replace('.', '/') + ".java");
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void compile(List<Path> sources) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--release", "17", "-proc:none", "-d", classes().toString(), "-cp"));
    arguments.add(
        CommandJars.all().jars().stream().map(Path::toString).collect(Collectors.joining(":")));
    sources.forEach(source -> arguments.add(source.toString()));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).isZero();
  }

  private Path classes() throws IOException {
    return Files.createDirectories(folder.resolve("classes"));
  }

  private Path pack(String className, boolean withClass) throws IOException {
    Path file = folder.resolve(className.toLowerCase(Locale.ROOT) + "-1.0.0.jar");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      jar.putNextEntry(new ZipEntry("META-INF/services/" + SERVICE));
      jar.write(("com.example." + className + "\n").getBytes(StandardCharsets.UTF_8));
      if (withClass) {
        String entry = "com/example/" + className + ".class";
        jar.putNextEntry(new ZipEntry(entry));
        Files.copy(classes().resolve(entry), jar);
      }
    }
    return file;
  }
}
