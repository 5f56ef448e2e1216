package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The checkout, and what its build left in the folders named target. */
final class Checkout {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final String VERSION = System.getProperty("stopcopy.version");

  /** Where the tests put what they keep until the next run. */
  static final Path WORK = Path.of(System.getProperty("stopcopy.it.folder"));

  /** The programs that the README and the Javadoc show parts of. */
  static final Path SNIPPETS = ROOT.resolve("integration-tests/src/test/java/com/example/snippets");

  private Checkout() {}

  /** The folders of modules. */
  static List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.list(ROOT)) {
      return folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
    }
  }

  /** The folders of modules that are published, as far as they have code. */
  static List<Path> publishedModules() throws IOException {
    List<Path> published = new ArrayList<>();
    for (Path module : modules()) {
      String pom = Files.readString(module.resolve("pom.xml"));
      if (Files.exists(module.resolve("src/main")) && !pom.contains("<maven.deploy.skip>true<")) {
        published.add(module);
      }
    }
    return published;
  }

  /** The sources in a folder and below; none if it is not there. */
  static List<Path> javaFiles(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  /** The folder of the module with this artifact. */
  static Path module(String artifact) {
    return ROOT.resolve(artifact.substring("stopcopy-".length()));
  }

  /** The jar of an artifact; the kind is empty or for instance {@code -sources}. */
  static Path jar(String artifact, String kind) {
    return module(artifact).resolve("target/" + artifact + "-" + VERSION + kind + ".jar");
  }

  /** The libraries that the command runs with. */
  static Path libraries() {
    return ROOT.resolve("cli/target/lib");
  }

  /**
   * Copies a folder and what is below, without what was built, where other tests may be at work.
   */
  static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.getFileName().toString().equals("target")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(file));
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a folder and what is below. */
  static void deleteTree(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
