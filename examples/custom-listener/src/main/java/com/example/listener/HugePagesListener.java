package com.example.listener;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.spi.ReportingListener;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the RAM that a device reaches. What is cut at addresses that are no multiples of a huge
 * page, as by the ROM below 1 MiB, the host's IOMMU must map in small pages.
 */
final class HugePagesListener implements ReportingListener {

  private final long pageSize;
  private final Map<AddressRange, Long> bytesInHugePages = new LinkedHashMap<>();

  /**
   * A listener that knows nothing yet.
   *
   * @param pageSize of a huge page in bytes, a power of two
   */
  HugePagesListener(long pageSize) {
    this.pageSize = pageSize;
  }

  @Override
  public void regionAdd(MemorySection section) {
    if (isFollowed(section.region())) {
      bytesInHugePages.put(section.range(), inHugePages(section.range()));
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    if (isFollowed(section.region())) {
      bytesInHugePages.remove(section.range());
    }
  }

  /** The ranges that it believes to be mapped. */
  List<AddressRange> ranges() {
    return List.copyOf(bytesInHugePages.keySet());
  }

  /** RAM that somebody can write or only read; not BARs, nor what the vIOMMU translates. */
  static boolean isFollowed(MemoryRegion region) {
    return region instanceof MemoryRegion.Ram || region instanceof MemoryRegion.Rom;
  }

  /** The last page of the address space is never counted: its end has no number in 64 bits. */
  private long inHugePages(AddressRange range) {
    long first = U64.alignUp(range.first(), pageSize);
    long end = U64.alignDown(range.last() + 1, pageSize);
    return U64.less(first, range.first()) || U64.lessOrEqual(end, first) ? 0 : end - first;
  }

  @Override
  public List<String> report() {
    BigInteger all = BigInteger.ZERO;
    BigInteger huge = BigInteger.ZERO;
    for (Map.Entry<AddressRange, Long> entry : bytesInHugePages.entrySet()) {
      AddressRange range = entry.getKey();
      all = all.add(U64.toBigInteger(range.last() - range.first())).add(BigInteger.ONE);
      huge = huge.add(U64.toBigInteger(entry.getValue()));
    }
    return List.of(
        huge + " of " + all + " bytes in pages of " + U64.decimal(pageSize) + " bytes",
        "sections: " + bytesInHugePages.size());
  }
}
