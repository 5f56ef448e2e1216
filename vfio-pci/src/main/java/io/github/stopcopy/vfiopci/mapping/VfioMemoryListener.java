package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps what a container's address space shows (R-LST-6, R-LST-10 .. R-LST-62). */
public final class VfioMemoryListener implements MemoryListener {

  private static final long HALF_SPACE = Long.MIN_VALUE;

  private final VfioEnvironment vfio;
  private final MappedContainer container;
  private final TrackingSwitch tracking;
  private final DirtyPageCollector collector;
  private final VmWarnings warnings;
  private final IotlbMapper mapper;
  private final List<DiscardedRamListener> discardListeners = new ArrayList<>();
  private @Nullable QemuError setUpError;
  private boolean initialized;

  /**
   * A listener that sees nothing yet.
   *
   * @param vfio what VFIO needs of the rest
   * @param container where it maps
   * @param translated which memory translations lead to
   * @param tracking who is told of tracking
   * @param collector who collects dirty pages
   * @param warnings what was warned of already
   */
  public VfioMemoryListener(
      VfioEnvironment vfio,
      MappedContainer container,
      TranslatedMemory translated,
      TrackingSwitch tracking,
      DirtyPageCollector collector,
      VmWarnings warnings) {
    this.vfio = vfio;
    this.container = container;
    this.tracking = tracking;
    this.collector = collector;
    this.warnings = warnings;
    this.mapper = new IotlbMapper(vfio, container, translated, collector);
  }

  /** Maps what the address space shows; an error ends the listening again (R-LST-6, R-OBS-14). */
  public Optional<QemuError> open(AddressSpace space) {
    Optional<QemuError> refused = vfio.memory().register(this, space);
    if (setUpError == null && refused.isPresent()) {
      setUpError = refused.get();
    }
    if (setUpError != null) {
      close();
      return Optional.of(setUpError.withPrefix("memory listener initialization failed: "));
    }
    initialized = true;
    return Optional.empty();
  }

  /** Ends the listening, and what is mapped goes. */
  public void close() {
    vfio.memory().unregister(this);
  }

  /** Said, since it would be found out for each device of each VM. */
  @Override
  public boolean takesRegionNop() {
    return false;
  }

  @Override
  public void regionAdd(MemorySection section) {
    if (!SectionFilter.isValid(section, vfio)) {
      return;
    }
    Optional<AddressRange> pages = SectionFilter.wholePages(section, vfio.pageSize());
    if (pages.isEmpty()) {
      return;
    }
    AddressRange range = pages.get();
    record(true, range, section);
    MemoryRegion region = section.region();
    if (region instanceof MemoryRegion.Iommu iommu) {
      addIommuSection(iommu, section, range).ifPresent(error -> fail(section, error));
    } else if (region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      addDiscardedRam(ram, section).ifPresent(error -> fail(section, error));
    } else if (!(region instanceof MemoryRegion.RamDevice) || isAlignedToIommuPages(range)) {
      Optional<QemuError> failed =
          container.map(
              new DmaMapping(
                  range.first(),
                  range.size().lowBits(),
                  ramAddress(section, range.first()),
                  section.readonly()));
      if (failed.isPresent()) {
        mapFailed(section, failed.get());
      }
    }
  }

  @Override
  public void regionDel(MemorySection section) {
    if (!SectionFilter.isValid(section, vfio)) {
      return;
    }
    MemoryRegion region = section.region();
    if (region instanceof MemoryRegion.Iommu iommu) {
      removeIommuSection(iommu, section.offsetInRegion());
    }
    Optional<AddressRange> pages = SectionFilter.wholePages(section, vfio.pageSize());
    if (pages.isEmpty()) {
      return;
    }
    AddressRange range = pages.get();
    record(false, range, section);
    if (region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      removeDiscardedRam(section);
    } else if (!(region instanceof MemoryRegion.RamDevice) || isAlignedToIommuPages(range)) {
      if (vfio.behaviour().collectsDirtyOnRemoval()) {
        collector.collectBeforeRemoval(section, range);
      }
      unmapSection(range);
    }
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    return tracking.start();
  }

  @Override
  public void logGlobalStop() {
    tracking.stop();
  }

  @Override
  public void logSync(MemorySection section) {
    collector.sync(section);
  }

  /** The RAM address of what a section shows at an I/O virtual address. */
  private long ramAddress(MemorySection section, long iova) {
    long offset = section.offsetInRegion() + (iova - section.offsetInAddressSpace());
    return vfio.memory().ramDirtyLog().addressOf(section.region(), offset);
  }

  /** Whether the IOMMU's pages could hold a BAR at all (R-LST-28). */
  private boolean isAlignedToIommuPages(AddressRange range) {
    long mask = Long.lowestOneBit(container.kernel().info().pageSizes()) - 1;
    return ((range.first() | range.size().lowBits()) & mask) == 0;
  }

  /** Follows a translated section (R-LST-24, R-LST-25). */
  private Optional<QemuError> addIommuSection(
      MemoryRegion.Iommu region, MemorySection section, AddressRange range) {
    long iommuOffset = section.offsetInAddressSpace() - section.offsetInRegion();
    IommuNotifier notifier =
        IommuNotifier.ofRuns(
            NotifierFlags.IOTLB_EVENTS,
            section.offsetInRegion(),
            section.offsetInRegion() + section.size().lastOffset(),
            mapper.at(iommuOffset));
    if (vfio.behaviour().offersPageSizes()) {
      Optional<QemuError> refused =
          region.model().offerPageSizes(container.kernel().info().pageSizes());
      if (refused.isPresent()) {
        return refused;
      }
    }
    Optional<QemuError> refused = region.register(notifier);
    if (refused.isPresent()) {
      return refused;
    }
    container.addGuestIommuSection(new GuestIommuSection(region, iommuOffset, range, notifier));
    vfio.events().record(new VfioEvent.IommuSectionAdded(container.number(), range));
    tracking.translatedSectionAdded(range);
    region.model().replay(notifier);
    return Optional.empty();
  }

  private void removeIommuSection(MemoryRegion.Iommu region, long start) {
    for (GuestIommuSection section : container.guestIommuSections()) {
      if (section.region() == region && section.notifier().start() == start) {
        region.unregister(section.notifier());
        container.removeGuestIommuSection(section);
        return;
      }
    }
  }

  private Optional<QemuError> addDiscardedRam(MemoryRegion.Ram ram, MemorySection section) {
    DiscardedRamListener listener = new DiscardedRamListener(vfio, container, ram, section);
    discardListeners.add(listener);
    Optional<QemuError> refused = listener.register();
    if (refused.isPresent()) {
      return refused;
    }
    return DiscardedRamListener.checkMappingLimit(vfio, container, discardListeners);
  }

  private void removeDiscardedRam(MemorySection section) {
    for (DiscardedRamListener listener : discardListeners) {
      if (listener.section().equals(section)) {
        listener.unregister();
        discardListeners.remove(listener);
        return;
      }
    }
  }

  /**
   * One unmap for the whole section, two where 64 bits cannot say its size (R-LST-42 .. R-LST-44).
   */
  private void unmapSection(AddressRange range) {
    if (!range.size().wholeSpace()) {
      unmapPart(range.first(), range.size().lowBits());
    } else if (vfio.behaviour().unmapsWholeSpaceAtOnce()) {
      unmapPart(0, 0);
    } else {
      unmapPart(0, HALF_SPACE);
      unmapPart(HALF_SPACE, HALF_SPACE);
    }
  }

  private void unmapPart(long iova, long size) {
    Optional<Errno> refused = container.unmap(iova, size);
    if (refused.isPresent()) {
      String text = size == 0 ? "0x10000000000000000" : U64.hex(size);
      vfio.events().error(DmaText.unmapFailed(vfio.behaviour(), iova, text, refused.get()));
    }
  }

  /** What a failing map means (R-LST-60 .. R-LST-62). */
  private void mapFailed(MemorySection section, QemuError error) {
    if (!(section.region() instanceof MemoryRegion.RamDevice)) {
      fail(section, error);
    } else if (!vfio.behaviour().p2pFailureIsWarning()) {
      vfio.events().error(error);
    } else if (warnings.isFirstP2pFailure()) {
      String owner = section.region().owner().orElse(section.region().name());
      vfio.events().warning(error.text());
      vfio.events().error(owner + ": PCI peer-to-peer transactions on BARs are not supported.");
    }
  }

  /** While the container is set up the first error is kept; later any ends QEMU (R-LST-60). */
  private void fail(MemorySection section, QemuError error) {
    if (!initialized) {
      if (setUpError == null) {
        setUpError = error.withPrefix("Region " + section.region().name() + ": ");
      }
      return;
    }
    vfio.events().error(error);
    vfio.events().error("qemu: hardware error: vfio: DMA mapping failed, unable to continue");
    vfio.failed(new FailureCause.MemoryNotMapped(container.number()), error.text());
    throw vfio.abort();
  }

  private void record(boolean added, AddressRange range, MemorySection section) {
    vfio.events()
        .record(
            new VfioEvent.SectionChanged(
                container.number(), added, range, section.region().name()));
  }
}
