package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one device sees: system memory while it is bypassed, else an IOMMU region that translates as
 * its domain has it (R-VIO-41).
 */
final class VirtioDevice implements IommuModel {

  private final MachineFacts machine;
  private final PageSizes pageSizes;
  private final MemoryRegion.Iommu translated;
  private final MemoryRegion system;
  private final AddressSpace space;
  private @Nullable Domain domain;
  private boolean bypassed;

  /**
   * A bypassed device.
   *
   * @param name the name of both its root and its IOMMU region
   * @param machine the machine
   * @param pageSizes the page sizes of the vIOMMU, which all its devices narrow
   */
  VirtioDevice(String name, MachineFacts machine, PageSizes pageSizes) {
    this.machine = machine;
    this.pageSizes = pageSizes;
    bypassed = true;
    GuestMemory memory = machine.memory();
    MemoryRegion target = machine.system().root();
    MemoryRegion root = memory.container(name, ByteSize.WHOLE_SPACE);
    translated = memory.iommu(name, ByteSize.WHOLE_SPACE, this);
    system = memory.alias("system", target, 0, target.size());
    memory.transaction(() -> {
      translated.setEnabled(false);
      root.add(0, translated);
      root.add(0, system);
    });
    space = memory.addressSpace("virtio-iommu-device", root);
  }

  AddressSpace addressSpace() {
    return space;
  }

  /** The domain that it is attached to. */
  Optional<Domain> domain() {
    return Optional.ofNullable(domain);
  }

  /**
   * Attaches it to a domain, and tells of the domain's mappings. Who came to know the IOMMU region
   * just now was replayed to and hears of them twice, as seen on QEMU 10.0.13 and 11.1.3.
   */
  void join(Domain joined) {
    domain = joined;
    showBypassed(false);
    showAll(joined);
  }

  private void showAll(Domain domain) {
    domain
        .mappings()
        .forEach(0, U64.MAX, (first, last, target, access) -> mapped(first, last, target));
  }

  /**
   * Detaches it from its domain; the mappings go first.
   *
   * @param bypass whether devices without a domain are bypassed
   */
  void leave(boolean bypass) {
    domain()
        .ifPresent(left ->
            left.mappings()
                .forEach(0, U64.MAX, (first, last, target, access) -> unmapped(first, last)));
    domain = null;
    showBypassed(bypass);
  }

  /** Whether devices without a domain are bypassed; one with a domain never is. */
  void setBypass(boolean bypass) {
    showBypassed(bypass && domain == null);
  }

  /**
   * Shows system memory or the IOMMU region; each region is switched in a transaction of its own.
   */
  private void showBypassed(boolean bypassed) {
    this.bypassed = bypassed;
    if (bypassed) {
      translated.setEnabled(false);
      system.setEnabled(true);
    } else {
      system.setEnabled(false);
      translated.setEnabled(true);
    }
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    long mask = pageSizes.granule() - 1;
    long page = iova & ~mask;
    if (bypassed) {
      return Optional.of(entry(page, page, mask, IommuAccess.READ_WRITE));
    }
    return domain()
        .flatMap(joined -> joined.mappings().at(iova))
        .map(found -> {
          long target = found.target() + (page - found.first());
          return entry(page, target, mask, found.access());
        });
  }

  @Override
  public long minimumPageSize() {
    return pageSizes.granule();
  }

  /**
   * Lists the mappings of the device's domain (R-VIO-42), but to the notifiers that are registered
   * and not to the one that asks (R-OBS-112).
   */
  @Override
  public void replay(IommuNotifier notifier) {
    domain().ifPresent(this::showAll);
  }

  /**
   * A mapping came to its domain.
   *
   * @param first the first I/O virtual address
   * @param last the last one
   * @param target the first guest physical address
   */
  void mapped(long first, long last, long target) {
    announce(IotlbEvent.Type.MAP, first, last, target);
  }

  /** A mapping goes from its domain. */
  void unmapped(long first, long last) {
    announce(IotlbEvent.Type.UNMAP, first, last, 0);
  }

  /** Tells every notifier of the part in its range, in aligned powers of two. */
  private void announce(IotlbEvent.Type type, long first, long last, long target) {
    boolean isMap = type == IotlbEvent.Type.MAP;
    IommuAccess access = isMap ? IommuAccess.READ_WRITE : IommuAccess.NONE;
    for (IommuNotifier notifier : List.copyOf(translated.notifiers())) {
      long from = U64.max(first, notifier.start());
      long to = U64.min(last, notifier.end());
      if (U64.less(to, from)) {
        continue;
      }
      for (AddressRange piece : new AddressRange(from, to).alignedPieces()) {
        long address = isMap ? target + (piece.first() - first) : 0;
        long mask = piece.size().lastOffset();
        notifier.deliver(new IotlbEvent(type, entry(piece.first(), address, mask, access)));
      }
    }
  }

  private IotlbEntry entry(long iova, long target, long mask, IommuAccess access) {
    return new IotlbEntry(machine.system(), iova, target, mask, access);
  }

  /** R-VIO-42. */
  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    return after.deviceIotlbUnmap()
        ? Optional.of(QemuError.of(Errno.EINVAL, "Virtio-iommu does not support dev-iotlb yet"))
        : Optional.empty();
  }

  /** R-VIO-43. */
  @Override
  public Optional<QemuError> offerPageSizes(long offered) {
    return pageSizes.offer("virtio-iommu " + translated.name(), offered);
  }
}
