package io.github.stopcopy.vfiopci.listener;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.testkit.MemoryListenerContract;
import java.util.ArrayList;
import java.util.List;

/** What the layout tells at any time is what the flat view shows of memory. */
class LayoutListenerContractTest extends MemoryListenerContract<LayoutListener> {

  @Override
  protected LayoutListener create(GuestMemory memory, AddressSpace space) {
    return new LayoutListener();
  }

  @Override
  protected boolean follows(FlatRange range) {
    return range.region().isRam() || range.region() instanceof MemoryRegion.Iommu;
  }

  /** Of the last state that is told, so that what users read is what is tried. */
  @Override
  protected List<AddressRange> mapped(LayoutListener listener) {
    List<AddressRange> ranges = new ArrayList<>();
    List<String> report = listener.report();
    int state = Math.max(report.lastIndexOf("in the end"), report.indexOf("at first"));
    for (String line : report.subList(state + 1, report.size())) {
      if (line.startsWith("  0x")) {
        ranges.add(
            new AddressRange(
                Long.parseUnsignedLong(line.substring(4, 20), 16),
                Long.parseUnsignedLong(line.substring(25, 41), 16)));
      }
    }
    return ranges;
  }
}
