package com.example.snippets;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import java.util.ArrayList;
import java.util.List;

// @start region=listener
/** Follows what an address space shows. */
final class MappedRanges implements MemoryListener {

  private final List<AddressRange> ranges = new ArrayList<>();

  @Override
  public void regionAdd(MemorySection section) {
    ranges.add(section.range());
  }

  @Override
  public void regionDel(MemorySection section) {
    ranges.remove(section.range());
  }

  List<AddressRange> ranges() {
    return List.copyOf(ranges);
  }
}
// @end
