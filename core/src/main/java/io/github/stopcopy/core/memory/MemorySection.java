package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;

/**
 * A run of an address space as listeners see it.
 *
 * @param region the region that serves it
 * @param offsetInRegion where in the region it begins, in bytes
 * @param offsetInAddressSpace where in the address space it begins
 * @param size its size in bytes, not 0, up to 2^64
 * @param readonly whether writes are refused
 * @param nonvolatile whether the contents survive a power loss
 */
public record MemorySection(
    MemoryRegion region,
    long offsetInRegion,
    long offsetInAddressSpace,
    ByteSize size,
    boolean readonly,
    boolean nonvolatile) {

  /** The addresses it covers, ends inclusive. */
  public AddressRange range() {
    return AddressRange.ofSize(offsetInAddressSpace, size);
  }
}
