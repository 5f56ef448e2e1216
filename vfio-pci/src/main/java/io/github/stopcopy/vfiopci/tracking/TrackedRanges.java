package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.mapping.SectionFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The ranges that the devices of a container are asked to log: the smallest that hold every
 * section, in three buckets (R-DT-1 .. R-DT-10). It sees what a listener would that is registered
 * and taken out again, and nobody else hears of it.
 */
final class TrackedRanges {

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
  private final VfioEnvironment vfio;
  private final Set<String> ownDevices = new HashSet<>(4);
  private final DeviceCounts ownCounts = new DeviceCounts();

  private TrackedRanges(VfioEnvironment vfio, List<? extends TrackedDevice> own) {
    this.vfio = vfio;
    for (TrackedDevice device : own) {
      ownDevices.add(device.name());
      ownCounts.count(device, 1);
    }
  }

  /**
   * Looks at an address space as it is now, with the eyes of a container.
   *
   * @param vfio what VFIO needs of the rest
   * @param own the devices of the container
   * @param vm all devices of the VM
   * @param space what they see
   */
  static TrackingRequest of(
      VfioEnvironment vfio, List<? extends TrackedDevice> own, VmDevices vm, AddressSpace space) {
    TrackedRanges ranges = new TrackedRanges(vfio, own);
    for (FlatRange range : space.view().ranges()) {
      ranges.see(range.section());
    }
    List<String> unknown = ranges.unknownBuckets(vm);
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
    return vfio.policy().tracksSeparateRanges()
        ? new TrackingRequest(joined(asked), joined(known), unknown, ranges.writable)
        : new TrackingRequest(asked, known, unknown, ranges.writable);
  }

  /** The same coverage by ranges that do not overlap, which the kernel would refuse. */
  private static List<IovaRange> joined(List<IovaRange> ranges) {
    return AddressRange.disjoint(ranges.stream().map(IovaRange::inclusive).toList()).stream()
        .map(range -> IovaRange.ofEnds(range.first(), range.last()))
        .toList();
  }

  private void see(MemorySection section) {
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
  private List<String> unknownBuckets(VmDevices vm) {
    if (vfio.options().barsKnown()) {
      return List.of();
    }
    boolean others = vfio.options().othersHaveMemoryBars();
    boolean below = others || vm.counts().mapped() > 0;
    int apart = vfio.behaviour().tracksPciApart() ? ownCounts.mappedAbove4g() : 0;
    boolean above = others || vm.counts().mappedAbove4g() > apart;
    List<String> unknown = new ArrayList<>();
    if (below && !(below4g.first == 0 && below4g.last == LAST_32)) {
      unknown.add("32");
    }
    if (above) {
      unknown.add("64");
    }
    if (apart > 0) {
      unknown.add("pci64");
    }
    return unknown;
  }
}
