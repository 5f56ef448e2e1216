package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.MemoryRegion;

/**
 * A section of a container that the vIOMMU translates: QEMU's gIOMMU (R-LST-24). It exists because
 * of the section, whatever is mapped in it (R-LST-74).
 *
 * @param region the region that translates
 * @param iommuOffset what is added to an offset in the region to get an I/O virtual address
 * @param range the I/O virtual addresses, ends inclusive
 * @param notifier who hears of changes
 */
public record GuestIommuSection(
    MemoryRegion.Iommu region, long iommuOffset, AddressRange range, IommuNotifier notifier) {}
