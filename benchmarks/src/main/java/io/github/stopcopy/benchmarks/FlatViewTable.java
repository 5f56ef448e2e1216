package io.github.stopcopy.benchmarks;

import com.sun.management.ThreadMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Prints what changes of a guest's memory cost, for growing numbers of regions: microseconds of
 * thread CPU time, the least of several rounds, and bytes of garbage.
 */
public final class FlatViewTable {

  private static final int ROUNDS = 9;
  private static final double NANOS_PER_MICROSECOND = 1e3;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final PrintStream out;

  private FlatViewTable(PrintStream out) {
    this.out = out;
  }

  /** Prints the table. */
  public static void main(String[] args) {
    measure(System.out, 20_000);
  }

  /**
   * Measures all rows.
   *
   * @param times how often a BAR moves in a round; others are done less often accordingly
   */
  static void measure(PrintStream out, int times) {
    FlatViewTable table = new FlatViewTable(out);
    ManyRegions warm = new ManyRegions(1000);
    table.repeat(5 * times, i -> warm.moveBar());
    for (int leaves : new int[] {100, 1000, 10_000, 100_000}) {
      ManyRegions regions = new ManyRegions(leaves);
      table.row("a BAR moves among " + leaves + " regions", times, i -> regions.moveBar());
    }
    for (int spaces : new int[] {8, 64}) {
      ManyRegions regions = new ManyRegions(1000);
      regions.addSpaces(spaces);
      table.row(
          "the same among 1000, " + spaces + " more address spaces", times, i -> regions.moveBar());
    }
    for (int leaves : new int[] {1000, 10_000, 100_000}) {
      ManyRegions regions = new ManyRegions(leaves);
      int rounds = Math.max(1, times / leaves);
      table.row("all of " + leaves + " regions is rendered", rounds, i -> regions.renderAll());
    }
    for (int bars : new int[] {128, 512, 2048}) {
      int plugged = Math.min(bars, times);
      table.row(
          bars + " BARs are plugged one by one",
          1,
          i -> {
            ManyRegions regions = new ManyRegions(8);
            table.repeat(plugged, each -> regions.plugBar());
          });
    }
    for (int dimms : new int[] {16, 64, 256}) {
      int plugged = Math.min(dimms, times);
      table.row(
          dimms + " DIMMs are plugged one by one",
          1,
          i -> {
            ManyRegions regions = new ManyRegions(8);
            table.repeat(plugged, each -> regions.plugDimm());
          });
    }
  }

  private void repeat(int times, IntConsumer work) {
    for (int i = 0; i < times; i++) {
      work.accept(i);
    }
  }

  private void row(String what, int times, IntConsumer work) {
    double least = Double.MAX_VALUE;
    long garbage = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long bytes = THREADS.getCurrentThreadAllocatedBytes();
      long cpu = THREADS.getCurrentThreadCpuTime();
      repeat(times, work);
      double taken = (THREADS.getCurrentThreadCpuTime() - cpu) / NANOS_PER_MICROSECOND;
      least = Math.min(least, taken / times);
      garbage = (THREADS.getCurrentThreadAllocatedBytes() - bytes) / times;
    }
    out.printf(Locale.ROOT, "%-50s %10.2f us %10d B%n", what, least, garbage);
  }
}
