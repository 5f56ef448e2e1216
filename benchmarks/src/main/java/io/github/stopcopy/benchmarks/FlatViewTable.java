package io.github.stopcopy.benchmarks;

import io.github.stopcopy.benchmarks.dirty.LoopsInC;
import io.github.stopcopy.benchmarks.dirty.Table;
import io.github.stopcopy.benchmarks.dirty.Work;
import io.github.stopcopy.benchmarks.paired.InThread;
import io.github.stopcopy.benchmarks.paired.PairedRun;
import io.github.stopcopy.benchmarks.paired.Timings;
import io.github.stopcopy.benchmarks.paired.Variant;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints what changes of a guest's memory cost: beside a renderer in C that inserts region by
 * region and renders all for each change, as there are more regions, and as more address spaces
 * show the same. Arguments: how many rounds (9 without).
 */
public final class FlatViewTable {

  private static final String STOPCOPY = "stopcopy";
  private static final String ALONE = "stopcopy, one address space";
  private static final String UNHEARD = "stopcopy, 64 more";
  private static final String HEARD = "stopcopy, 64 more with a listener each";

  /** Beyond, a change takes the renderer in C seconds. */
  private static final int MOST_IN_C = 10_000;

  private static final double MOST_EXPONENT = 0.7;
  private static final double MOST_BYTES = 10_000;
  private static final int SPACES = 64;

  /** How many times the most regions a BAR is moved before anything is measured. */
  private static final int WARM_UPS = 10;

  private final PrintStream out;
  private final PairedRun run;
  private final @Nullable LoopsInC peer;

  private FlatViewTable(PrintStream out, PairedRun run, @Nullable LoopsInC peer) {
    this.out = out;
    this.run = run;
    this.peer = peer;
  }

  /** Measures and prints. */
  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    try (LoopsInC peer = LoopsInC.start("flat-view.c")) {
      measure(System.out, peer, new PairedRun(100, rounds, 10_000_000), 100_000);
    }
  }

  /**
   * Measures all rows.
   *
   * @param peer the renderer in C; null if there is no compiler
   * @param most of how many regions the largest memory has
   */
  static void measure(PrintStream out, @Nullable LoopsInC peer, PairedRun run, int most) {
    FlatViewTable table = new FlatViewTable(out, run, peer);
    warmUp(most);
    Table.printHead(out);
    List<Point> moves = new ArrayList<>();
    for (int leaves = 100; leaves <= most; leaves *= 10) {
      moves.add(table.move(leaves));
    }
    for (int leaves = 1000; leaves <= Math.min(most, MOST_IN_C); leaves *= 10) {
      table.all(leaves);
    }
    table.spaces();
    table.growth(moves);
  }

  /**
   * As all rows are to be measured by compiled code, the first too: that takes some seconds until
   * the last of it is there.
   */
  private static void warmUp(int times) {
    ManyRegions few = new ManyRegions(100);
    ManyRegions many = new ManyRegions(10_000);
    for (int i = 0; i < WARM_UPS * times; i++) {
      few.moveBar();
      many.moveBar();
      if (i % 1000 == 0) {
        many.renderAll();
      }
    }
  }

  /** What a move costs among so many regions. */
  private record Point(int leaves, double nanos, long bytes) {}

  private Point move(int leaves) {
    ManyRegions regions = new ManyRegions(leaves);
    double goal = leaves == 1000 ? 0.01 : leaves == 10_000 ? 0.0002 : 0;
    Timings timings =
        print("a BAR moves among " + leaves, leaves, "move", regions, regions::moveBar, goal);
    return new Point(leaves, timings.nanos(STOPCOPY).median(), bytes(regions::moveBar));
  }

  private void all(int leaves) {
    ManyRegions regions = new ManyRegions(leaves);
    double goal = leaves == 10_000 ? 0.03 : 0;
    print("all of " + leaves + " changes", leaves, "all", regions, regions::renderAll, goal);
  }

  private Timings print(
      String name, int leaves, String loop, ManyRegions regions, LongSupplier work, double goal) {
    List<Variant> variants = new ArrayList<>();
    variants.add(new InThread(STOPCOPY, "callbacks", null, work, regions::visibleRanges));
    if (peer != null && leaves <= MOST_IN_C) {
      peer.ask("regions " + leaves);
      variants.add(peer.variant(Work.C, "callbacks", loop));
    }
    Timings timings = run.play(variants);
    Work.Comparison row = new Work.Comparison(STOPCOPY, Work.C, goal, false);
    if (leaves <= MOST_IN_C) {
      Table.print(out, new Work(name, variants, List.of(row)), timings);
    }
    return timings;
  }

  /** The same memory seen by more address spaces, as with a vIOMMU that does not translate. */
  private void spaces() {
    ManyRegions alone = new ManyRegions(1000);
    ManyRegions unheard = new ManyRegions(1000);
    unheard.addSpaces(SPACES, false);
    ManyRegions heard = new ManyRegions(1000);
    heard.addSpaces(SPACES, true);
    List<Variant> variants =
        List.of(
            new InThread(ALONE, "callbacks", null, alone::moveBar, () -> 0),
            new InThread(UNHEARD, "callbacks", null, unheard::moveBar, () -> 0),
            new InThread(HEARD, "callbacks of all", null, heard::moveBar, () -> 0));
    List<Work.Comparison> rows =
        List.of(
            new Work.Comparison(UNHEARD, ALONE, 2, false),
            new Work.Comparison(HEARD, ALONE, 2, false));
    Table.print(out, new Work("a BAR moves among 1000", variants, rows), run.play(variants));
  }

  private void growth(List<Point> moves) {
    out.println();
    out.println(
        "| a BAR moves among | µs | exponent from the size before | goal | "
            + "| garbage, bytes | goal | |");
    out.println("|---|---|---|---|---|---|---|---|");
    Point before = null;
    for (Point point : moves) {
      out.printf(
          Locale.ROOT,
          "| %d | %.2f | %s | %d | ≤ %.0f | %s |%n",
          point.leaves(),
          point.nanos() / 1e3,
          before == null ? "| |" : exponent(before, point),
          point.bytes(),
          MOST_BYTES,
          point.bytes() <= MOST_BYTES ? "met" : "**missed**");
      before = point;
    }
  }

  private static String exponent(Point before, Point point) {
    double exponent =
        Growth.exponent(before.leaves(), before.nanos(), point.leaves(), point.nanos());
    return String.format(
        Locale.ROOT,
        "%.2f | ≤ %.1f | %s",
        exponent,
        MOST_EXPONENT,
        exponent <= MOST_EXPONENT ? "met" : "**missed**");
  }

  private static long bytes(LongSupplier work) {
    int times = 100;
    long before = ThreadCost.bytes();
    long told = 0;
    for (int i = 0; i < times; i++) {
      told += work.getAsLong();
    }
    return told == 0 ? 0 : (ThreadCost.bytes() - before) / times;
  }
}
