package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.memory.RamDiscardManager;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who tracks the dirty pages of a container, and how that is started, stopped and asked (R-DT-20 ..
 * R-DT-37, R-DT-50 .. R-DT-59). No bitmap is kept: what counts here is what is asked and what fails.
 */
final class DirtyTracking {

  private static final String COULD_NOT_START = "vfio: Could not start dirty page tracking";
  private static final String COULD_NOT_STOP = "vfio: Could not stop dirty page tracking";

  private final VfioContainer container;
  private final VfioSubsystem vfio;
  private boolean containerTracking;

  DirtyTracking(VfioContainer container) {
    this.container = container;
    this.vfio = container.vfio();
  }

  /** Who tracks (R-DT-20 .. R-DT-22); asked anew each time. */
  enum Tracker {
    DEVICES,
    CONTAINER,
    NOBODY
  }

  Tracker tracker() {
    if (container.devices().stream().allMatch(VfioPciDevice::usesDeviceDirtyTracking)) {
      return Tracker.DEVICES;
    }
    return canTrackInContainer() ? Tracker.CONTAINER : Tracker.NOBODY;
  }

  /** An iommufd container tracks with the IOMMU's hardware, a type1 container by pinned pages. */
  private boolean canTrackInContainer() {
    return container.isIommufd()
        ? container.kernel().info().iommuDirtyTracking()
        : container.canTrackDirtyPages();
  }

  /** Starts tracking; 8.1 reports a failure through the stream only (R-DT-30, R-DT-36). */
  Optional<QemuError> start() {
    Optional<QemuError> failed =
        switch (tracker()) {
          case DEVICES -> startDevices();
          case CONTAINER -> setContainerTracking(true);
          case NOBODY -> Optional.empty();
        };
    if (failed.isEmpty()) {
      return failed;
    }
    QemuError error = failed.get();
    if (vfio.behaviour().errorsAreValues()) {
      return Optional.of(error.withPrefix(COULD_NOT_START + " - "));
    }
    vfio.events().error(COULD_NOT_START + ", err: " + DmaText.negative(error.errno()));
    vfio.migration().setStreamError(error.errno());
    return Optional.empty();
  }

  /** Stops whoever would be tracking now (R-DT-35). */
  void stop() {
    switch (tracker()) {
      case DEVICES -> container.devices().forEach(this::stopDevice);
      case CONTAINER -> setContainerTracking(false).ifPresent(this::stopFailed);
      case NOBODY -> {}
    }
  }

  private void stopFailed(QemuError error) {
    if (vfio.behaviour().errorsAreValues()) {
      vfio.migration().setStreamError(error.withPrefix(COULD_NOT_STOP + " - "));
    } else {
      vfio.events().error(COULD_NOT_STOP + ", err: " + DmaText.negative(error.errno()));
      vfio.migration().setStreamError(error.errno());
    }
  }

  /** Has every device log, the newest first; if one fails all of this container stop (R-DT-33). */
  private Optional<QemuError> startDevices() {
    if (isTranslated() && vfio.allIommuPassthrough()) {
      vfio.events()
          .error(
              "vIOMMU mappings active cannot start dirty tracking, err "
                  + DmaText.negative(Errno.EOPNOTSUPP));
      return Optional.of(QemuError.of(Errno.EOPNOTSUPP, ""));
    }
    TrackedRanges.Request request = TrackedRanges.of(container);
    if (request.asked().isEmpty() && request.unknown().isEmpty()) {
      if (vfio.policy().tracksSeparateRanges()) {
        return Optional.of(
            QemuError.of(
                Errno.ENODATA, container.deviceNames() + ": there is no memory to track"));
      }
      String prefix = vfio.behaviour().errorsAreValues() ? "Failed to prepare DMA logging: " : "";
      return Optional.of(QemuError.of(Errno.ENOMEM, prefix + Errno.ENOMEM.text()));
    }
    for (VfioPciDevice device : container.devices()) {
      if (device.isLogging()) {
        continue;
      }
      Optional<Errno> refused = device.startLogging(request, vfio.pageSize());
      if (refused.isPresent()) {
        Errno errno = refused.get();
        String text = device.name() + ": Failed to start DMA logging";
        if (!vfio.behaviour().errorsAreValues()) {
          vfio.events().error(text + ", err " + DmaText.negative(errno));
        }
        container.devices().forEach(this::stopDevice);
        return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
      }
    }
    return Optional.empty();
  }

  /** Whether sections of this container, or with the policy of any, are translated. */
  private boolean isTranslated() {
    return vfio.policy().checksAllContainersFirst()
        ? vfio.containers().stream().anyMatch(other -> !other.guestIommuSections().isEmpty())
        : !container.guestIommuSections().isEmpty();
  }

  private void stopDevice(VfioPciDevice device) {
    if (!device.isLogging()) {
      return;
    }
    Optional<Errno> refused = device.stopLogging();
    if (refused.isPresent()) {
      Errno errno = refused.get();
      int number = vfio.behaviour().errorsAreValues() ? errno.number() : -errno.number();
      vfio.events()
          .warning(
              device.name() + ": Failed to stop DMA logging, err " + number + " (" + errno.text()
                  + ")");
    }
  }

  /** Switches tracking by the container; later releases skip a switch that is already so (R-DT-24). */
  private Optional<QemuError> setContainerTracking(boolean on) {
    if (vfio.behaviour().skipsKnownTracking() && on == containerTracking) {
      return Optional.empty();
    }
    Optional<Errno> refused = container.kernel().setDirtyTracking(on);
    vfio.events().record(new VfioEvent.ContainerDirty(container.number(), on, refused));
    if (refused.isEmpty()) {
      containerTracking = on;
      return Optional.empty();
    }
    Errno errno = refused.get();
    String text = "Failed to set dirty tracking flag 0x" + (on ? 1 : 2);
    if (vfio.behaviour().errorsAreValues()) {
      return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
    }
    vfio.events().error(text + " errno: " + errno.number());
    return Optional.of(QemuError.of(errno, text));
  }

  /** Collects the dirty pages of a section (R-DT-53 .. R-DT-58). */
  void sync(MemorySection section, IotlbMapper mapper) {
    if (SectionFilter.isSkipped(section)
        || section.readonly() && !vfio.tracksReadonly()
        || !isSyncNeeded()) {
      return;
    }
    MemoryRegion region = section.region();
    if (region instanceof MemoryRegion.Iommu iommu) {
      syncTranslations(iommu, section, mapper);
      return;
    }
    Optional<QemuError> failed;
    if (region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      failed = ram.discardManager().get().replayPopulated(section, populatedQuery(section));
    } else {
      long iova = U64.alignUp(section.offsetInAddressSpace(), vfio.pageSize());
      failed = query(iova, section.size().lowBits());
    }
    failed.ifPresent(this::syncFailed);
  }

  /** Whether dirty pages are collected at all now (R-DT-53, R-DT-59). */
  private boolean isSyncNeeded() {
    if (vfio.behaviour().trackingNeedsStarted() ? !isStarted() : !isActive()) {
      return false;
    }
    for (VfioPciDevice device : container.devices()) {
      Optional<VfioMigration> migration = device.migration();
      if (migration.isEmpty()
          || !device.collectsWhileRunning() && migration.get().state().isRunning()) {
        return false;
      }
    }
    return true;
  }

  private boolean isActive() {
    MigrationStatus status = vfio.migration().status();
    return status == MigrationStatus.ACTIVE || status == MigrationStatus.DEVICE;
  }

  private boolean isStarted() {
    return containerTracking || container.devices().stream().allMatch(VfioPciDevice::isLogging);
  }

  /** Asks for the dirty pages of a range; nobody to ask means that all of it is dirty (R-DT-51). */
  private Optional<QemuError> query(long iova, long size) {
    boolean values = vfio.behaviour().errorsAreValues();
    switch (tracker()) {
      case DEVICES -> {
        for (VfioPciDevice device : container.devices()) {
          Optional<Errno> refused = device.report(iova, size);
          if (refused.isPresent()) {
            Errno errno = refused.get();
            String text =
                device.name() + ": Failed to get DMA logging report, iova: " + U64.hex(iova)
                    + ", size: " + U64.hex(size)
                    + (values ? ": " + errno.text() : ", err: " + DmaText.negative(errno));
            return Optional.of(QemuError.of(errno, text));
          }
        }
      }
      case CONTAINER -> {
        Optional<Errno> refused = container.kernel().readDirtyPages(iova, size);
        if (refused.isPresent()) {
          Errno errno = refused.get();
          String text =
              "Failed to get dirty bitmap for iova: " + U64.hex(iova) + " size: " + U64.hex(size)
                  + (values ? ": " + errno.text() : " err: " + errno.number());
          return Optional.of(QemuError.of(errno, text));
        }
      }
      case NOBODY -> {}
    }
    return Optional.empty();
  }

  private RamDiscardManager.Listener populatedQuery(MemorySection section) {
    return new RamDiscardManager.Listener() {
      @Override
      public Optional<QemuError> populate(long offset, long size) {
        return query(
            section.offsetInAddressSpace() + (offset - section.offsetInRegion()), size);
      }

      @Override
      public void discard(long offset, long size) {}
    };
  }

  /** Walks the translations of a section and asks for the pages of each (R-DT-57). */
  private void syncTranslations(
      MemoryRegion.Iommu region, MemorySection section, IotlbMapper mapper) {
    for (GuestIommuSection known : container.guestIommuSections()) {
      if (known.region() == region && known.notifier().start() == section.offsetInRegion()) {
        IommuNotifier walk =
            new IommuNotifier(
                new NotifierFlags(true, false, false),
                known.notifier().start(),
                known.notifier().end(),
                entry -> syncTranslation(entry, known.iommuOffset(), mapper));
        region.model().replay(walk);
        return;
      }
    }
  }

  private void syncTranslation(IotlbEntry entry, long iommuOffset, IotlbMapper mapper) {
    if (entry.target() != vfio.system()) {
      mapper.wrongTarget(entry);
      vfio.migration().setStreamError(Errno.EINVAL);
      return;
    }
    if (!vfio.tracksReadonly() && !entry.access().canWrite()) {
      return;
    }
    if (entry.access() == IommuAccess.NONE || mapper.guestMemory(entry).isEmpty()) {
      vfio.migration().setStreamError(Errno.EINVAL);
      return;
    }
    long iova = entry.iova() + iommuOffset;
    long size = entry.addressMask() + 1;
    Optional<QemuError> failed = query(iova, size);
    if (failed.isEmpty()) {
      return;
    }
    QemuError error = failed.get();
    if (vfio.behaviour().errorsAreValues()) {
      vfio.migration().setStreamError(error);
    } else {
      vfio.events().error(error);
      vfio.events()
          .error(
              "vfio_iommu_map_dirty_notify(PTR, " + U64.hex(iova) + ", " + U64.hex(size) + ") = "
                  + DmaText.negative(error.errno()));
      vfio.migration().setStreamError(error.errno());
    }
  }

  private void syncFailed(QemuError error) {
    if (vfio.behaviour().errorsAreValues()) {
      vfio.migration().setStreamError(error);
    } else {
      vfio.events().error(error);
      vfio.events()
          .error("vfio: Failed to sync dirty bitmap, err: " + DmaText.negative(error.errno()));
      vfio.migration().setStreamError(error.errno());
    }
  }

  /**
   * Removes a translation; while pages are tracked its dirty pages are collected (R-LST-50). Iommufd did
   * not do so in 10.2, and later does it first (R-LST-53).
   */
  Optional<Errno> unmapTranslation(long iova, long size) {
    if (!isCollectingOnUnmap()) {
      return container.unmap(iova, size);
    }
    if (container.isIommufd()) {
      if (vfio.behaviour().collectsDirtyOnRemoval()) {
        query(iova, size).ifPresent(this::syncFailed);
      }
      return container.unmap(iova, size);
    }
    if (tracker() == Tracker.CONTAINER) {
      return unmapWithBitmap(iova, size);
    }
    Optional<Errno> refused = container.unmap(iova, size);
    if (refused.isPresent()) {
      return refused;
    }
    Optional<QemuError> failed = query(iova, size);
    if (failed.isPresent() && !vfio.behaviour().errorsAreValues()) {
      vfio.events().error(failed.get());
    }
    return failed.map(QemuError::errno);
  }

  private boolean isCollectingOnUnmap() {
    if (vfio.behaviour().trackingNeedsStarted()) {
      return isStarted();
    }
    if (!vfio.migration().status().isActive()) {
      return false;
    }
    for (VfioPciDevice device : container.devices()) {
      @Nullable VfioMigration migration = device.migration().orElse(null);
      if (migration == null || !migration.state().isRunning()) {
        return false;
      }
    }
    return true;
  }

  /** One call that unmaps and hands over the bitmap, which has a greatest size (R-LST-51). */
  private Optional<Errno> unmapWithBitmap(long iova, long size) {
    long bytes = KernelContainer.bitmapBytes(size, vfio.pageSize());
    if (U64.less(container.kernel().info().maxDirtyBitmapSize(), bytes)) {
      vfio.events().error("UNMAP: Size of bitmap too big " + U64.hex(bytes));
      return Optional.of(Errno.E2BIG);
    }
    Optional<Errno> refused = container.kernel().unmap(iova, size);
    vfio.events().record(new VfioEvent.DmaUnmap(container.number(), iova, size, refused));
    refused.ifPresent(
        errno ->
            vfio.events().error("VFIO_UNMAP_DMA with DIRTY_BITMAP : " + errno.text()));
    return refused;
  }

  /** 11.0 asks for the dirty pages of writable RAM before the section is unmapped (R-LST-46). */
  void collectBeforeRemoval(MemorySection section, AddressRange range) {
    boolean writableRam = section.region().isRam() && !section.readonly();
    if (vfio.memory().isDirtyLogOn() && writableRam && isStarted()) {
      query(range.first(), range.size().lowBits()).ifPresent(this::syncFailed);
    }
  }
}
