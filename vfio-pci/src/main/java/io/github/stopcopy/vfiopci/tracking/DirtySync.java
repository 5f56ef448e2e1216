package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.memory.RamDiscardManager;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import io.github.stopcopy.vfiopci.mapping.DirtyPageCollector;
import io.github.stopcopy.vfiopci.mapping.DmaText;
import io.github.stopcopy.vfiopci.mapping.GuestIommuSection;
import io.github.stopcopy.vfiopci.mapping.MappedContainer;
import io.github.stopcopy.vfiopci.mapping.SectionFilter;
import io.github.stopcopy.vfiopci.mapping.TranslatedMemory;
import java.util.List;
import java.util.Optional;

/**
 * How the dirty pages of a container are collected and marked in RAM, on a sync and when a mapping
 * goes (R-DT-50 .. R-DT-59, R-LST-46 .. R-LST-53).
 */
public final class DirtySync implements DirtyPageCollector {

  private static final AddressRange EVERYTHING = new AddressRange(0, U64.MAX);

  private final VfioEnvironment vfio;
  private final MappedContainer container;
  private final List<? extends TrackedDevice> devices;
  private final TranslatedMemory translated;
  private final DirtyTracking tracking;

  /** Empty between queries, of which there may be many. */
  private final DirtyLog found;

  /**
   * Collects for a container.
   *
   * @param vfio what VFIO needs of the rest
   * @param container what it maps
   * @param devices its devices as they come and go
   * @param translated which memory translations lead to
   * @param tracking who tracks
   */
  public DirtySync(
      VfioEnvironment vfio,
      MappedContainer container,
      List<? extends TrackedDevice> devices,
      TranslatedMemory translated,
      DirtyTracking tracking) {
    this.vfio = vfio;
    this.container = container;
    this.devices = devices;
    this.translated = translated;
    this.tracking = tracking;
    this.found = new DirtyLog(vfio.pageSize());
  }

  @Override
  public void sync(MemorySection section) {
    if (SectionFilter.isSkipped(section)
        || section.readonly() && !vfio.tracksReadonly()
        || !isSyncNeeded()) {
      return;
    }
    MemoryRegion region = section.region();
    if (region instanceof MemoryRegion.Iommu iommu) {
      syncTranslations(iommu, section);
      return;
    }
    Optional<QemuError> failed;
    if (region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      failed = ram.discardManager().get().replayPopulated(section, populatedQuery(section));
    } else {
      long iova = U64.alignUp(section.offsetInAddressSpace(), vfio.pageSize());
      long ramAddress = vfio.memory().ramDirtyLog().addressOf(region, section.offsetInRegion());
      failed = query(iova, section.size().lowBits(), ramAddress);
    }
    failed.ifPresent(this::syncFailed);
  }

  /** Whether dirty pages are collected at all now (R-DT-53, R-DT-59). */
  private boolean isSyncNeeded() {
    if (vfio.behaviour().trackingNeedsStarted() ? !tracking.isStarted() : !isActive()) {
      return false;
    }
    for (TrackedDevice device : devices) {
      Optional<VfioDeviceState> state = device.migrationState();
      if (state.isEmpty() || !device.collectsWhileRunning() && state.get().isRunning()) {
        return false;
      }
    }
    return true;
  }

  private boolean isActive() {
    MigrationStatus status = vfio.migration().status();
    return status == MigrationStatus.ACTIVE || status == MigrationStatus.DEVICE;
  }

  /**
   * Asks for the dirty pages of a range and marks them in RAM; nobody to ask means that all of it
   * is dirty, the RAM itself and not the pages around its I/O virtual addresses (R-DT-51).
   *
   * @param iova the first I/O virtual address
   * @param size bytes
   * @param ramAddress the RAM address that QEMU takes the first one for
   */
  private Optional<QemuError> query(long iova, long size, long ramAddress) {
    TrackedBy tracker = tracking.trackedBy();
    if (tracker == TrackedBy.NOBODY) {
      markAll(iova, size, ramAddress);
      return Optional.empty();
    }
    try {
      Optional<QemuError> failed =
          tracker == TrackedBy.DEVICES
              ? askDevices(iova, size, found)
              : askContainer(iova, size, found);
      if (failed.isEmpty()) {
        markRam(found, iova, ramAddress);
      }
      return failed;
    } finally {
      found.clear(EVERYTHING);
    }
  }

  /** Marks in RAM what was found, as far as somebody migrates (R-DT-52). */
  private void markRam(DirtyLog found, long iova, long ramAddress) {
    if (!found.isEmpty() && vfio.memory().isDirtyLogOn()) {
      vfio.events()
          .record(new VfioEvent.DirtyPages(container.number(), iova, ramAddress, found.count()));
      found.moveInto(vfio.memory().ramDirtyLog().pages(), ramAddress - iova);
    }
  }

  /** Marks all RAM from an address on, as far as somebody migrates. */
  private void markAll(long iova, long size, long ramAddress) {
    if (size == 0 || !vfio.memory().isDirtyLogOn()) {
      return;
    }
    long pages = Long.divideUnsigned(size - 1, vfio.pageSize()) + 1;
    vfio.events().record(new VfioEvent.DirtyPages(container.number(), iova, ramAddress, pages));
    vfio.memory()
        .ramDirtyLog()
        .pages()
        .mark(new AddressRange(ramAddress, U64.addSaturated(ramAddress, size - 1)));
  }

  /** Every device adds to the same pages. */
  private Optional<QemuError> askDevices(long iova, long size, DirtyLog found) {
    for (TrackedDevice device : devices) {
      Optional<Errno> refused = device.log().report(iova, size, found);
      if (refused.isPresent()) {
        Errno errno = refused.get();
        String text =
            device.name()
                + ": Failed to get DMA logging report, iova: "
                + U64.hex(iova)
                + ", size: "
                + U64.hex(size)
                + (vfio.behaviour().errorsAreValues()
                    ? ": " + errno.text()
                    : ", err: " + DmaText.negative(errno));
        return Optional.of(QemuError.of(errno, text));
      }
    }
    return Optional.empty();
  }

  private Optional<QemuError> askContainer(long iova, long size, DirtyLog found) {
    Optional<Errno> refused = container.kernel().readDirtyPages(iova, size, found);
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    Errno errno = refused.get();
    String text =
        "Failed to get dirty bitmap for iova: "
            + U64.hex(iova)
            + " size: "
            + U64.hex(size)
            + (vfio.behaviour().errorsAreValues()
                ? ": " + errno.text()
                : " err: " + errno.number());
    return Optional.of(QemuError.of(errno, text));
  }

  private RamDiscardManager.Listener populatedQuery(MemorySection section) {
    return new RamDiscardManager.Listener() {
      @Override
      public Optional<QemuError> populate(long offset, long size) {
        return query(
            section.offsetInAddressSpace() + (offset - section.offsetInRegion()),
            size,
            vfio.memory().ramDirtyLog().addressOf(section.region(), offset));
      }

      @Override
      public void discard(long offset, long size) {}
    };
  }

  /** Walks the translations of a section and asks for the pages of each (R-DT-57). */
  private void syncTranslations(MemoryRegion.Iommu region, MemorySection section) {
    for (GuestIommuSection known : container.guestIommuSections()) {
      if (known.region() == region && known.notifier().start() == section.offsetInRegion()) {
        IommuNotifier walk =
            new IommuNotifier(
                new NotifierFlags(true, false, false),
                known.notifier().start(),
                known.notifier().end(),
                entry -> syncTranslation(entry, known.iommuOffset()));
        region.model().replay(walk);
        return;
      }
    }
  }

  private void syncTranslation(IotlbEntry entry, long iommuOffset) {
    if (entry.target() != vfio.system()) {
      translationNotSynced(TranslatedMemory.wrongTarget(entry));
      return;
    }
    if (!vfio.tracksReadonly() && !entry.access().canWrite()) {
      return;
    }
    Result<FlatRange> memory =
        entry.access() == IommuAccess.NONE
            ? Result.failed(QemuError.of(""))
            : translated.guestMemory(entry);
    if (!(memory instanceof Result.Ok<FlatRange> found)) {
      translationNotSynced(((Result.Failed<FlatRange>) memory).error().text());
      return;
    }
    long iova = entry.iova() + iommuOffset;
    long size = entry.addressMask() + 1;
    Optional<QemuError> failed =
        query(iova, size, translated.ramAddress(found.value(), entry.translatedAddress()));
    failed.ifPresent(error ->
        syncFailed(
            error,
            "vfio_iommu_map_dirty_notify(PTR, "
                + U64.hex(iova)
                + ", "
                + U64.hex(size)
                + ") = "
                + DmaText.negative(error.errno())));
  }

  private void syncFailed(QemuError error) {
    syncFailed(error, "vfio: Failed to sync dirty bitmap, err: " + DmaText.negative(error.errno()));
  }

  private void syncFailed(QemuError error, String line) {
    vfio.failed(new FailureCause.DirtyPagesNotRead(container.number()), line);
    if (vfio.behaviour().errorsAreValues() && !vfio.behaviour().keepsSyncErrors()) {
      vfio.events().error(error);
      vfio.migration().setStreamError(error.errno());
    } else {
      vfio.failStream(error, error.text(), line);
    }
  }

  /** A translation leads to no memory of the guest, or none that could be dirty (R-DT-57). */
  private void translationNotSynced(String line) {
    if (!line.isEmpty()) {
      vfio.events().error(line);
    }
    vfio.failed(new FailureCause.DirtyPagesNotRead(container.number()), line);
    vfio.migration().setStreamError(Errno.EINVAL);
  }

  /** {@inheritDoc} Iommufd did not do so in 10.2, and later does it first (R-LST-53). */
  @Override
  public Optional<Errno> unmapTranslation(long iova, long size, long translatedAddress) {
    if (!isCollectingOnUnmap()) {
      return container.unmap(iova, size);
    }
    List<DmaMapping> going = going(iova, size, translatedAddress);
    if (container.isIommufd()) {
      if (vfio.behaviour().collectsDirtyOnRemoval()) {
        query(going).ifPresent(this::syncFailed);
      }
      return container.unmap(iova, size);
    }
    if (tracking.trackedBy() == TrackedBy.CONTAINER) {
      return unmapWithBitmap(iova, size, going);
    }
    Optional<Errno> refused = container.unmap(iova, size);
    if (refused.isPresent()) {
      return refused;
    }
    Optional<QemuError> failed = query(going);
    if (failed.isPresent() && !vfio.behaviour().errorsAreValues()) {
      vfio.events().error(failed.get());
    }
    return failed.map(QemuError::errno);
  }

  @Override
  public long unmapTranslations(long iova, long size, long pages) {
    return isCollectingOnUnmap() ? 0 : container.unmapPages(iova, size, pages);
  }

  /**
   * What is asked for when translations go, and which RAM it stands for. QEMU takes the guest
   * physical address of the event for a RAM address, which it is not above 4 GiB, and which Intel's
   * events do not carry (R-DT-62); the policy may want the RAM that was mapped.
   */
  private List<DmaMapping> going(long iova, long size, long translatedAddress) {
    return vfio.policy().findsRamOfUnmappedPages() && !U64.addOverflows(iova, size - 1)
        ? container.kernel().mappings(new AddressRange(iova, iova + size - 1))
        : List.of(new DmaMapping(iova, size, translatedAddress, false));
  }

  private Optional<QemuError> query(List<DmaMapping> mappings) {
    for (DmaMapping mapping : mappings) {
      Optional<QemuError> failed = query(mapping.iova(), mapping.size(), mapping.ramAddress());
      if (failed.isPresent()) {
        return failed;
      }
    }
    return Optional.empty();
  }

  private boolean isCollectingOnUnmap() {
    if (vfio.behaviour().trackingNeedsStarted()) {
      return tracking.isStarted();
    }
    if (!vfio.migration().status().isActive()) {
      return false;
    }
    for (TrackedDevice device : devices) {
      Optional<VfioDeviceState> state = device.migrationState();
      if (state.isEmpty() || !state.get().isRunning()) {
        return false;
      }
    }
    return true;
  }

  /** One call that unmaps and hands over the bitmap, which has a greatest size (R-LST-51). */
  private Optional<Errno> unmapWithBitmap(long iova, long size, List<DmaMapping> going) {
    long bytes = KernelContainer.bitmapBytes(size, vfio.pageSize());
    if (U64.less(container.kernel().info().maxDirtyBitmapSize(), bytes)) {
      vfio.events().error("UNMAP: Size of bitmap too big " + U64.hex(bytes));
      return Optional.of(Errno.E2BIG);
    }
    DirtyLog found = new DirtyLog(vfio.pageSize());
    Optional<Errno> refused = container.kernel().unmap(iova, size, found);
    vfio.events().record(new VfioEvent.DmaUnmap(container.number(), iova, size, refused));
    if (refused.isPresent()) {
      vfio.events().error("VFIO_UNMAP_DMA with DIRTY_BITMAP : " + refused.get().text());
      return refused;
    }
    for (DmaMapping mapping : going) {
      DirtyLog part = new DirtyLog(vfio.pageSize());
      found.collect(new AddressRange(mapping.iova(), mapping.iova() + mapping.size() - 1), part);
      markRam(part, mapping.iova(), mapping.ramAddress());
    }
    return Optional.empty();
  }

  /**
   * 11.0 asks for the dirty pages of writable RAM before the section is unmapped (R-LST-46), and
   * takes the I/O virtual address for the RAM address (R-DT-62, Q-11).
   */
  @Override
  public void collectBeforeRemoval(MemorySection section, AddressRange range) {
    boolean writableRam = section.region().isRam() && !section.readonly();
    if (vfio.memory().isDirtyLogOn() && writableRam && tracking.isStarted()) {
      long offset = section.offsetInRegion() + (range.first() - section.offsetInAddressSpace());
      long ramAddress =
          vfio.policy().findsRamOfUnmappedPages()
              ? vfio.memory().ramDirtyLog().addressOf(section.region(), offset)
              : range.first();
      query(range.first(), range.size().lowBits(), ramAddress).ifPresent(this::syncFailed);
    }
  }
}
