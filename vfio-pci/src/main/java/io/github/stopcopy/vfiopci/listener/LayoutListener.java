package io.github.stopcopy.vfiopci.listener;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.spi.ReportingListener;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Notes what of memory an address space shows, and what every transaction changed of it. */
final class LayoutListener implements ReportingListener {

  private final TreeMap<Long, String> shown = new TreeMap<>(U64::compare);
  private final List<String> changed = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private boolean replayed;
  private int changes;

  @Override
  public void regionAdd(MemorySection section) {
    if (isReachable(section)) {
      String text = text(section);
      shown.put(section.offsetInAddressSpace(), text);
      changed.add("  appeared  " + text);
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    if (isReachable(section)) {
      shown.remove(section.offsetInAddressSpace());
      changed.add("  went      " + text(section));
    }
  }

  @Override
  public void commit() {
    if (!replayed) {
      replayed = true;
      tell(lines, "at first", shown.values());
    } else if (!changed.isEmpty()) {
      changes++;
      lines.add("change " + changes);
      lines.addAll(changed);
    }
    changed.clear();
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
      tell(all, "in the end", shown.values());
    }
    return all;
  }

  private static void tell(List<String> lines, String when, Collection<String> state) {
    lines.add(when);
    state.forEach(text -> lines.add("  " + text));
    if (state.isEmpty()) {
      lines.add("  nothing");
    }
  }

  /** What a device reads or writes without a trap (R-AS-1 .. R-AS-4), or through the vIOMMU. */
  private static boolean isReachable(MemorySection section) {
    MemoryRegion region = section.region();
    boolean closed = region instanceof MemoryRegion.Ram ram && ram.isProtected(); // R-AS-11
    return region.isRam() && !closed || region instanceof MemoryRegion.Iommu;
  }

  private static String text(MemorySection section) {
    AddressRange range = section.range();
    return String.format(
        "0x%016x - 0x%016x  %-10s  %s",
        range.first(), range.last(), kind(section), section.region().name());
  }

  private static String kind(MemorySection section) {
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
}
