package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Keeps the books of a container, type1 or an iommufd with one set of page tables. */
final class SimulatedContainer implements KernelContainer {

  private static final AddressRange EVERYTHING = new AddressRange(0, U64.MAX);

  /** For so many there is room at once in a list of them: a small VM has no more. */
  private static final int USUAL_MAPPINGS = 32;

  private final HostContainer facts;
  private final int pageSize;
  private final IovaMap mappings = new IovaMap(); // to RAM addresses
  private final List<AddressRange> windows;
  private final Set<Integer> groups = new HashSet<>(4);
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
    return mappings.map(iova, iova + size - 1, mapping.ramAddress(), access(mapping))
        ? Optional.empty()
        : Optional.of(Errno.EEXIST);
  }

  @Override
  public long mapPages(DmaMapping first, long pages) {
    long iova = first.iova();
    long size = first.size();
    if (Long.bitCount(size) != 1
        || isMalformed(iova, size)
        || U64.lessOrEqual(facts.dmaAvailable(), mappings.size())) {
      return 0;
    }
    long fitting = U64.min(pages, facts.dmaAvailable() - mappings.size());
    long last = iova + fitting * size - 1;
    return isInWindow(iova, last)
            && mappings.mapPages(iova, last, size, first.ramAddress(), access(first))
        ? fitting
        : 0;
  }

  private static IommuAccess access(DmaMapping mapping) {
    return mapping.readonly() ? IommuAccess.READ : IommuAccess.READ_WRITE;
  }

  @Override
  public Optional<Errno> unmap(long iova, long size) {
    if (isMalformed(iova, size)) {
      return Optional.of(Errno.EINVAL);
    }
    long last = iova + size - 1;
    if (mappings.splits(iova) || last != U64.MAX && mappings.splits(last + 1)) {
      return Optional.of(Errno.EINVAL);
    }
    mappings.unmap(iova, last);
    return Optional.empty();
  }

  @Override
  public long unmapPages(long iova, long size, long pages) {
    return Long.bitCount(size) == 1
            && !isMalformed(iova, size)
            && mappings.unmapPages(iova, iova + pages * size - 1, size)
        ? pages
        : 0;
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
    mappings.forEachRun(
        range.first(),
        range.last(),
        (first, last, target, access) -> into.mark(new AddressRange(first, last)));
  }

  @Override
  public List<AddressRange> dmaWrite(AddressRange written) {
    List<AddressRange> ram = new ArrayList<>();
    mappings.forEachRun(
        written.first(),
        written.last(),
        (first, last, target, access) -> {
          if (access.canWrite()) {
            if (tracking) {
              hardwareLog.mark(new AddressRange(first, last));
            }
            ram.add(new AddressRange(target, target + (last - first)));
          }
        });
    return ram;
  }

  @Override
  public List<DmaMapping> mappings() {
    return mappings(EVERYTHING);
  }

  @Override
  public List<DmaMapping> mappings(AddressRange range) {
    List<DmaMapping> found = new ArrayList<>((int) Math.min(mappings.size(), USUAL_MAPPINGS));
    mappings.forEach(
        range.first(),
        range.last(),
        (first, last, target, access) ->
            found.add(new DmaMapping(first, last - first + 1, target, !access.canWrite())));
    return found;
  }

  /** Only the bitmaps of type1 have a greatest size. */
  private boolean isBitmapTooBig(long size) {
    return facts.dirtyTracking()
        && U64.less(facts.maxDirtyBitmapSize(), KernelContainer.bitmapBytes(size, pageSize));
  }

  private boolean isMalformed(long iova, long size) {
    long mask = Long.lowestOneBit(facts.pageSizes()) - 1 | IovaMap.PAGE - 1;
    return size == 0 || ((size | iova) & mask) != 0 || U64.addOverflows(iova, size - 1);
  }

  /** Whether one of the windows that begin at or below the first address reaches to the last. */
  private boolean isInWindow(long first, long last) {
    if (facts.iovaRanges().isEmpty()) {
      return true;
    }
    int from = 0;
    int to = windows.size();
    while (from < to) {
      int middle = from + to >>> 1;
      if (U64.lessOrEqual(windows.get(middle).first(), first)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from > 0 && U64.lessOrEqual(last, windows.get(from - 1).last());
  }

  /** The windows, ascending, each as far as it and those that begin below reach. */
  private static List<AddressRange> windows(List<AddressRange> ranges) {
    List<AddressRange> windows = new ArrayList<>(ranges);
    windows.sort((one, other) -> U64.compare(one.first(), other.first()));
    long reach = 0;
    for (int i = 0; i < windows.size(); i++) {
      AddressRange window = windows.get(i);
      reach = U64.max(reach, window.last());
      windows.set(i, new AddressRange(window.first(), reach));
    }
    return windows;
  }
}
