package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps the books of a container, type1 or an iommufd with one set of page tables. */
final class SimulatedContainer implements KernelContainer {

  private final HostContainer facts;
  private final int pageSize;
  private final TreeMap<Long, Mapping> mappings = new TreeMap<>(U64::compare);
  private final Set<Integer> groups = new HashSet<>();
  private boolean tracking;

  SimulatedContainer(HostContainer facts, int pageSize) {
    this.facts = facts;
    this.pageSize = pageSize;
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
  public Optional<Errno> map(long iova, long size, boolean readonly) {
    if (isMalformed(iova, size) || !isInWindow(iova, iova + size - 1)) {
      return Optional.of(Errno.EINVAL);
    }
    if (U64.lessOrEqual(facts.dmaAvailable(), mappings.size())) {
      return Optional.of(Errno.ENOSPC);
    }
    Map.Entry<Long, Mapping> before = mappings.floorEntry(iova + size - 1);
    if (before != null && U64.lessOrEqual(iova, last(before.getValue()))) {
      return Optional.of(Errno.EEXIST);
    }
    mappings.put(iova, new Mapping(iova, size, readonly));
    return Optional.empty();
  }

  @Override
  public Optional<Errno> unmap(long iova, long size) {
    if (isMalformed(iova, size)) {
      return Optional.of(Errno.EINVAL);
    }
    long end = iova + size - 1;
    Map.Entry<Long, Mapping> atStart = mappings.lowerEntry(iova);
    Map.Entry<Long, Mapping> atEnd = mappings.floorEntry(end);
    if (atStart != null && U64.lessOrEqual(iova, last(atStart.getValue()))
        || atEnd != null && U64.less(end, last(atEnd.getValue()))) {
      return Optional.of(Errno.EINVAL);
    }
    mappings.subMap(iova, true, end, true).clear();
    return Optional.empty();
  }

  @Override
  public Optional<Errno> unmapAll() {
    mappings.clear();
    return Optional.empty();
  }

  @Override
  public Optional<Errno> setDirtyTracking(boolean on) {
    if (!facts.dirtyTracking() && !facts.iommuDirtyTracking()) {
      return Optional.of(Errno.ENOTTY);
    }
    if (on && facts.dirtyStartError().isPresent()) {
      return facts.dirtyStartError();
    }
    tracking = on;
    return Optional.empty();
  }

  @Override
  public Optional<Errno> readDirtyPages(long iova, long size) {
    if (facts.dirtyGetError().isPresent()) {
      return facts.dirtyGetError();
    }
    return tracking && !isBitmapTooBig(size) ? Optional.empty() : Optional.of(Errno.EINVAL);
  }

  @Override
  public List<Mapping> mappings() {
    return new ArrayList<>(mappings.values());
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

  private boolean isInWindow(long first, long last) {
    if (facts.iovaRanges().isEmpty()) {
      return true;
    }
    AddressRange wanted = new AddressRange(first, last);
    for (AddressRange window : facts.iovaRanges()) {
      if (window.contains(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static long last(Mapping mapping) {
    return mapping.iova() + mapping.size() - 1;
  }
}
