package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.Sample;
import io.github.stopcopy.benchmarks.paired.Variant;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loops in C, in a process of their own that is told what to play and measures its own CPU
 * time. Built by the C compiler of the machine when it is started; ended by {@link #close}.
 */
public final class LoopsInC implements AutoCloseable {

  private final Path directory;
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  private LoopsInC(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.US_ASCII);
    this.answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /**
   * Builds and starts a program, or answers null if the machine has no gcc and no cc.
   *
   * @param source its name on the class path
   */
  public static @Nullable LoopsInC start(String source) {
    try {
      Path directory = Files.createTempDirectory("stopcopy-benchmarks");
      Path copy = directory.resolve("program.c");
      try (InputStream text = LoopsInC.class.getResourceAsStream("/" + source)) {
        if (text == null) {
          throw new IllegalStateException("no " + source + " on the class path");
        }
        Files.copy(text, copy);
      }
      Path program = directory.resolve("program");
      for (String compiler : List.of("gcc", "cc")) {
        if (compile(compiler, copy, program)) {
          return new LoopsInC(directory, new ProcessBuilder(program.toString()).start());
        }
      }
      delete(directory);
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes bitmaps of so many pages, in which nothing is dirty. */
  void guest(long pages, boolean cold) {
    ask("guest " + pages);
    ask("cold " + (cold ? 1 : 0));
  }

  /** Sends a command and waits for what it answers. */
  public Sample ask(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
      String answer = answers.readLine();
      if (answer == null || answer.startsWith("error")) {
        throw new IllegalStateException("the loops in C answer '" + command + "' with " + answer);
      }
      int space = answer.indexOf(' ');
      return new Sample(
          Long.parseLong(answer.substring(0, space)), Long.parseLong(answer.substring(space + 1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A loop as a variant; it resets its bitmaps each time, unless it leaves them unchanged. */
  public Variant variant(String name, String question, boolean isUnchanged, String loop) {
    return new Loop(this, name, question, (isUnchanged ? "repeated " : "prepared ") + loop);
  }

  /** A loop as a variant that prepares itself as it needs. */
  public Variant variant(String name, String question, String loop) {
    return new Loop(this, name, question, loop);
  }

  @Override
  public void close() {
    try {
      commands.close();
      process.waitFor();
      delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean compile(String compiler, Path source, Path program) throws IOException {
    Process compile;
    try {
      compile =
          new ProcessBuilder(
                  compiler,
                  "-O2",
                  "-march=native",
                  "-pthread",
                  "-o",
                  program.toString(),
                  source.toString())
              .inheritIO()
              .start();
    } catch (IOException e) {
      return false; // there is none of this name
    }
    try {
      if (compile.waitFor() != 0) {
        throw new IllegalStateException(compiler + " does not compile " + source);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return true;
  }

  private static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve("program"));
    Files.deleteIfExists(directory.resolve("program.c"));
    Files.deleteIfExists(directory);
  }

  private record Loop(LoopsInC loops, String name, String question, String loop)
      implements Variant {
    @Override
    public Sample play(int times) {
      return loops.ask("play " + loop + " " + times);
    }

    @Override
    public long content() {
      return loops.ask("content").checksum();
    }
  }
}
