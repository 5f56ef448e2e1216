package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.InThread;
import io.github.stopcopy.benchmarks.paired.Variant;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * All that is measured, for a guest of a number of pages. Each work is made when it is asked for,
 * so that only one lies in memory. Not thread-safe.
 */
final class Works {

  static final String STOPCOPY = "stopcopy";
  static final String SUM = "long[] sum";
  static final String LINES = "long[] lines";

  private static final long LOG_SEED = 1;
  private static final long MIGRATION_SEED = 2;
  private static final int MOST_RANGES = 16;

  /** How much smaller than the guest the report is that is merged: 64 GiB of 1 TiB. */
  private static final int REPORT_SHARE = 16;

  private final long pages;
  private final @Nullable LoopsInC loops;
  private final ColdCache cold = new ColdCache();

  /** What a work begins with each time. */
  private enum State {
    /** What the time before left, since the work changes nothing. */
    UNCHANGED,
    /** The bitmaps as they were, and in the caches what of them was just written. */
    WARM,
    /** The bitmaps as they were, and something else in the caches. */
    COLD
  }

  /** The works of a guest. Without loops in C nothing is compared with them. */
  Works(long pages, @Nullable LoopsInC loops) {
    this.pages = pages;
    this.loops = loops;
  }

  /** The works by name. */
  Map<String, Supplier<Work>> all() {
    Map<String, Supplier<Work>> all = new LinkedHashMap<>();
    for (Pattern pattern : Pattern.values()) {
      all.put("harvest, " + pattern, () -> harvest(pattern, State.COLD));
    }
    for (Pattern pattern : List.of(Pattern.SPARSE, Pattern.CLUSTERED)) {
      all.put("harvest warm, " + pattern, () -> harvest(pattern, State.WARM));
    }
    for (Pattern pattern : List.of(Pattern.EMPTY, Pattern.SPARSE, Pattern.CLUSTERED)) {
      all.put("cycle, " + pattern, () -> cycle(pattern));
    }
    int single = (int) (pages >>> 8);
    int runs = (int) (pages / 100 / Marks.RUN);
    all.put("mark pages", () -> mark("mark pages", Marks.Kind.PAGES, single, 1.7, 2.7));
    all.put("mark runs", () -> mark("mark runs", Marks.Kind.RUNS, runs, 0, 0));
    all.put(
        "mark pages, 2 threads",
        () -> markTwice("mark pages, 2 threads", Marks.Kind.PAGES, 2 * single));
    all.put(
        "mark runs, 2 threads", () -> markTwice("mark runs, 2 threads", Marks.Kind.RUNS, 2 * runs));
    for (Pattern pattern : List.of(Pattern.SPARSE, Pattern.CLUSTERED, Pattern.DENSE)) {
      all.put("unaligned merge, " + pattern, () -> unaligned(pattern));
    }
    for (Pattern pattern : List.of(Pattern.SPARSE, Pattern.CLUSTERED, Pattern.DENSE)) {
      all.put("runs, " + pattern, () -> runs(pattern));
    }
    for (int count : List.of(256, 10_000)) {
      all.put("coalesce " + count, () -> coalesce(count));
    }
    return all;
  }

  private Work harvest(Pattern pattern, State state) {
    long[] log = pattern.words(pages, LOG_SEED);
    // An empty log stays as it is, so that nothing is prepared.
    State each = pattern == Pattern.EMPTY ? State.UNCHANGED : state;
    List<Variant> variants = new ArrayList<>();
    for (Guest guest : guests(log, new long[log.length])) {
      variants.add(variant(guest, each, Guest::harvest));
    }
    variants.add(1, variant(StopcopyGuest.shared(log, new long[log.length]), each, Guest::harvest));
    PlainGuest plain = new PlainGuest(log, new long[log.length]);
    variants.add(new InThread(SUM, "sum", prepare(plain, each), plain::sum, plain::content));
    int[] groups = plain.dirtyGroups();
    variants.add(
        new InThread(
            LINES, "lines", prepare(plain, each), () -> plain.sum(groups), plain::content));
    addC(variants, pattern, Pattern.EMPTY, each, "harvest");
    addC(variants, Work.C_SUMMARY, each, "harvest-summary");
    List<Work.Comparison> rows = new ArrayList<>();
    rows.add(goal(Work.C_SUMMARY, 0));
    switch (pattern) {
      case EMPTY -> rows.add(goal(SUM, 0.02));
      case SPARSE -> {
        rows.add(goal(SUM, 0));
        rows.add(goal(LINES, 2.6));
        rows.add(goal(StopcopyGuest.SHARED, LINES, 2.6));
      }
      case CLUSTERED -> {
        rows.add(goal(SUM, 0));
        rows.add(goal(LINES, 2));
        rows.add(goal(StopcopyGuest.SHARED, LINES, 2));
      }
      case DENSE -> {
        rows.add(goal(Work.C, 0.45));
        rows.add(new Work.Comparison(STOPCOPY, "long[]", 2, true));
      }
    }
    return work((state == State.WARM ? "harvest warm, " : "harvest, ") + pattern, variants, rows);
  }

  private Work cycle(Pattern pattern) {
    Marks marks = pattern.marks(pages, LOG_SEED);
    long[] none = new long[(int) (pages >>> 6)];
    List<Variant> variants = new ArrayList<>();
    State each = pattern == Pattern.EMPTY ? State.UNCHANGED : State.COLD;
    for (Guest guest : marked(none, pattern.words(pages, MIGRATION_SEED))) {
      variants.add(variant(guest, each, cycled -> cycled.cycle(marks)));
    }
    addC(variants, Pattern.EMPTY, pattern, each, "cycle");
    addC(variants, Work.C_SUMMARY, each, "cycle-summary");
    tellMarks(pattern.inC(pages, LOG_SEED));
    List<Work.Comparison> rows = new ArrayList<>();
    rows.add(goal(Work.C_SUMMARY, 0));
    if (pattern != Pattern.EMPTY) {
      boolean isSparse = pattern == Pattern.SPARSE;
      rows.add(goal("RoaringBitmap", isSparse ? 1.25 : 1.8));
      rows.add(new Work.Comparison(STOPCOPY, "RoaringBitmap", 1, true));
      rows.add(goal(MarkerGuest.NAME, "RoaringBitmap", isSparse ? 0.3 : 0));
      if (isSparse) {
        rows.add(new Work.Comparison(MarkerGuest.NAME, "RoaringBitmap", 0.165, true));
      }
    }
    return work("cycle, " + pattern, variants, rows);
  }

  private Work mark(String name, Marks.Kind kind, int count, double goal, double single) {
    Marks marks = Marks.random(kind, pages, count, LOG_SEED);
    long[] none = new long[(int) (pages >>> 6)];
    List<Variant> variants = new ArrayList<>();
    for (Guest guest : marked(none, none)) {
      variants.add(variant(guest, State.COLD, each -> each.mark(marks)));
    }
    addC(variants, Pattern.EMPTY, Pattern.EMPTY, State.COLD, "mark");
    tellMarks(kind.inC(count, LOG_SEED));
    return work(
        name, variants, List.of(goal(MarkerGuest.NAME, Work.C, goal), goal(Work.C, single)));
  }

  private Work markTwice(String name, Marks.Kind kind, int count) {
    Marks marks = Marks.random(kind, pages, count, LOG_SEED);
    long[] none = new long[(int) (pages >>> 6)];
    List<Variant> variants = new ArrayList<>();
    for (Guest guest : List.of(new StopcopyGuest(none, none), new MarkerGuest(none, none))) {
      variants.add(new InTwoThreads(guest, cold(guest), "result", marks));
    }
    addC(variants, Pattern.EMPTY, Pattern.EMPTY, State.COLD, "threads");
    tellMarks(kind.inC(count, LOG_SEED));
    return work(name, variants, List.of());
  }

  private Work unaligned(Pattern pattern) {
    long report = pages / REPORT_SHARE;
    long[] log = pattern.words(report, LOG_SEED);
    long[] none = new long[log.length + 1];
    StopcopyGuest guest = new StopcopyGuest(log, none);
    PlainGuest slow = new PlainGuest(log, none);
    List<Variant> variants = new ArrayList<>();
    variants.add(variant(guest, State.COLD, StopcopyGuest::mergeUnaligned));
    variants.add(
        new InThread(
            "long[] page by page", "result", cold(slow), slow::mergePageByPage, slow::content));
    if (loops != null) {
      loops.guest(report, true);
      loops.ask("logged " + pattern.inC(report, LOG_SEED));
      variants.add(loops.variant(Work.C, "result", false, "pages"));
    }
    return work(
        "unaligned merge, " + pattern,
        variants,
        List.of(goal("long[] page by page", 0.2), goal(Work.C, 0.2)));
  }

  private Work runs(Pattern pattern) {
    long[] log = pattern.words(pages, LOG_SEED);
    List<Variant> variants = new ArrayList<>();
    for (Guest guest : guests(log, new long[log.length])) {
      variants.add(variant(guest, State.UNCHANGED, Guest::runs));
    }
    addC(variants, pattern, Pattern.EMPTY, State.UNCHANGED, "runs");
    return work("runs, " + pattern, variants, List.of());
  }

  private Work coalesce(int count) {
    List<AddressRange> ranges = ManyRanges.of(count, LOG_SEED);
    List<Variant> variants = new ArrayList<>();
    LongSupplier coalesce =
        () -> ManyRanges.checksum(RangeCoalescing.coalesce(ranges, MOST_RANGES));
    LongSupplier asKernel =
        () -> ManyRanges.checksum(RangeCoalescing.asKernel(ranges, MOST_RANGES));
    variants.add(new InThread(STOPCOPY, "result", null, coalesce, () -> 0));
    variants.add(new InThread("stopcopy asKernel", "result", null, asKernel, () -> 0));
    if (loops != null) {
      loops.guest(64, false);
      loops.ask("ranges " + count + " " + LOG_SEED);
      variants.add(loops.variant(Work.C, "result", true, "coalesce"));
    }
    double goal = count == 256 ? 0.02 : 0;
    return work(
        "coalesce " + count,
        variants,
        List.of(goal(Work.C, goal), goal("stopcopy asKernel", goal)));
  }

  /** The same bitmaps, made by every library. */
  static List<Guest> guests(long[] log, long[] migration) {
    return List.of(
        new StopcopyGuest(log, migration),
        new PlainGuest(log, migration),
        new BitSetGuest(log, migration),
        new RoaringGuest(log, migration));
  }

  /** The same, for works that mark: ours in both ways. */
  private static List<Guest> marked(long[] log, long[] migration) {
    List<Guest> all = new ArrayList<>(guests(log, migration));
    all.add(1, new MarkerGuest(log, migration));
    return all;
  }

  private <G extends Guest> InThread variant(G guest, State state, ToLongFunction<G> work) {
    return new InThread(
        guest.name(),
        "result",
        prepare(guest, state),
        () -> work.applyAsLong(guest),
        guest::content);
  }

  private @Nullable Runnable prepare(Guest guest, State state) {
    return switch (state) {
      case UNCHANGED -> null;
      case WARM -> guest::reset;
      case COLD -> cold(guest);
    };
  }

  private Runnable cold(Guest guest) {
    return () -> {
      guest.reset();
      cold.fill();
    };
  }

  private void addC(
      List<Variant> variants, Pattern log, Pattern migration, State state, String loop) {
    if (loops != null) {
      loops.guest(pages, state == State.COLD);
      loops.ask("logged " + log.inC(pages, LOG_SEED));
      loops.ask("target " + migration.inC(pages, MIGRATION_SEED));
      loops.ask("reset");
      variants.add(loops.variant(Work.C, "result", state == State.UNCHANGED, loop));
    }
  }

  /** Another loop over the same bitmaps. */
  private void addC(List<Variant> variants, String name, State state, String loop) {
    if (loops != null) {
      variants.add(loops.variant(name, "result", state == State.UNCHANGED, loop));
    }
  }

  private void tellMarks(String marks) {
    if (loops != null) {
      loops.ask("marks " + marks);
    }
  }

  private static Work.Comparison goal(String reference, double goal) {
    return goal(STOPCOPY, reference, goal);
  }

  private static Work.Comparison goal(String variant, String reference, double goal) {
    return new Work.Comparison(variant, reference, goal, false);
  }

  /**
   * A work whose table begins with these rows; every other variant is compared with the loop in C.
   */
  private static Work work(String name, List<Variant> variants, List<Work.Comparison> rows) {
    List<Work.Comparison> all = new ArrayList<>(rows);
    for (Variant variant : variants) {
      boolean isIn =
          rows.stream()
              .anyMatch(
                  row -> row.variant().equals(variant.name()) && row.reference().equals(Work.C));
      if (!isIn && !variant.name().equals(Work.C)) {
        all.add(new Work.Comparison(variant.name(), Work.C, 0, false));
      }
    }
    return new Work(name, variants, all);
  }
}
