package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.address.AddressRange;
import java.util.List;

/**
 * What a vIOMMU may know of the host's IOMMU behind an assigned device.
 *
 * @param pageSizes the page sizes it maps: the bit with value s stands for pages of s bytes
 * @param iovaRanges the I/O virtual addresses it can map; empty: all
 * @param iommufd whether the device is on an iommufd, not on a type1 container
 * @param vtd whether it is Intel VT-d
 */
public record HostIommu(
    long pageSizes, List<AddressRange> iovaRanges, boolean iommufd, boolean vtd) {

  /** The host's IOMMU behind a type1 container, which knows of no kinds. */
  public HostIommu(long pageSizes, List<AddressRange> iovaRanges) {
    this(pageSizes, iovaRanges, false, false);
  }

  /** Copies the ranges. */
  public HostIommu {
    iovaRanges = List.copyOf(iovaRanges);
  }

  /** The width in bits: of the highest address it can map, or 64 (R-VIO-17). */
  public int addressBits() {
    int bits = 0;
    for (AddressRange range : iovaRanges) {
      bits = Math.max(bits, 64 - Long.numberOfLeadingZeros(range.last()));
    }
    return bits == 0 ? 64 : bits;
  }
}
