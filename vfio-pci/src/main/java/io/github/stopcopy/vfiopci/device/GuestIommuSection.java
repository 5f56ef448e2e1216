package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.MemoryRegion;

/**
 * A section of a container that the vIOMMU translates: QEMU's gIOMMU (R-LST-24). It exists because
 * of the section, whatever is mapped in it (R-LST-74).
 */
public final class GuestIommuSection {

  private final MemoryRegion.Iommu region;
  private final long iommuOffset;
  private final AddressRange range;
  private final IommuNotifier notifier;

  GuestIommuSection(
      MemoryRegion.Iommu region, long iommuOffset, AddressRange range, IommuNotifier notifier) {
    this.region = region;
    this.iommuOffset = iommuOffset;
    this.range = range;
    this.notifier = notifier;
  }

  /** The I/O virtual addresses, ends inclusive. */
  public AddressRange range() {
    return range;
  }

  /** The region that translates. */
  public MemoryRegion.Iommu region() {
    return region;
  }

  /** What is added to an offset in the region to get an I/O virtual address. */
  long iommuOffset() {
    return iommuOffset;
  }

  IommuNotifier notifier() {
    return notifier;
  }
}
