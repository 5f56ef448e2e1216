package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --report}, which several commands have: the answer as a page of one file. */
final class ReportOption {

  private final OptionSpec file =
      Options.text(
          "--report",
          "FILE.html",
          "also write the answer as a page of one file, with pictures of what devices see and of"
              + " what",
          "happens; a file that is there is replaced as a whole");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(file);
  }

  /** Whether a page is wanted. */
  boolean isGiven() {
    return Options.value(file) != null;
  }

  /**
   * Refuses a name under which no file can be, before the work for it begins.
   *
   * @throws InputException if there is no such folder, or something that is no file
   */
  void check() throws InputException {
    String name = Options.value(file);
    if (name == null) {
      return;
    }
    Path target = target(name);
    if (!Files.isDirectory(folder(target))) {
      throw InputException.at(name, 0, "cannot be written: there is no such folder");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw InputException.at(name, 0, "is there and no file, expected the name of a file");
    }
  }

  /**
   * Writes the page, all of it or nothing: who has the file open, or looks at it meanwhile, sees a
   * whole one.
   *
   * @throws InputException if it cannot be written
   */
  void write(String page) throws InputException {
    String name = Objects.requireNonNull(Options.value(file));
    Path target = target(name);
    String own = "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp";
    Path half = folder(target).resolve(own);
    try {
      try {
        Files.writeString(
            half,
            page,
            StandardCharsets.UTF_8,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
        Files.move(
            half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(half);
      }
    } catch (IOException failed) {
      throw InputException.at(name, 0, "cannot be written: " + reason(failed));
    }
  }

  /** Without the name of the file, which the JDK puts in front. */
  private static String reason(IOException failed) {
    return failed instanceof FileSystemException system
        ? Optional.ofNullable(system.getReason()).orElse(failed.getClass().getSimpleName())
        : String.valueOf(failed.getMessage());
  }

  private static Path target(String name) throws InputException {
    try {
      Path path = Path.of(name);
      if (name.equals("-") || path.getFileName() == null) {
        throw InputException.of("--report is '" + name + "', expected the name of a file");
      }
      return path;
    } catch (InvalidPathException noName) {
      throw InputException.at(name, 0, "is no name of a file here: " + noName.getReason());
    }
  }

  private static Path folder(Path target) {
    return Objects.requireNonNull(target.toAbsolutePath().getParent());
  }
}
