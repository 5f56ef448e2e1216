package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
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
 * Does with IOMMU sections what VFIO's listener does: registers a notifier, replays, and keeps the
 * books of what is mapped.
 */
final class RecordingListener implements MemoryListener {

  /** Callbacks and events in order. */
  final List<String> log = new ArrayList<>();

  /** Guest addresses by IOVA, as the host's IOMMU would have them. */
  final NavigableMap<Long, Long> mapped = new TreeMap<>();

  final List<IommuNotifier> notifiers = new ArrayList<>();
  final List<QemuError> refusals = new ArrayList<>();

  /** The log so far, which is forgotten. */
  List<String> takeLog() {
    List<String> taken = List.copyOf(log);
    log.clear();
    return taken;
  }

  @Override
  public void regionAdd(MemorySection section) {
    log.add("add " + section.range() + " " + section.region().name());
    if (section.region() instanceof MemoryRegion.Iommu iommu) {
      long start = section.offsetInRegion();
      long end = start + section.size().lastOffset();
      IommuNotifier notifier =
          new IommuNotifier(NotifierFlags.IOTLB_EVENTS, start, end, this::notified);
      iommu.register(notifier).ifPresentOrElse(refusals::add, () -> notifiers.add(notifier));
      iommu.model().replay(notifier);
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    log.add("del " + section.range() + " " + section.region().name());
    if (section.region() instanceof MemoryRegion.Iommu iommu) {
      for (IommuNotifier notifier : List.copyOf(notifiers)) {
        if (notifier.start() == section.offsetInRegion()) {
          iommu.unregister(notifier);
          notifiers.remove(notifier);
        }
      }
      mapped.clear();
    }
  }

  private void notified(IotlbEntry entry) {
    String where = U64.hex(entry.iova()) + "+" + U64.hex(entry.addressMask());
    String target = U64.hex(entry.translatedAddress());
    if (entry.access() == IommuAccess.NONE) {
      log.add("unmap " + where + " was " + target);
      mapped.subMap(entry.iova(), true, entry.lastIova(), true).clear();
    } else {
      log.add("map " + where + " to " + target);
      if (mapped.put(entry.iova(), entry.translatedAddress()) != null) {
        throw new AssertionError("mapped twice: " + where);
      }
    }
  }
}
