package io.github.stopcopy.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * Prints what a start of {@code stopcopy check} costs beside that of a program of one line, and its
 * shell part beside a shell that starts as many programs which do nothing: CPU time of the process
 * and those it starts, on the JDK that runs this. Linux.
 */
public final class StartTime {

  /** The kernel counts in hundredths of a second, so several starts are one measurement. */
  private static final int STARTS = 5;

  private static final double MILLIS_PER_TICK = 10;

  private static final double CHECK_MILLIS_GOAL = 200;
  private static final double LARGEST_MILLIS_GOAL = 600;
  private static final double SHELL_MILLIS_GOAL = 15;

  /** From Java 25 on a start may take less. */
  private static final double TIMES_GOAL = Runtime.version().feature() >= 25 ? 3.5 : 5;

  private static final List<String> DOING_NOTHING =
      List.of("/bin/sh", "-c", "/bin/true; /bin/true; :");

  private static final String LARGEST =
      "qemu-system-x86_64 -machine q35 -cpu host,phys-bits=52 -m 255T"
          + " -device vfio-pci,host=01:00.0";
  private static final String EXAMPLE = "examples/plain-one-vf/";

  private final Path java = Path.of(System.getProperty("java.home"));
  private final Path home;
  private final Path folder;

  /** A program of one line. */
  static final class OneLine {

    private OneLine() {}

    /** The line. */
    public static void main(String[] args) {
      System.out.println("hello");
    }
  }

  private StartTime(Path home, Path folder) {
    this.home = home;
    this.folder = folder;
  }

  /**
   * Prints the rows.
   *
   * @param args the checkout, and how many rounds; 9 without
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("start");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    new StartTime(Path.of(args[0]), folder).measure(rounds);
  }

  private void measure(int rounds) throws IOException, InterruptedException {
    Path jar = folder.resolve("one-line.jar");
    writeJar(jar);
    Path archive = folder.resolve("one-line.jsa");
    run(java, program("-XX:ArchiveClassesAtExit=" + archive, jar));
    Path nothing = folder.resolve("nothing");
    Path bin = Files.createDirectories(nothing.resolve("bin"));
    Files.copy(Path.of("/bin/true"), bin.resolve("java"));
    List<String> check =
        List.of(
            home.resolve("stopcopy").toString(),
            "check",
            "--qemu-args",
            EXAMPLE + "qemu.args",
            "--host",
            EXAMPLE + "host.json",
            "--mtree",
            EXAMPLE + "mtree.txt");
    List<String> line = program("-XX:SharedArchiveFile=" + archive, jar);
    List<Double> ofLine = new ArrayList<>();
    List<Double> ofCheck = new ArrayList<>();
    List<Double> ofShell = new ArrayList<>();
    List<Double> ofNothing = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    List<Double> javaTimes = new ArrayList<>();
    Path largest = Files.writeString(folder.resolve("largest.args"), LARGEST);
    List<String> checkLargest =
        List.of(check.get(0), "check", "--qemu-args", largest.toString(), "--tracker", "all-dirty");
    List<Double> ofLargest = new ArrayList<>();
    run(java, check); // builds it and makes its archive
    for (int round = 0; round < rounds; round++) {
      ofLine.add(millis(java, line));
      ofShell.add(millis(nothing, check));
      ofCheck.add(millis(java, check));
      ofNothing.add(millis(nothing, DOING_NOTHING));
      ofLargest.add(millis(java, checkLargest));
      times.add(ofCheck.get(round) / ofLine.get(round));
      javaTimes.add((ofCheck.get(round) - ofShell.get(round)) / ofLine.get(round));
    }
    System.out.println("| start | CPU time | quartiles | goal | |");
    System.out.println("|---|---|---|---|---|");
    print("a program of one line", ofLine, "ms", 0);
    print("`./stopcopy check`", ofCheck, "ms", CHECK_MILLIS_GOAL);
    print("the same by the program of one line", times, "times", TIMES_GOAL);
    print("the same without its shell part", javaTimes, "times", 0);
    print("the shell part", ofShell, "ms", SHELL_MILLIS_GOAL);
    print("a shell that starts two programs which do nothing", ofNothing, "ms", 0);
    print(
        "`./stopcopy check` of 255 TiB, `--tracker all-dirty`",
        ofLargest,
        "ms",
        LARGEST_MILLIS_GOAL);
  }

  /** As the launcher starts Java. */
  private List<String> program(String archive, Path jar) {
    return List.of(
        java.resolve("bin/java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xlog:disable",
        "-XX:-UsePerfData",
        archive,
        "-cp",
        jar.toString(),
        OneLine.class.getName());
  }

  private static void writeJar(Path jar) throws IOException {
    String name = OneLine.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        InputStream in = OneLine.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new ZipEntry(name));
      out.write(in.readAllBytes());
    }
  }

  /** The mean of several starts. */
  private double millis(Path javaHome, List<String> command)
      throws IOException, InterruptedException {
    long before = ticksOfChildren();
    for (int i = 0; i < STARTS; i++) {
      run(javaHome, command);
    }
    return (ticksOfChildren() - before) * MILLIS_PER_TICK / STARTS;
  }

  private void run(Path javaHome, List<String> command) throws IOException, InterruptedException {
    ProcessBuilder start = new ProcessBuilder(command).directory(home.toFile());
    start.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    start.redirectError(ProcessBuilder.Redirect.DISCARD);
    start.environment().put("JAVA_HOME", javaHome.toString());
    start.start().waitFor();
  }

  /** User and system time of children that were waited for: proc(5), cutime and cstime. */
  private static long ticksOfChildren() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
  }

  /** Prints a row; a goal of 0 is none. */
  private static void print(String what, List<Double> values, String unit, double goal) {
    List<Double> sorted = values.stream().sorted().toList();
    double median = sorted.get(sorted.size() / 2);
    System.out.println(
        String.format(
            Locale.ROOT,
            "| %s | %.1f %s | %.1f to %.1f | %s | %s |",
            what,
            median,
            unit,
            sorted.get(sorted.size() / 4),
            sorted.get(sorted.size() * 3 / 4),
            goal == 0 ? "" : String.format(Locale.ROOT, "≤ %.1f %s", goal, unit),
            goal == 0 ? "" : median <= goal ? "met" : "**missed**"));
  }
}
