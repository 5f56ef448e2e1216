package io.github.stopcopy.benchmarks.iova;

import io.github.stopcopy.benchmarks.dirty.LoopsInC;
import io.github.stopcopy.benchmarks.dirty.Table;
import io.github.stopcopy.benchmarks.dirty.Work;
import io.github.stopcopy.benchmarks.paired.InThread;
import io.github.stopcopy.benchmarks.paired.PairedRun;
import io.github.stopcopy.benchmarks.paired.Variant;
import io.github.stopcopy.core.error.InputException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints how fast pages are mapped, looked up and unmapped, what a mapping takes of memory, and
 * what the way of a page through the whole model takes. Arguments: how many rounds (3 without), of
 * how many pages the logarithm to 2 (20 without), and which parts are measured: {@code random},
 * {@code wide}, {@code sequential}, {@code memory}, {@code path}; all without.
 */
public final class IovaMaps {

  private static final String STOPCOPY = "stopcopy";
  private static final String TREE = "TreeMap";
  private static final String MEMORY = "memory";
  private static final String PATH = "path";

  private static final Map<String, Supplier<Maps>> MAPS =
      Map.of(STOPCOPY, Maps.Ours::new, TREE, Maps.Tree::new);

  private IovaMaps() {}

  /** Measures and prints. */
  public static void main(String[] args) throws InputException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    int bits = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    Set<String> parts = Set.of(Arrays.copyOfRange(args, Math.min(2, args.length), args.length));
    List<Addresses> measured =
        Arrays.stream(Addresses.values())
            .filter(addresses -> parts.isEmpty() || parts.contains(addresses.toString()))
            .toList();
    try (LoopsInC tree = LoopsInC.start("iova-tree.c")) {
      measure(System.out, tree, bits, new PairedRun(0, rounds, 1), measured);
    }
    if (parts.isEmpty() || parts.contains(MEMORY)) {
      System.out.println();
      printMemory(System.out, bits);
    }
    if (parts.isEmpty() || parts.contains(PATH)) {
      System.out.println();
      WholePath.measure(System.out, 100_000, 5 * rounds);
    }
  }

  static void measure(
      PrintStream out, @Nullable LoopsInC tree, int bits, PairedRun run, List<Addresses> measured) {
    Table.printHead(out);
    for (Addresses addresses : measured) {
      long[] firsts = addresses.firsts(bits);
      long[] order = Addresses.inOtherOrder(firsts);
      for (String operation : List.of("map", "lookup", "unmap")) {
        List<Variant> variants = new ArrayList<>();
        for (String name : List.of(STOPCOPY, TREE)) {
          variants.add(variant(name, operation, firsts, order));
        }
        if (tree != null) {
          tree.ask("addresses " + addresses + " " + bits);
          variants.add(tree.variant(Work.C, "result", operation));
        }
        List<Work.Comparison> rows =
            List.of(
                new Work.Comparison(STOPCOPY, Work.C, goal(addresses), false),
                new Work.Comparison(STOPCOPY, TREE, 0, false));
        Work work = new Work(operation + ", " + addresses, variants, rows);
        Table.print(out, work, run.play(variants));
      }
    }
  }

  private static double goal(Addresses addresses) {
    return switch (addresses) {
      case RANDOM -> 0.05;
      case WIDE -> 0.06;
      case SEQUENTIAL -> 0;
    };
  }

  private static Supplier<Maps> maps(String name) {
    return Objects.requireNonNull(MAPS.get(name), name);
  }

  private static Variant variant(String name, String operation, long[] firsts, long[] order) {
    Maps[] map = {filled(maps(name), firsts)};
    return switch (operation) {
      case "map" ->
          new InThread(
              name,
              "result",
              () -> map[0] = maps(name).get(),
              () -> mapAll(map[0], firsts),
              () -> 1);
      case "lookup" -> new InThread(name, "result", null, () -> lookUpAll(map[0], order), () -> 1);
      default ->
          new InThread(
              name,
              "result",
              () -> map[0] = filled(maps(name), firsts),
              () -> unmapAll(map[0], order),
              () -> 0);
    };
  }

  private static Maps filled(Supplier<Maps> supplier, long[] firsts) {
    Maps map = supplier.get();
    mapAll(map, firsts);
    return map;
  }

  private static long mapAll(Maps map, long[] firsts) {
    for (long first : firsts) {
      map.map(first);
    }
    return firsts.length;
  }

  private static long lookUpAll(Maps map, long[] order) {
    long sum = 0;
    for (long iova : order) {
      sum += map.lookup(iova);
    }
    return sum;
  }

  private static long unmapAll(Maps map, long[] order) {
    for (long first : order) {
      map.unmap(first);
    }
    return order.length;
  }

  private static void printMemory(PrintStream out, int bits) {
    out.println("| mappings | map | bytes a mapping | goal | |");
    out.println("|---|---|---|---|---|");
    for (Addresses addresses : Addresses.values()) {
      long[] firsts = addresses.firsts(bits);
      for (String name : List.of(STOPCOPY, TREE)) {
        long before = used();
        Maps map = filled(maps(name), firsts);
        double bytes = (double) (used() - before) / firsts.length;
        double goal = addresses == Addresses.SEQUENTIAL ? 12 : 44;
        String told =
            name.equals(STOPCOPY)
                ? String.format(
                    Locale.ROOT, "≤ %.0f | %s", goal, bytes <= goal ? "met" : "**missed**")
                : " | ";
        out.printf(
            Locale.ROOT,
            "| %s | %s | %.1f | %s |%n",
            addresses,
            name + (map.lookup(firsts[1]) == 0 ? ", empty" : ""),
            bytes,
            told);
      }
    }
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
