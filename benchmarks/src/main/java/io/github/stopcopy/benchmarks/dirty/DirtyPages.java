package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.PairedRun;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Prints how fast dirty pages are marked, harvested and merged, as a table of ratios. Arguments:
 * how many rounds, and what the names of the works begin with that are measured; without them 15
 * rounds of all.
 */
public final class DirtyPages {

  /** 1 TiB in pages of 4 KiB. */
  private static final long PAGES = 1L << 28;

  private static final int ROUNDS = 15;
  private static final int WARM_UPS = 15;
  private static final long LEAST_NANOS = 5_000_000;

  private DirtyPages() {}

  /** Measures and prints. */
  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : ROUNDS;
    List<String> chosen = List.of(args).subList(Math.min(1, args.length), args.length);
    try (LoopsInC loops = LoopsInC.start("dirty-pages.c")) {
      measure(
          System.out,
          new Works(PAGES, loops).all(),
          chosen,
          new PairedRun(WARM_UPS, rounds, LEAST_NANOS));
    }
    Memory.print(System.out, PAGES);
  }

  static void measure(
      PrintStream out, Map<String, Supplier<Work>> works, List<String> chosen, PairedRun run) {
    Table.printHead(out);
    works.forEach((name, supplier) -> {
      if (chosen.isEmpty() || chosen.stream().anyMatch(name::startsWith)) {
        Work work = supplier.get();
        Table.print(out, work, run.play(work.variants()));
      }
    });
  }
}
