package io.github.stopcopy.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Has {@code stopcopy fleet -} answer generated lines in a JVM of its own with a bounded heap, and
 * prints VMs a second and the peak memory of that process, which Linux tells. The lines are made
 * while they are written, so they take processor time of the same machine. Arguments: how many
 * lines, the heap as in {@code -Xmx}, the format, and the seed.
 */
public final class FleetThroughput {

  private static final Path ANSWERS_OF_KERNEL = Path.of("/proc");

  /** The most memory that a process ever had, in KiB. */
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+([0-9]+) kB");

  private static final double NANOS = 1e9;
  private static final long LOOK_MILLIS = 50;

  private FleetThroughput() {}

  /**
   * Prints the figures.
   *
   * @throws IOException if the command cannot be started or ends early
   * @throws InterruptedException if somebody ends this
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    String heap = args.length > 1 ? args[1] : "256m";
    String format = args.length > 2 ? args[2] : "text";
    long seed = args.length > 3 ? Long.parseLong(args[3]) : 1;
    measure(System.out, count, heap, format, seed);
  }

  /**
   * Measures once.
   *
   * @throws IllegalStateException if the command did not answer all of it
   */
  static void measure(PrintStream out, int count, String heap, String format, long seed)
      throws IOException, InterruptedException {
    Process fleet =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.stopcopy.cli.StopcopyCommand",
                "fleet",
                "--format",
                format,
                "-")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long before = System.nanoTime();
    AtomicBoolean isDone = new AtomicBoolean();
    AtomicLong peak = new AtomicLong();
    AtomicLong cpuNanos = new AtomicLong();
    Thread writer = new Thread(() -> write(fleet, count, seed), "lines");
    Thread watcher =
        new Thread(
            () -> {
              while (!isDone.get()) {
                look(fleet, peak, cpuNanos);
                sleep();
              }
            },
            "watch");
    writer.start();
    watcher.start();
    String first = "";
    long lines = 0;
    long characters = 0;
    try (BufferedReader answers =
        new BufferedReader(new InputStreamReader(fleet.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        first = lines == 0 ? line : first;
        lines++;
        characters += line.length() + 1;
      }
    }
    int code = fleet.waitFor();
    double wall = (System.nanoTime() - before) / NANOS;
    isDone.set(true);
    writer.join();
    watcher.join();
    if (code != 1) { // some VMs cannot move
      throw new IllegalStateException("stopcopy fleet ended with " + code + " after " + first);
    }
    out.printf(Locale.ROOT, "%d VMs, seed %d, -Xmx%s, --format %s%n", count, seed, heap, format);
    out.printf(Locale.ROOT, "%d lines, %d characters of answers: %s%n", lines, characters, first);
    out.printf(Locale.ROOT, "%.1f s, %.0f VMs/s%n", wall, count / wall);
    out.printf(Locale.ROOT, "%.1f s of CPU time of the command%n", cpuNanos.get() / NANOS);
    out.printf(Locale.ROOT, "%d MB peak memory of the process%n", peak.get() / 1000);
  }

  private static void write(Process fleet, int count, long seed) {
    FleetVmLines lines = new FleetVmLines(seed);
    try (BufferedWriter input =
        new BufferedWriter(
            new OutputStreamWriter(fleet.getOutputStream(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < count; i++) {
        input.write(lines.next());
        input.write('\n');
      }
    } catch (IOException closed) {
      throw new UncheckedIOException(closed); // the exit code tells why it ended early
    }
  }

  /** What Linux says while the process is there; the last look counts. */
  private static void look(Process fleet, AtomicLong peak, AtomicLong cpuNanos) {
    Path status = ANSWERS_OF_KERNEL.resolve(fleet.pid() + "/status");
    try {
      Matcher told = PEAK.matcher(Files.readString(status));
      if (told.find()) {
        peak.set(Math.max(peak.get(), Long.parseLong(told.group(1)) * 1024 / 1000));
      }
    } catch (IOException gone) {
      return;
    }
    fleet.info().totalCpuDuration().map(Duration::toNanos).ifPresent(cpuNanos::set);
  }

  private static void sleep() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
