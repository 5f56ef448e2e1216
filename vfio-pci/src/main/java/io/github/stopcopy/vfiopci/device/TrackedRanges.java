package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.TrackingRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The ranges that the devices of a container are asked to log: the smallest that hold every
 * section, in three buckets, in 8.1 two (R-DT-1 .. R-DT-10, R-REL-6). A listener that sees the replay of the address
 * space.
 */
final class TrackedRanges implements MemoryListener {

  private static final long LAST_32 = 0xffffffffL;

  private static final class Bucket {
    private final String name;
    private long first;
    private long last;

    Bucket(String name, long first) {
      this.name = name;
      this.first = first;
    }

    void add(AddressRange range) {
      first = U64.min(first, range.first());
      last = U64.max(last, range.last());
    }

    boolean isUsed() {
      return last != 0;
    }
  }

  private final Bucket below4g = new Bucket("32", LAST_32);
  private final Bucket above4g = new Bucket("64", U64.MAX);
  private final Bucket pciAbove4g = new Bucket("pci64", U64.MAX);
  private final List<AddressRange> writable = new ArrayList<>();
  private final VfioSubsystem vfio;
  private final Set<String> ownDevices;

  private TrackedRanges(MappedContainer container) {
    this.vfio = container.vfio();
    this.ownDevices =
        container.pciDevices().stream().map(VfioPciDevice::name).collect(Collectors.toSet());
  }

  /** Looks at an address space as it is now, with the eyes of a container. */
  static TrackingRequest of(MappedContainer container, AddressSpace space) {
    TrackedRanges ranges = new TrackedRanges(container);
    container.vfio().memory().register(ranges, space);
    container.vfio().memory().unregister(ranges);
    List<String> unknown = unknownBuckets(container, ranges);
    List<IovaRange> asked = new ArrayList<>();
    List<IovaRange> known = new ArrayList<>();
    for (Bucket bucket : List.of(ranges.below4g, ranges.above4g, ranges.pciAbove4g)) {
      if (bucket.isUsed()) {
        IovaRange range = IovaRange.ofEnds(bucket.first, bucket.last);
        asked.add(range);
        if (!unknown.contains(bucket.name)) {
          known.add(range);
        }
      }
    }
    return container.vfio().policy().tracksSeparateRanges()
        ? new TrackingRequest(joined(asked), joined(known), unknown, ranges.writable)
        : new TrackingRequest(asked, known, unknown, ranges.writable);
  }

  /** The same coverage by ranges that do not overlap, which the kernel would refuse. */
  private static List<IovaRange> joined(List<IovaRange> ranges) {
    return AddressRange.disjoint(ranges.stream().map(IovaRange::inclusive).toList()).stream()
        .map(range -> IovaRange.ofEnds(range.first(), range.last()))
        .toList();
  }

  @Override
  public void regionAdd(MemorySection section) {
    boolean ignored = section.readonly() && !vfio.tracksReadonly();
    if (!ignored && SectionFilter.isValid(section, vfio)) {
      SectionFilter.wholePages(section, vfio.pageSize()).ifPresent(range -> add(section, range));
    }
  }

  private void add(MemorySection section, AddressRange range) {
    bucket(section, range).add(range);
    if (section.region() instanceof MemoryRegion.Ram && !section.readonly()) {
      addWritable(range);
    }
  }

  /** Sections come ascending; those that touch become one. */
  private void addWritable(AddressRange range) {
    AddressRange before = writable.isEmpty() ? null : writable.get(writable.size() - 1);
    if (before != null && before.last() + 1 == range.first()) {
      writable.set(writable.size() - 1, new AddressRange(before.first(), range.last()));
    } else {
      writable.add(range);
    }
  }

  /** Which bucket a section belongs to; one that crosses 4 GiB belongs above (R-DT-3, R-DT-6). */
  private Bucket bucket(MemorySection section, AddressRange range) {
    boolean ownBar = section.region().owner().filter(ownDevices::contains).isPresent();
    if (ownBar && vfio.behaviour().tracksPciApart() && U64.lessOrEqual(LAST_32, range.first())) {
      return pciAbove4g;
    }
    return U64.lessOrEqual(range.last(), LAST_32) ? below4g : above4g;
  }

  /**
   * The buckets that BARs at unknown addresses could change: a device's own 64-bit BAR, another
   * device's, and one below 4 GiB unless the ROM at the top keeps the bucket full anyway.
   */
  private static List<String> unknownBuckets(MappedContainer container, TrackedRanges ranges) {
    if (container.vfio().options().barsKnown()) {
      return List.of();
    }
    boolean above = container.vfio().options().othersHaveMemoryBars();
    boolean below = above;
    boolean pciAbove = false;
    for (VfioPciDevice device : container.vfio().devices()) {
      boolean own = container.pciDevices().contains(device);
      for (HostDevice.Bar bar : device.mappedBars()) {
        below = true;
        boolean apart = own && container.vfio().behaviour().tracksPciApart();
        pciAbove |= apart && bar.kind() == HostDevice.BarKind.MEM64;
        above |= !apart && bar.kind() == HostDevice.BarKind.MEM64;
      }
    }
    List<String> unknown = new ArrayList<>();
    if (below && !(ranges.below4g.first == 0 && ranges.below4g.last == LAST_32)) {
      unknown.add("32");
    }
    if (above) {
      unknown.add("64");
    }
    if (pciAbove) {
      unknown.add("pci64");
    }
    return unknown;
  }
}
