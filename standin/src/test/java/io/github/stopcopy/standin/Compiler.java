package io.github.stopcopy.standin;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The C compiler of this machine, without which nothing can stand in for the kernel. */
final class Compiler {

  /** As {@link StandinLibrary} is told to compile. */
  static final List<String> NAMES = List.of("cc");

  private Compiler() {}

  /** Whether there is one; that it fails to compile is another matter, and a failure. */
  static boolean isThere() {
    boolean isThere =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(place -> Path.of(place, NAMES.get(0)))
            .anyMatch(Files::isExecutable);
    if (!isThere) {
      System.out.println("skipped: no C compiler here");
    }
    return isThere;
  }

  /** Skips a test where there is none. */
  static void isNeeded() {
    assumeTrue(isThere(), "no C compiler");
  }
}
