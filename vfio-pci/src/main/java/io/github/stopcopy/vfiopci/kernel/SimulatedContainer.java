package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps the books of a container, type1 or an iommufd with one set of page tables. */
final class SimulatedContainer implements KernelContainer {

  private static final AddressRange EVERYTHING = new AddressRange(0, U64.MAX);

  private final HostContainer facts;
  private final int pageSize;
  private final TreeMap<Long, DmaMapping> mappings = new TreeMap<>(U64::compare);
  private final NavigableMap<Long, Long> windows;
  private final Set<Integer> groups = new HashSet<>();
  private final boolean iommufd;
  private final DirtyLog hardwareLog;
  private boolean tracking;

  SimulatedContainer(HostContainer facts, int pageSize, boolean iommufd) {
    this.facts = facts;
    this.pageSize = pageSize;
    this.iommufd = iommufd;
    this.hardwareLog = new DirtyLog(pageSize);
    this.windows = windows(facts.iovaRanges());
  }

  @Override
  public Optional<Errno> addGroup(int group) {
    if (!facts.shared() && !groups.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    groups.add(group);
    return Optional.empty();
  }

  @Override
  public void removeGroup(int group) {
    groups.remove(group);
    if (groups.isEmpty()) {
      mappings.clear();
    }
  }

  @Override
  public HostContainer info() {
    return facts;
  }

  @Override
  public Optional<Errno> map(DmaMapping mapping) {
    long iova = mapping.iova();
    long size = mapping.size();
    if (isMalformed(iova, size) || !isInWindow(iova, iova + size - 1)) {
      return Optional.of(Errno.EINVAL);
    }
    if (U64.lessOrEqual(facts.dmaAvailable(), mappings.size())) {
      return Optional.of(Errno.ENOSPC);
    }
    Map.Entry<Long, DmaMapping> before = mappings.floorEntry(iova + size - 1);
    if (before != null && U64.lessOrEqual(iova, last(before.getValue()))) {
      return Optional.of(Errno.EEXIST);
    }
    mappings.put(iova, mapping);
    return Optional.empty();
  }

  @Override
  public Optional<Errno> unmap(long iova, long size) {
    if (isMalformed(iova, size)) {
      return Optional.of(Errno.EINVAL);
    }
    long end = iova + size - 1;
    Map.Entry<Long, DmaMapping> atStart = mappings.lowerEntry(iova);
    Map.Entry<Long, DmaMapping> atEnd = mappings.floorEntry(end);
    if (atStart != null && U64.lessOrEqual(iova, last(atStart.getValue()))
        || atEnd != null && U64.less(end, last(atEnd.getValue()))) {
      return Optional.of(Errno.EINVAL);
    }
    mappings.subMap(iova, true, end, true).clear();
    return Optional.empty();
  }

  @Override
  public Optional<Errno> unmap(long iova, long size, DirtyLog into) {
    DirtyLog found = new DirtyLog(pageSize);
    if (tracking && size != 0 && !U64.addOverflows(iova, size - 1)) {
      collect(new AddressRange(iova, iova + size - 1), found);
    }
    Optional<Errno> refused = unmap(iova, size);
    if (refused.isEmpty()) {
      found.moveInto(into, 0);
    }
    return refused;
  }

  @Override
  public Optional<Errno> unmapAll() {
    mappings.clear();
    return Optional.empty();
  }

  @Override
  public Optional<Errno> setDirtyTracking(boolean on) {
    if (!facts.dirtyTracking() && !facts.tracksInHardware()) {
      return Optional.of(Errno.ENOTTY);
    }
    if (on && facts.dirtyStartError().isPresent()) {
      return facts.dirtyStartError();
    }
    tracking = on;
    hardwareLog.clear(EVERYTHING);
    return Optional.empty();
  }

  @Override
  public Optional<Errno> readDirtyPages(long iova, long size, DirtyLog into) {
    if (facts.dirtyGetError().isPresent()) {
      return facts.dirtyGetError();
    }
    if (!tracking || size == 0 || U64.addOverflows(iova, size - 1) || isBitmapTooBig(size)) {
      return Optional.of(Errno.EINVAL);
    }
    collect(new AddressRange(iova, iova + size - 1), into);
    return Optional.empty();
  }

  /**
   * Type1 has pinned all it maps, so all of it counts as dirty (R-DT-24); hardware knows the
   * writes.
   */
  private void collect(AddressRange range, DirtyLog into) {
    if (iommufd) {
      hardwareLog.collect(range, into);
      return;
    }
    for (DmaMapping mapping : mappings(range)) {
      into.mark(
          new AddressRange(
              U64.max(mapping.iova(), range.first()), U64.min(last(mapping), range.last())));
    }
  }

  @Override
  public List<AddressRange> dmaWrite(AddressRange written) {
    List<AddressRange> ram = new ArrayList<>();
    for (DmaMapping mapping : mappings(written)) {
      if (!mapping.readonly()) {
        long first = U64.max(mapping.iova(), written.first());
        long last = U64.min(last(mapping), written.last());
        if (tracking) {
          hardwareLog.mark(new AddressRange(first, last));
        }
        long toRam = mapping.ramAddress() - mapping.iova();
        ram.add(new AddressRange(first + toRam, last + toRam));
      }
    }
    return ram;
  }

  @Override
  public List<DmaMapping> mappings() {
    return new ArrayList<>(mappings.values());
  }

  @Override
  public List<DmaMapping> mappings(AddressRange range) {
    Map.Entry<Long, DmaMapping> atStart = mappings.floorEntry(range.first());
    boolean reachesIn = atStart != null && U64.lessOrEqual(range.first(), last(atStart.getValue()));
    long first = reachesIn ? atStart.getKey() : range.first();
    return new ArrayList<>(mappings.subMap(first, true, range.last(), true).values());
  }

  /** Only the bitmaps of type1 have a greatest size. */
  private boolean isBitmapTooBig(long size) {
    return facts.dirtyTracking()
        && U64.less(facts.maxDirtyBitmapSize(), KernelContainer.bitmapBytes(size, pageSize));
  }

  private boolean isMalformed(long iova, long size) {
    long mask = Long.lowestOneBit(facts.pageSizes()) - 1;
    return size == 0 || ((size | iova) & mask) != 0 || U64.addOverflows(iova, size - 1);
  }

  /** Whether one of the windows that begin at or below the first address reaches to the last. */
  private boolean isInWindow(long first, long last) {
    if (facts.iovaRanges().isEmpty()) {
      return true;
    }
    Map.Entry<Long, Long> reach = windows.floorEntry(first);
    return reach != null && U64.lessOrEqual(last, reach.getValue());
  }

  /** By the first address of each window, how far it and those that begin below reach. */
  private static NavigableMap<Long, Long> windows(List<AddressRange> ranges) {
    List<AddressRange> ascending = new ArrayList<>(ranges);
    ascending.sort((one, other) -> U64.compare(one.first(), other.first()));
    NavigableMap<Long, Long> windows = new TreeMap<>(U64::compare);
    long reach = 0;
    for (AddressRange window : ascending) {
      reach = U64.max(reach, window.last());
      windows.put(window.first(), reach);
    }
    return windows;
  }

  private static long last(DmaMapping mapping) {
    return mapping.iova() + mapping.size() - 1;
  }
}
