package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import java.util.Optional;

/** Which sections VFIO looks at, and which whole pages of them (R-LST-10 .. R-LST-14). */
public final class SectionFilter {

  private SectionFilter() {}

  /** Whether a section is no business of VFIO (R-LST-10). */
  public static boolean isSkipped(MemorySection section) {
    MemoryRegion region = section.region();
    return !region.isRam() && !(region instanceof MemoryRegion.Iommu)
        || region instanceof MemoryRegion.Ram ram && ram.isProtected()
        || section.offsetInAddressSpace() < 0;
  }

  /** Whether a section is neither skipped nor misaligned; the latter is reported each time. */
  public static boolean isValid(MemorySection section, VfioEnvironment vfio) {
    if (isSkipped(section)) {
      return false;
    }
    if (isMisaligned(section, vfio.pageSize())) {
      vfio.events().error(misaligned(section, vfio.pageSize()));
      return false;
    }
    return true;
  }

  /** Whether the section begins within a page differently than its region does (R-LST-12). */
  private static boolean isMisaligned(MemorySection section, int pageSize) {
    long mask = pageSize - 1L;
    return (section.offsetInAddressSpace() & mask) != (section.offsetInRegion() & mask);
  }

  /** What to report of a misaligned section (R-LST-12). */
  private static String misaligned(MemorySection section, int pageSize) {
    return "vfio_listener_valid_section received unaligned region "
        + section.region().name()
        + " iova="
        + U64.hex(section.offsetInAddressSpace())
        + " offset_within_region="
        + U64.hex(section.offsetInRegion())
        + " qemu_real_host_page_size="
        + U64.hex(pageSize);
  }

  /** The whole pages of a section, empty if there is none (R-LST-14). */
  public static Optional<AddressRange> wholePages(MemorySection section, int pageSize) {
    long offset = section.offsetInAddressSpace();
    long first = U64.alignUp(offset, pageSize);
    if (U64.less(first, offset)) {
      return Optional.empty();
    }
    long end = offset + section.size().lastOffset() + 1;
    boolean reachesTop = end == 0;
    long last = (reachesTop ? 0 : U64.alignDown(end, pageSize)) - 1;
    return !reachesTop && U64.lessOrEqual(U64.alignDown(end, pageSize), first)
        ? Optional.empty()
        : Optional.of(new AddressRange(first, last));
  }
}
