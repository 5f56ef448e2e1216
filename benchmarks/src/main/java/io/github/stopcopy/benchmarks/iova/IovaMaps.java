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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints how fast pages are mapped, looked up and unmapped, and what a mapping takes of memory.
 * Arguments: how many rounds (5 without), and of how many pages the logarithm to 2 (20 without).
 */
public final class IovaMaps {

  private static final String STOPCOPY = "stopcopy";
  private static final String TREE = "TreeMap";

  private static final Map<String, Supplier<Maps>> MAPS =
      Map.of(STOPCOPY, Maps.Ours::new, TREE, Maps.Tree::new);

  private IovaMaps() {}

  /** Measures and prints. */
  public static void main(String[] args) throws InputException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int bits = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    try (LoopsInC tree = LoopsInC.start("iova-tree.c")) {
      measure(System.out, tree, bits, new PairedRun(3, rounds, 1));
    }
    System.out.println();
    printMemory(System.out, bits);
    System.out.println();
    WholePath.measure(System.out, 100_000, 2 * rounds);
  }

  static void measure(PrintStream out, @Nullable LoopsInC tree, int bits, PairedRun run) {
    Table.printHead(out);
    for (Addresses addresses : Addresses.values()) {
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
                new Work.Comparison(STOPCOPY, TREE, 0, false),
                new Work.Comparison(TREE, Work.C, 0, false));
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
    out.println("| mappings | map | bytes a mapping |");
    out.println("|---|---|---|");
    for (Addresses addresses : Addresses.values()) {
      long[] firsts = addresses.firsts(bits);
      for (String name : List.of(STOPCOPY, TREE)) {
        long before = used();
        Maps map = filled(maps(name), firsts);
        double bytes = (double) (used() - before) / firsts.length;
        out.printf(
            Locale.ROOT,
            "| %s | %s | %.1f |%n",
            addresses,
            name + (map.lookup(firsts[0]) == 0 ? ", empty" : ""),
            bytes);
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
