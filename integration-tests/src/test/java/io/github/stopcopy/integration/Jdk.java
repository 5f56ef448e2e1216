package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A JDK to run Maven and the built jars with. */
record Jdk(int feature, Path home) {

  /** What suits a JVM that is over before the second compiler would pay off. */
  static final List<String> SHORT_RUN = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final int LATER = 25;

  static Jdk ofTheBuild() {
    return new Jdk(Runtime.version().feature(), Path.of(System.getProperty("java.home")));
  }

  /** The one of the build, and a later one where it is found. */
  static List<Jdk> all() throws IOException {
    List<Jdk> all = new ArrayList<>(List.of(ofTheBuild()));
    if (Runtime.version().feature() < LATER) {
      Optional<Path> later = later();
      later.ifPresent(home -> all.add(new Jdk(LATER, home)));
      if (later.isEmpty()) {
        System.out.println("skipped: no JDK " + LATER + " found");
      }
    }
    return all;
  }

  /** The latest that is found. */
  static Jdk latest() throws IOException {
    List<Jdk> all = all();
    return all.get(all.size() - 1);
  }

  private static Optional<Path> later() throws IOException {
    List<Path> candidates = new ArrayList<>();
    for (String variable : List.of("JAVA_25_HOME", "JAVA_HOME_25_X64")) {
      Optional.ofNullable(System.getenv(variable)).map(Path::of).ifPresent(candidates::add);
    }
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> homes = Files.list(installed)) {
        homes
            .filter(home -> home.getFileName().toString().contains(Integer.toString(LATER)))
            .sorted()
            .forEach(candidates::add);
      }
    }
    return candidates.stream().filter(home -> Files.isExecutable(java(home))).findFirst();
  }

  private static Path java(Path home) {
    return home.resolve("bin/java");
  }

  /** Its {@code java}. */
  String java() {
    return java(home).toString();
  }

  /** Its {@code javadoc}. */
  String javadoc() {
    return home.resolve("bin/javadoc").toString();
  }

  /** Whether Javadoc knows {@code @snippet}. */
  boolean showsSnippets() {
    return feature >= 18;
  }

  @Override
  public String toString() {
    return "JDK " + feature;
  }
}
