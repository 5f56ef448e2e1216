package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the command in a JVM of its own. */
final class JavaProcess {

  private static final List<String> CLASS_PATH =
      Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));

  /** As the launcher starts it, since each is over soon. */
  private static final List<String> SHORT_RUN =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=8");

  private JavaProcess() {}

  /** What the command needs, without the places whose name contains a text; empty: with all. */
  static List<String> runtimeOnly(String without) {
    return CLASS_PATH.stream()
        .filter(entry -> !entry.contains("test-classes"))
        .filter(entry -> !entry.contains("stopcopy-testkit"))
        .filter(entry -> !entry.contains("testkit" + File.separator + "target"))
        .filter(entry -> !entry.contains("testkit-qemu" + File.separator + "target"))
        .filter(entry -> without.isEmpty() || !entry.contains(without))
        .toList();
  }

  /** What the command needs as modules. */
  static List<String> modules() {
    return runtimeOnly("").stream()
        .filter(entry ->
            entry.contains("stopcopy")
                || entry.contains("cli" + File.separator + "target")
                || entry.contains("guava")
                || entry.contains("failureaccess")
                || entry.contains("jackson")
                || entry.contains("picocli")
                || entry.contains("target" + File.separator + "classes"))
        .toList();
  }

  /** The words that start it. */
  static List<String> command(List<String> jvmArgs, String... args) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(SHORT_RUN);
    command.addAll(jvmArgs);
    command.addAll(List.of(args));
    return command;
  }

  /** Runs it and waits for its end. */
  static CommandLineRun start(List<String> jvmArgs, String... args) throws Exception {
    return start(command(jvmArgs, args));
  }

  /** Runs a program and waits for its end. */
  static CommandLineRun start(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new CommandLineRun(process.exitValue(), out, err);
  }
}
