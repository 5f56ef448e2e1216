package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.vfiopci.kernel.IovaRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The ranges that the devices of a container are asked to log: the smallest that hold every section, in
 * three buckets (R-DT-1 .. R-DT-10). A listener that sees the replay of the address space.
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
  private final int pageSize;
  private final boolean tracksReadonly;
  private final Set<String> ownDevices;

  private TrackedRanges(VfioContainer container) {
    this.pageSize = container.vfio().pageSize();
    this.tracksReadonly = container.vfio().behaviour().tracksReadonly();
    this.ownDevices =
        container.devices().stream().map(VfioPciDevice::name).collect(Collectors.toSet());
  }

  /**
   * What a container's devices are to log.
   *
   * @param ranges the ranges that are known
   * @param unknown the buckets that cannot be known
   * @param atLeast what is logged in any case: of unknown buckets the part that is known
   */
  record Request(List<IovaRange> ranges, List<String> unknown, List<IovaRange> atLeast) {}

  /** Looks at a container's address space as it is now. */
  static Request of(VfioContainer container) {
    TrackedRanges ranges = new TrackedRanges(container);
    container.vfio().memory().register(ranges, container.space());
    container.vfio().memory().unregister(ranges);
    List<String> unknown = unknownBuckets(container, ranges);
    List<IovaRange> known = new ArrayList<>();
    List<IovaRange> atLeast = new ArrayList<>();
    for (Bucket bucket : List.of(ranges.below4g, ranges.above4g, ranges.pciAbove4g)) {
      if (bucket.isUsed()) {
        IovaRange range = IovaRange.ofEnds(bucket.first, bucket.last);
        atLeast.add(range);
        if (!unknown.contains(bucket.name)) {
          known.add(range);
        }
      }
    }
    return new Request(known, unknown, atLeast);
  }

  @Override
  public void regionAdd(MemorySection section) {
    if (SectionFilter.isSkipped(section)
        || SectionFilter.isMisaligned(section, pageSize)
        || section.readonly() && !tracksReadonly) {
      return;
    }
    SectionFilter.wholePages(section, pageSize).ifPresent(range -> bucket(section, range).add(range));
  }

  /** Which bucket a section belongs to; one that crosses 4 GiB belongs above (R-DT-3, R-DT-6). */
  private Bucket bucket(MemorySection section, AddressRange range) {
    boolean ownBar = section.region().owner().filter(ownDevices::contains).isPresent();
    if (ownBar && U64.lessOrEqual(LAST_32, range.first())) {
      return pciAbove4g;
    }
    return U64.lessOrEqual(range.last(), LAST_32) ? below4g : above4g;
  }

  /**
   * The buckets that BARs at unknown addresses could change: a device's own 64-bit BAR, another
   * device's, and one below 4 GiB unless the ROM at the top keeps the bucket full anyway.
   */
  private static List<String> unknownBuckets(VfioContainer container, TrackedRanges ranges) {
    if (container.vfio().options().barsKnown()) {
      return List.of();
    }
    boolean above = container.vfio().options().othersHaveMemoryBars();
    boolean below = above;
    boolean pciAbove = false;
    for (VfioPciDevice device : container.vfio().devices()) {
      boolean own = container.devices().contains(device);
      for (HostDevice.Bar bar : device.mappedBars()) {
        below = true;
        pciAbove |= own && bar.kind() == HostDevice.BarKind.MEM64;
        above |= !own && bar.kind() == HostDevice.BarKind.MEM64;
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
