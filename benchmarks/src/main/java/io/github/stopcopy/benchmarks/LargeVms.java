package io.github.stopcopy.benchmarks;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Prints what is held and allocated for a large VM all of whose memory becomes dirty, and what its
 * verdict takes. Bytes that are held are what a collection of garbage leaves, of many of a kind.
 */
public final class LargeVms {

  private static final long MEGABYTE = 1_000_000;
  private static final int MANY = 64;

  private final Plugins plugins;
  private final RuleSets rules;

  private LargeVms() throws InputException {
    plugins = Plugins.load();
    rules = RuleSets.load();
  }

  /** Measures and prints. */
  public static void main(String[] args) throws InputException {
    measure(System.out, MANY);
  }

  /**
   * Measures all rows.
   *
   * @param many of how many verdicts and played VMs the mean is taken
   */
  static void measure(PrintStream out, int many) throws InputException {
    LargeVms vms = new LargeVms();
    MigrationCheck large = vms.check(64, "900G");
    MigrationCheck small = vms.check(1, "4G");
    out.println("| what | bytes | goal | |");
    out.println("|---|---|---|---|");
    print(out, "64 devices, 900 GiB, `all-dirty`: allocated while it is played", played(large), 2);
    print(out, "the same, held by the played VM", held(large::play, many), 2);
    print(out, "a verdict of one device", held(small::decide, many), 0.008);
    print(out, "a verdict of 64 devices", held(large::decide, many), 0);
  }

  private MigrationCheck check(int devices, String memory) throws InputException {
    String words =
        IntStream.range(0, devices)
            .mapToObj(
                i -> " -device vfio-pci,host=" + Integer.toHexString(i + 1) + ":00.0,id=v" + i)
            .collect(Collectors.joining());
    VmConfig vm =
        QemuCommandLine.parse("vm", "qemu-system-x86_64 -machine q35 -m " + memory + words);
    return MigrationCheck.of(vm)
        .plugins(plugins)
        .ruleSets(rules)
        .tracker(TrackerRequest.forAll("all-dirty"));
  }

  /** Something that is kept. */
  private interface Kept {
    Object make() throws InputException;
  }

  private static long played(MigrationCheck check) throws InputException {
    check.play(); // what is made once is not counted
    long before = ThreadCost.bytes();
    check.play();
    return ThreadCost.bytes() - before;
  }

  private static long held(Kept kept, int many) throws InputException {
    Object[] all = new Object[many];
    kept.make();
    long before = used();
    for (int i = 0; i < many; i++) {
      all[i] = kept.make();
    }
    long after = used();
    return all[many - 1] == null ? 0 : (after - before) / many;
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void print(PrintStream out, String what, long bytes, double goalMegabytes) {
    boolean isAsked = goalMegabytes > 0;
    String verdict = bytes <= goalMegabytes * MEGABYTE ? "met" : "**missed**";
    out.printf(
        Locale.ROOT,
        "| %s | %,d | %s | %s |%n",
        what,
        bytes,
        isAsked ? String.format(Locale.ROOT, "≤ %,d", Math.round(goalMegabytes * MEGABYTE)) : "",
        isAsked ? verdict : "");
    out.flush();
  }
}
