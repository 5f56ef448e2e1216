package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.Optional;

/**
 * What stands behind the IOMMU region of one device while the guest has not turned the IOMMU on.
 */
final class AmdDevice implements IommuModel {

  private static final long PAGE = 4096;

  private final PciAddress device;
  private final MachineFacts machine;
  private final AmdBehaviour behaviour;
  private final boolean dmaRemap;

  AmdDevice(PciAddress device, MachineFacts machine, AmdBehaviour behaviour, boolean dmaRemap) {
    this.device = device;
    this.machine = machine;
    this.behaviour = behaviour;
    this.dmaRemap = dmaRemap;
  }

  /** A disabled IOMMU translates to the same address, page by page (R-VIO-36). */
  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    long page = U64.alignDown(iova, PAGE);
    return Optional.of(
        new IotlbEntry(machine.system(), page, page, PAGE - 1, IommuAccess.READ_WRITE));
  }

  /** There is no table, and who could be told of mappings is refused or sees system memory. */
  @Override
  public void replay(IommuNotifier notifier) {}

  /** R-VIO-33 and R-VIO-35. The bus has no number yet when devices are attached, so it reads 00. */
  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    String name = "device 00." + device.slotAndFunction();
    if (!after.map() || dmaRemap) {
      return Optional.empty();
    }
    return Optional.of(
        behaviour.remapsDma()
            ? QemuError.of(
                Errno.EOPNOTSUPP, name + " requires dma-remap=1: Operation not supported")
            : QemuError.of(
                Errno.EINVAL, name + " requires iommu notifier which is not currently supported"));
  }
}
