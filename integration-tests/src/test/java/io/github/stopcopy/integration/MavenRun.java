package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the Maven that runs the tests. Not offline, because deploying is not allowed then; but all
 * that is needed was downloaded before.
 */
final class MavenRun {

  /** The local repository of the build that runs the tests. */
  static final Path DOWNLOADED = Path.of(System.getProperty("stopcopy.it.downloaded"));

  private MavenRun() {}

  /** Runs it in a folder; its output goes to a file beside that. */
  static void in(Jdk jdk, Path project, String... args) throws IOException, InterruptedException {
    Path maven = Path.of(System.getProperty("stopcopy.it.maven"), "bin", "mvn");
    List<String> command =
        new ArrayList<>(List.of(maven.toString(), "--batch-mode", "--no-transfer-progress"));
    command.addAll(List.of(args));
    Path log = project.resolveSibling(project.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
    builder.environment().put("JAVA_HOME", jdk.home().toString());
    builder.environment().put("MAVEN_OPTS", String.join(" ", Jdk.SHORT_RUN));
    long begin = System.nanoTime();
    Process process = builder.start();
    boolean ended = process.waitFor(10, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    assertThat(ended && process.exitValue() == 0)
        .as(() -> "Maven in " + project + ":\n" + text(log))
        .isTrue();
    System.out.printf(
        "%s: mvn took %.1f s%n", project.getFileName(), (System.nanoTime() - begin) / 1e9);
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}
