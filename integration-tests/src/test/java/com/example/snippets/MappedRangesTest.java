package com.example.snippets;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.testkit.MemoryListenerContract;
import java.util.List;

// @start region=listener-contract
class MappedRangesTest extends MemoryListenerContract<MappedRanges> {

  @Override
  protected MappedRanges create(GuestMemory memory, AddressSpace space) {
    return new MappedRanges();
  }

  @Override
  protected List<AddressRange> mapped(MappedRanges listener) {
    return listener.ranges();
  }
}
// @end
