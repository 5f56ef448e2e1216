package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.NotifierFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Follows a device's address space as VFIO does: a notifier for every IOMMU section, which is
 * replayed to, and a shadow of the mappings by pages of 4096 bytes. Fails at entries that VFIO
 * could not take.
 */
final class IommuFollower implements MemoryListener {

  private static final String HANDED_OVER =
      "what guest(Map), guest(Unmap), Invalidate or replay() hands over: ";

  private static final long PAGE = 4096;

  private final AddressSpace system;
  private final boolean mayRepeat;
  private final List<IommuNotifier> notifiers = new ArrayList<>();
  private final NavigableMap<Long, Long> mapped = new TreeMap<>(Long::compareUnsigned);
  private final List<String> log = new ArrayList<>();

  /**
   * A follower.
   *
   * @param system where translations lead
   * @param mayRepeat whether a mapping may be announced that is there already
   */
  IommuFollower(AddressSpace system, boolean mayRepeat) {
    this.system = system;
    this.mayRepeat = mayRepeat;
  }

  /** Addresses in system memory by I/O virtual address, page by page. */
  NavigableMap<Long, Long> mapped() {
    return mapped;
  }

  /** Callbacks and entries, in order. */
  List<String> log() {
    return log;
  }

  /** How many IOMMU sections are visible. */
  int sections() {
    return notifiers.size();
  }

  @Override
  public void regionAdd(MemorySection section) {
    log.add("add " + section.range() + " " + section.region().name());
    if (section.region() instanceof MemoryRegion.Iommu iommu) {
      IommuNotifier notifier = notifier(section);
      iommu
          .register(notifier)
          .ifPresent(
              error -> fail("notifierFlagsChanged() refused a notifier for maps: " + error.text()));
      notifiers.add(notifier);
      iommu.model().replay(notifier);
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    log.add("del " + section.range() + " " + section.region().name());
    if (section.region() instanceof MemoryRegion.Iommu iommu) {
      long first = section.offsetInRegion();
      for (IommuNotifier notifier : List.copyOf(notifiers)) {
        if (notifier.start() == first) {
          iommu.unregister(notifier);
          notifiers.remove(notifier);
        }
      }
      mapped.subMap(first, true, first + section.size().lastOffset(), true).clear();
    }
  }

  private IommuNotifier notifier(MemorySection section) {
    long first = section.offsetInRegion();
    long last = first + section.size().lastOffset();
    return new IommuNotifier(
        NotifierFlags.IOTLB_EVENTS, first, last, entry -> take(entry, first, last));
  }

  private void take(IotlbEntry entry, long first, long last) {
    String text =
        (entry.access() == IommuAccess.NONE ? "unmap " : "map ")
            + U64.hex(entry.iova())
            + "+"
            + U64.hex(entry.addressMask())
            + " "
            + U64.hex(entry.translatedAddress());
    log.add(text);
    if (U64.less(entry.iova(), first) || U64.less(last, entry.lastIova())) {
      fail(
          HANDED_OVER
              + text
              + " is beyond its notifier ["
              + U64.hex(first)
              + ","
              + U64.hex(last)
              + "]");
    }
    boolean powerOfTwo = (entry.addressMask() & entry.addressMask() + 1) == 0;
    if (!powerOfTwo || (entry.iova() & entry.addressMask()) != 0) {
      fail(HANDED_OVER + text + " is not an aligned power of two");
    }
    if (entry.access() == IommuAccess.NONE) {
      mapped.subMap(entry.iova(), true, entry.lastIova(), true).clear();
      return;
    }
    if (entry.target() != system) {
      fail(
          HANDED_OVER
              + text
              + " leads to "
              + entry.target()
              + ", expected the system's address space");
    }
    if (entry.access() != IommuAccess.READ_WRITE) {
      fail(HANDED_OVER + text + " gives " + entry.access() + ", expected READ_WRITE");
    }
    if (U64.less(entry.addressMask(), PAGE - 1)) {
      fail(HANDED_OVER + text + " is smaller than a page");
    }
    for (long offset = 0; U64.lessOrEqual(offset, entry.addressMask()); offset += PAGE) {
      long target = entry.translatedAddress() + offset;
      Long before = mapped.put(entry.iova() + offset, target);
      if (before != null && !(mayRepeat && before == target)) {
        fail(HANDED_OVER + text + " is mapped already and was not unmapped");
      }
    }
  }
}
