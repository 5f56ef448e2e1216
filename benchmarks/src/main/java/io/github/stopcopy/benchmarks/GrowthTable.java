package io.github.stopcopy.benchmarks;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Prints how the cost of an answer grows with each part of its input: thread CPU time, the least of
 * several rounds, and allocated bytes, for growing sizes, and the exponent from each size to the
 * next.
 */
public final class GrowthTable {

  private static final double MOST_EXPONENT = 1.2;
  private static final int WARM_UPS = 4;
  private static final int LEAST_ROUNDS = 4;
  private static final int[] DEVICES = {8, 32, 128, 512, 2048};
  private static final int[] STEPS = {160, 640, 2560, 10_240};

  private final PrintStream out;
  private final long nanosOfPoint;
  private final int share;
  private final String wanted;
  private final ScenarioAnswers answers = new ScenarioAnswers();

  private GrowthTable(PrintStream out, long nanosOfPoint, int share, String wanted)
      throws InputException {
    this.out = out;
    this.nanosOfPoint = nanosOfPoint;
    this.share = share;
    this.wanted = wanted;
  }

  /**
   * Measures and prints. Arguments: for how many twentieths of a second each size is measured at
   * least (6 without), and a part of the names of the rows that are wanted.
   */
  public static void main(String[] args) throws InputException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 6;
    String wanted = args.length > 1 ? args[1] : "";
    measure(System.out, rounds * 50_000_000L, 1, wanted);
  }

  /**
   * Measures all rows.
   *
   * @param nanosOfPoint how much CPU time rounds of a size may take together, but for the first few
   * @param share by what the sizes are divided
   * @param wanted what the names of the rows contain that are measured
   */
  static void measure(PrintStream out, long nanosOfPoint, int share, String wanted)
      throws InputException {
    GrowthTable table = new GrowthTable(out, nanosOfPoint, share, wanted);
    out.println(
        "| what grows | sizes | ms | exponents of time | MB | exponents of bytes | goal | |");
    out.println("|---|---|---|---|---|---|---|---|");
    table.devices();
    table.steps();
    table.memory();
    table.input();
  }

  private void devices() throws InputException {
    line("devices", n -> GrowingVm.devices(n, GrowingVm.NO_IOMMU, GrowingVm.MIGRATE), DEVICES);
    line("behind an Intel vIOMMU", n -> behind(n, GrowingVm.INTEL), DEVICES);
    line("behind an AMD vIOMMU", n -> behind(n, GrowingVm.AMD), DEVICES);
    line("behind a virtio-iommu", n -> behind(n, GrowingVm.VIRTIO), DEVICES);
    line(
        "attached to domains of a virtio-iommu",
        n -> GrowingVm.devices(n, GrowingVm.VIRTIO, attached(n)),
        DEVICES);
    line("BARs in a dump", n -> GrowingVm.bars(n, "", GrowingVm.MIGRATE), DEVICES);
    line("BARs that move", n -> GrowingVm.bars(n, "", GrowingVm.moves(n)), DEVICES);
    line("devices that go", n -> GrowingVm.bars(n, "", unplugged(n)), DEVICES);
  }

  private static String behind(int devices, String virtualIommu) {
    return GrowingVm.devices(devices, virtualIommu, GrowingVm.MIGRATE);
  }

  private static String attached(int count) {
    return GrowingVm.steps(count, ",{'do':'viommu','op':'attach','device':'v%d','domain':%d}")
        + GrowingVm.MIGRATE;
  }

  private static String unplugged(int count) {
    return GrowingVm.steps(count, ",{'do':'device-del','id':'v%d'}");
  }

  private void steps() throws InputException {
    line(
        "migrations",
        n -> steps(n, ",{'do':'migrate','hold':true},{'do':'migrate-cancel'}"),
        STEPS);
    line("snapshots", n -> steps(n, ",{'do':'snapshot'}"), STEPS);
    line("pages at once", GrowingVm::pages, 1000, 4000, 16_000, 64_000);
    line("pages one by one", GrowingVm::pagesOneByOne, STEPS);
    int[] dimms = {4, 16, 64, 256};
    line("DIMMs", n -> GrowingVm.dimms(1, GrowingVm.NO_IOMMU, n), dimms);
    line("DIMMs, 64 devices, Intel vIOMMU", n -> GrowingVm.dimms(64, GrowingVm.INTEL, n), dimms);
  }

  private static String steps(int count, String step) {
    return GrowingVm.devices(1, GrowingVm.NO_IOMMU, GrowingVm.steps(count, step));
  }

  private void memory() throws InputException {
    row(
        "regions, all rendered",
        n -> {
          ManyRegions regions = new ManyRegions(n);
          return regions::renderAll;
        },
        1000,
        4000,
        16_000,
        64_000,
        256_000);
    row("BARs plugged one by one", n -> () -> plugBars(n), 128, 512, 2048, 8192);
    row("mappings of a page", n -> () -> mapPages(n), 15_625, 62_500, 250_000, 1_000_000);
  }

  private static void plugBars(int count) {
    ManyRegions regions = new ManyRegions(8);
    for (int i = 0; i < count; i++) {
      regions.plugBar();
    }
  }

  /** In another order, and each to somewhere else. */
  private static void mapPages(int count) {
    IovaMap map = new IovaMap();
    for (int i = 0; i < count; i++) {
      long page = (i * 7919L % count) * 2 * IovaMap.PAGE;
      map.map(page, page + IovaMap.PAGE - 1, i * 5L * IovaMap.PAGE, IommuAccess.READ_WRITE);
    }
  }

  private void input() throws InputException {
    VmConfig vm = QemuCommandLine.parse("vm", GrowingVm.commandLine(0));
    row(
        "rows of a dump that are read",
        n -> {
          String dump = GrowingVm.dump(n);
          return () -> MtreeReader.withFirmware(vm, "dump", dump);
        },
        15_625,
        62_500,
        250_000,
        1_000_000);
    row(
        "options of a command line",
        n -> {
          String text = GrowingVm.commandLine(n);
          return () -> decide(QemuCommandLine.parse("args", text));
        },
        250,
        1000,
        4000,
        16_000);
    row(
        "lines",
        n -> {
          String line = behind(1, GrowingVm.INTEL);
          return () -> {
            for (int i = 0; i < n; i++) {
              answers.answer(line);
            }
          };
        },
        16,
        64,
        256,
        1024);
  }

  private void decide(VmConfig vm) throws InputException {
    answers.decide(Scenario.bootAndMigrate(vm));
  }

  /** What is measured. */
  private interface Work {
    void play() throws InputException;
  }

  /** An answer to a line of {@code stopcopy run}, as it writes it, with remedies. */
  private void line(String what, IntFunction<String> text, int... sizes) throws InputException {
    row(
        what,
        n -> {
          String line = text.apply(n);
          return () -> answers.answer(line);
        },
        sizes);
  }

  /** What a size costs. */
  private record Point(int size, double millis, double megabytes) {}

  private void row(String what, IntFunction<Work> works, int... sizes) throws InputException {
    if (!what.contains(wanted)) {
      return;
    }
    Work warmUp = works.apply(Math.max(1, sizes[1] / share));
    for (int i = 0; i < WARM_UPS; i++) {
      measured(warmUp, sizes[1]);
    }
    List<Point> points = new ArrayList<>();
    for (int size : sizes) {
      int n = Math.max(1, size / share);
      points.add(measured(works.apply(n), n));
    }
    List<String> times = new ArrayList<>();
    List<String> bytes = new ArrayList<>();
    double greatest = 0;
    for (int i = 1; i < points.size(); i++) {
      Point before = points.get(i - 1);
      Point point = points.get(i);
      double time = Growth.exponent(before.size(), before.millis(), point.size(), point.millis());
      double allocated =
          Growth.exponent(before.size(), before.megabytes(), point.size(), point.megabytes());
      greatest = Math.max(greatest, Math.max(time, allocated));
      times.add(String.format(Locale.ROOT, "%.2f", time));
      bytes.add(String.format(Locale.ROOT, "%.2f", allocated));
    }
    out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | ≤ %.1f | %s |%n",
        what,
        joined(points, point -> String.format(Locale.ROOT, "%,d", point.size())),
        joined(points, point -> String.format(Locale.ROOT, "%.3g", point.millis())),
        String.join(", ", times),
        joined(points, point -> String.format(Locale.ROOT, "%.3g", point.megabytes())),
        String.join(", ", bytes),
        MOST_EXPONENT,
        greatest <= MOST_EXPONENT ? "met" : "**missed**");
    out.flush();
  }

  private static String joined(List<Point> points, Function<Point, String> text) {
    return String.join(" / ", points.stream().map(text).toList());
  }

  private Point measured(Work work, int size) throws InputException {
    double least = Double.MAX_VALUE;
    long bytes = 0;
    long end = ThreadCost.nanos() + nanosOfPoint;
    for (int round = 0; round < LEAST_ROUNDS || ThreadCost.nanos() < end; round++) {
      long allocated = ThreadCost.bytes();
      long before = ThreadCost.nanos();
      work.play();
      least = Math.min(least, (ThreadCost.nanos() - before) / 1e6);
      bytes = ThreadCost.bytes() - allocated;
    }
    return new Point(size, least, bytes / 1e6);
  }
}
