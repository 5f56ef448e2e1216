package io.github.stopcopy.viommu.virtio;

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
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.Optional;

/**
 * What one device sees: system memory while it is bypassed, else an IOMMU region (R-VIO-41). It is
 * in no domain, so there are no mappings.
 */
final class VirtioDevice implements IommuModel {

  private final MachineFacts machine;
  private final PageSizes pageSizes;
  private final MemoryRegion.Iommu translated;
  private final MemoryRegion system;
  private final AddressSpace space;
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

  /**
   * Shows system memory or the IOMMU region; each region is switched in a transaction of its own.
   */
  void setBypassed(boolean bypassed) {
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
    if (!bypassed) {
      return Optional.empty();
    }
    long granule = pageSizes.granule();
    long page = U64.alignDown(iova, granule);
    return Optional.of(
        new IotlbEntry(machine.system(), page, page, granule - 1, IommuAccess.READ_WRITE));
  }

  @Override
  public long minimumPageSize() {
    return pageSizes.granule();
  }

  /** Lists the mappings of the device's domain (R-VIO-42); it has none. */
  @Override
  public void replay(IommuNotifier notifier) {}

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
