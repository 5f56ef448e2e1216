package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.Spread;
import io.github.stopcopy.benchmarks.paired.Timings;
import java.io.PrintStream;
import java.util.Locale;

/** The figures as a table in Markdown. Static, thread-safe. */
public final class Table {

  private static final double NANOS_PER_MICRO = 1e3;

  private Table() {}

  /** Prints the head of a table. */
  public static void printHead(PrintStream out) {
    out.println("| work | variant | compared with | ratio | quartiles | goal | | µs |");
    out.println("|---|---|---|---|---|---|---|---|");
  }

  /** Prints the rows of a work. */
  public static void print(PrintStream out, Work work, Timings timings) {
    for (Work.Comparison row : work.comparisons()) {
      if (!timings.has(row.reference())) {
        out.printf(
            Locale.ROOT,
            "| %s | %s | %s | skipped: no gcc | | %s | | %.1f |%n",
            work.name(),
            row.variant(),
            row.reference(),
            goal(row),
            micros(timings, row.variant()));
        continue;
      }
      Spread ratio = timings.ratio(row.variant(), row.reference());
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %s | %s to %s | %s | %s | %.1f |%n",
          work.name(),
          row.variant(),
          row.reference(),
          number(ratio.median()),
          number(ratio.low()),
          number(ratio.high()),
          goal(row),
          verdict(row, ratio),
          micros(timings, row.variant()));
    }
    out.flush();
  }

  /** Two digits that count, however small; a ratio of 1 and more with two decimal places. */
  static String number(double ratio) {
    int places = 2;
    for (double left = ratio; left < 0.1 && left > 0 && places < 6; left *= 10) {
      places++;
    }
    return String.format(Locale.ROOT, "%." + places + "f", ratio);
  }

  private static double micros(Timings timings, String variant) {
    return timings.nanos(variant).median() / NANOS_PER_MICRO;
  }

  private static String goal(Work.Comparison row) {
    if (row.goal() == 0) {
      return "";
    }
    return (row.isStretch() ? "stretch " : "") + "≤ " + number(row.goal());
  }

  private static String verdict(Work.Comparison row, Spread ratio) {
    if (row.goal() == 0) {
      return "";
    }
    return ratio.median() <= row.goal() ? "met" : "**missed**";
  }
}
