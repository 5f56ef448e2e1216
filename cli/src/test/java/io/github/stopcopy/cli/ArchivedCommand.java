package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The command as it is installed: jars, and an archive of its classes, with which a JVM of its own
 * starts in half the time. Without the archive where modules are folders of classes, which none can
 * be made of.
 *
 * @param places the class path
 * @param options what the JVM is started with
 */
record ArchivedCommand(List<String> places, List<String> options) {

  /** Makes it in a folder; a plugin's jar can be added behind its places. */
  static ArchivedCommand in(Path folder, String... example) throws Exception {
    List<String> places = new ArrayList<>(JavaProcess.runtimeOnly(""));
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i).endsWith("cli" + File.separator + "target" + File.separator + "classes")) {
        places.set(i, jar(Path.of(places.get(i)), folder.resolve("cli.jar")).toString());
      }
    }
    if (!places.stream().allMatch(place -> place.endsWith(".jar"))) {
      return new ArchivedCommand(places, List.of());
    }
    String classPath = String.join(File.pathSeparator, places);
    Path classes = folder.resolve("classes.txt");
    Path archive = folder.resolve("classes.jsa");
    CommandLineRun run =
        JavaProcess.start(
            List.of(
                "-XX:DumpLoadedClassList=" + classes,
                "-Xlog:disable",
                "-cp",
                classPath,
                StopcopyCommand.class.getName()),
            example);
    assertThat(run.exitCode()).as(run.err()).isZero();
    CommandLineRun dump =
        JavaProcess.start(
            JavaProcess.command(
                List.of(
                    "-XX:-UseSerialGC",
                    "-XX:+UseG1GC", // writes objects too
                    "-Xshare:dump",
                    "-Xlog:disable",
                    "-XX:SharedClassListFile=" + classes,
                    "-XX:SharedArchiveFile=" + archive,
                    "-cp",
                    classPath)));
    assertThat(dump.exitCode()).as(dump.err()).isZero();
    return new ArchivedCommand(places, List.of("-XX:SharedArchiveFile=" + archive));
  }

  private static Path jar(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar;
  }

  /** Runs it with plugins. */
  CommandLineRun start(List<String> jvmArgs, List<Path> plugins, String... args) throws Exception {
    List<String> words = new ArrayList<>(options);
    words.addAll(jvmArgs);
    words.addAll(List.of("-cp", classPath(plugins), StopcopyCommand.class.getName()));
    return JavaProcess.start(words, args);
  }

  private String classPath(List<Path> plugins) {
    return Stream.concat(places.stream(), plugins.stream().map(Path::toString))
        .reduce((first, second) -> first + File.pathSeparator + second)
        .orElseThrow();
  }
}
