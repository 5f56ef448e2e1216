package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.Optional;

/**
 * Carries a vIOMMU's translations into the container, an entry at a time (R-LST-70 .. R-LST-73).
 */
final class IotlbMapper {

  private static final String DISCARD_WARNING =
      "Using vfio with vIOMMUs and coordinated discarding of RAM (e.g., virtio-mem) works, however,"
          + " malicious guests can trigger pinning of more memory than intended via an IOMMU. It's"
          + " possible to mitigate  by setting/adjusting RLIMIT_MEMLOCK.";

  private final MappedContainer container;
  private final VfioSubsystem vfio;

  IotlbMapper(MappedContainer container) {
    this.container = container;
    this.vfio = container.vfio();
  }

  /** A translation came or went. */
  void changed(IotlbEntry entry, long iommuOffset) {
    long iova = entry.iova() + iommuOffset;
    if (entry.target() != vfio.system()) {
      wrongTarget(entry);
      vfio.migration().setStreamError(Errno.EINVAL);
      return;
    }
    long size = entry.addressMask() + 1;
    if (entry.access() == IommuAccess.NONE) {
      container
          .dirtySync()
          .unmapTranslation(iova, size, entry.translatedAddress())
          .ifPresent(
              errno -> failed(DmaText.unmapFailed(vfio.behaviour(), iova, U64.hex(size), errno)));
      return;
    }
    Optional<FlatRange> memory = guestMemory(entry);
    if (memory.isPresent()) {
      boolean readonly = !entry.access().canWrite() || memory.get().readonly();
      long ramAddress = ramAddress(memory.get(), entry.translatedAddress());
      container
          .map(new DmaMapping(iova, size, ramAddress, readonly))
          .ifPresent(vfio.events()::error);
    }
  }

  /** Whether an entry leads to memory of the guest; what is wrong is printed (R-LST-71). */
  Optional<FlatRange> guestMemory(IotlbEntry entry) {
    long address = entry.translatedAddress();
    Optional<FlatRange> found =
        vfio.system().view().at(address).filter(range -> range.region().isRam());
    String digits = Long.toHexString(address);
    if (found.isEmpty()) {
      vfio.events().error("iommu map to non memory area " + digits);
      return Optional.empty();
    }
    FlatRange range = found.get();
    if (range.region() instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      if (vfio.isFirstTranslationToDiscardedRam()) {
        vfio.events().warning(DISCARD_WARNING);
      }
      long offset = range.offsetInRegion() + (address - range.range().first());
      if (!ram.discardManager().get().isPopulated(offset, entry.addressMask() + 1)) {
        vfio.events()
            .error("iommu map to discarded memory (e.g., unplugged via virtio-mem): " + digits);
        return Optional.empty();
      }
    }
    if (U64.less(range.range().last() - address, entry.addressMask())) {
      vfio.events().error("iommu has granularity incompatible with target AS");
      return Optional.empty();
    }
    return found;
  }

  /** The RAM address of a guest physical address in a run of system memory. */
  long ramAddress(FlatRange memory, long guestAddress) {
    long offset = memory.offsetInRegion() + (guestAddress - memory.range().first());
    return vfio.memory().ramDirtyLog().addressOf(memory.region(), offset);
  }

  /** Says that a translation does not lead into system memory (R-LST-70). */
  void wrongTarget(IotlbEntry entry) {
    String name = entry.target() == null ? "none" : entry.target().name();
    vfio.events().error("Wrong target AS \"" + name + "\", only system memory is allowed");
  }

  private void failed(QemuError error) {
    vfio.failStream(error, error.text());
  }
}
