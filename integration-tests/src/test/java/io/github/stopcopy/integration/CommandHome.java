package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder as after a checkout and a build: the launcher, the command's jars and the examples.
 * Instead of the Maven wrapper there is one that builds nothing.
 */
record CommandHome(Path folder) {

  private static @Nullable CommandHome shared;

  /** What the command printed, and how it ended. */
  record Run(int exitCode, String out, String err) {}

  /** One that is started and never changed, for all tests: the first start takes a while. */
  static synchronized CommandHome shared() throws Exception {
    if (shared == null) {
      Path folder = Checkout.WORK.resolve("command");
      Checkout.deleteTree(folder);
      shared = make(folder);
      assertThat(shared.start("--version").exitCode()).isZero();
    }
    return shared;
  }

  /** Copies what the launcher needs. */
  static CommandHome make(Path folder) throws IOException {
    Path target = Files.createDirectories(folder.resolve("cli/target"));
    program(folder.resolve("stopcopy"), Files.readString(Checkout.ROOT.resolve("stopcopy")));
    program(folder.resolve("mvnw"), "#!/bin/sh\n");
    for (String kind : List.of("", "-sources")) {
      Path jar = Checkout.jar("stopcopy-cli", kind);
      Files.copy(jar, target.resolve(jar.getFileName()));
    }
    copyFiles(Checkout.libraries(), target.resolve("lib"));
    for (String example : List.of("plain-one-vf", "kexec-mid-migration", "custom-viommu")) {
      copyFiles(
          Checkout.ROOT.resolve("examples/" + example), folder.resolve("examples/" + example));
    }
    return new CommandHome(folder);
  }

  /** Writes a program that can be started. */
  static void program(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Copies the files of a folder, none of its folders. */
  static void copyFiles(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Where the plugins of this command are. */
  Path plugins() {
    return folder.resolve("plugins");
  }

  /** The folder of what was built last. */
  Path command() throws IOException {
    Path commands = folder.toRealPath().resolve("cli/target/command");
    return commands.resolve(Files.readString(commands.resolve("current")).strip());
  }

  /** The class-data archives, one for each JVM that was started. */
  List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(command())) {
      return files.filter(file -> file.toString().endsWith(".jsa")).sorted().toList();
    }
  }

  /** Puts another program in the place of the Maven wrapper. */
  void build(String script) throws IOException {
    program(folder.resolve("mvnw"), "#!/bin/sh\n" + script);
  }

  /** Starts the launcher in this folder and waits for its end. */
  Run start(String... args) throws Exception {
    return start(Map.of(), args);
  }

  /** The same with more environment variables; an empty one is none. */
  Run start(Map<String, String> environment, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(folder.resolve("stopcopy").toString()));
    command.addAll(List.of(args));
    return run(folder, environment, command);
  }

  /** Starts the launcher and does not wait; its output and its errors go to a file. */
  Process begin(Map<String, String> environment, Path output, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(folder.resolve("stopcopy").toString()));
    command.addAll(List.of(args));
    return builder(folder, environment, command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /** Runs a program in a folder. */
  static Run run(Path folder, Map<String, String> environment, List<String> command)
      throws Exception {
    Path err = Files.createTempFile("err", ".txt");
    Process process = builder(folder, environment, command).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String errors = Files.readString(err);
    Files.delete(err);
    return new Run(process.exitValue(), out, errors);
  }

  private static ProcessBuilder builder(
      Path folder, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().remove("STOPCOPY_PLUGIN_PATH");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    builder.environment().values().removeIf(String::isEmpty);
    return builder;
  }
}
