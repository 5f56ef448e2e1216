package io.github.stopcopy.vfiopci.listener;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.spi.ReportingListener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Notes the memory and the translated parts that an address space shows, and what every transaction
 * changed of it. Runs that only continue each other are one, so a run that is cut anew because
 * writes to a part of it are logged has not changed.
 */
final class LayoutListener implements ReportingListener {

  private record Run(AddressRange range, MemoryRegion region, long offset, String kind) {

    static Run of(MemorySection section) {
      return new Run(
          section.range(), section.region(), section.offsetInRegion(), kindOf(section));
    }

    boolean continuesIn(Run next) {
      return range.last() + 1 == next.range.first()
          && region == next.region
          && offset + (next.range.first() - range.first()) == next.offset
          && kind.equals(next.kind);
    }

    Run with(Run next) {
      return new Run(new AddressRange(range.first(), next.range.last()), region, offset, kind);
    }

    @Override
    public String toString() {
      return String.format(
          "0x%016x - 0x%016x  %-10s  %s", range.first(), range.last(), kind, region.name());
    }
  }

  private final TreeMap<Long, Run> shown = new TreeMap<>(U64::compare);
  private final List<String> lines = new ArrayList<>();
  private List<Run> before = List.of();
  private boolean replayed;
  private boolean changing;
  private int changes;

  @Override
  public void regionAdd(MemorySection section) {
    if (isReachable(section)) {
      shown.put(section.offsetInAddressSpace(), Run.of(section));
      changing = true;
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    if (isReachable(section)) {
      shown.remove(section.offsetInAddressSpace());
      changing = true;
    }
  }

  @Override
  public void commit() {
    if (!replayed) {
      replayed = true;
      before = joined();
      state(lines, "at first", before);
    } else if (changing) {
      List<Run> now = joined();
      change(now);
      before = now;
    }
    changing = false;
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    lines.add("dirty logging begins");
    return Optional.empty();
  }

  @Override
  public void logGlobalStop() {
    lines.add("dirty logging ends");
  }

  @Override
  public List<String> report() {
    List<String> all = new ArrayList<>(lines);
    if (changes > 0) {
      state(all, "in the end", before);
    }
    return all;
  }

  /** What a device reads or writes without a trap (R-AS-1 .. R-AS-4), or through the vIOMMU. */
  private static boolean isReachable(MemorySection section) {
    MemoryRegion region = section.region();
    boolean closed = region instanceof MemoryRegion.Ram ram && ram.isProtected(); // R-AS-11
    return region.isRam() && !closed || region instanceof MemoryRegion.Iommu;
  }

  private static String kindOf(MemorySection section) {
    MemoryRegion region = section.region();
    if (region instanceof MemoryRegion.Iommu) {
      return "translated";
    } else if (region instanceof MemoryRegion.RamDevice) {
      return "device";
    } else if (section.readonly()) {
      return "rom";
    }
    return region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()
        ? "pluggable"
        : "ram";
  }

  private List<Run> joined() {
    List<Run> joined = new ArrayList<>();
    for (Run run : shown.values()) {
      int last = joined.size() - 1;
      if (last >= 0 && joined.get(last).continuesIn(run)) {
        joined.set(last, joined.get(last).with(run));
      } else {
        joined.add(run);
      }
    }
    return joined;
  }

  private void change(List<Run> now) {
    List<Run> went = without(before, now);
    List<Run> appeared = without(now, before);
    if (went.isEmpty() && appeared.isEmpty()) {
      return;
    }
    changes++;
    lines.add("change " + changes);
    went.forEach(run -> lines.add("  went      " + run));
    appeared.forEach(run -> lines.add("  appeared  " + run));
  }

  private static List<Run> without(List<Run> runs, List<Run> others) {
    Set<Run> known = new HashSet<>(others);
    List<Run> left = new ArrayList<>(runs);
    left.removeIf(known::contains);
    return left;
  }

  private static void state(List<String> lines, String when, List<Run> runs) {
    lines.add(when);
    runs.forEach(run -> lines.add("  " + run));
    if (runs.isEmpty()) {
      lines.add("  nothing");
    }
  }
}
