package io.github.stopcopy.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The programs of this machine, of which a test may need one. */
final class Programs {

  private Programs() {}

  /** Whether there is a program of that name. */
  static boolean has(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(place -> Path.of(place, name))
        .anyMatch(Files::isExecutable);
  }
}
