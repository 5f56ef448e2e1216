package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.event.FailureCause;
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
      String wrong = wrongTarget(entry);
      vfio.events().error(wrong);
      vfio.failed(new FailureCause.TranslationNotFollowed(container.number()), wrong);
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
    Result<FlatRange> memory = guestMemory(entry);
    if (memory instanceof Result.Failed<FlatRange> none) {
      vfio.events().error(none.error());
    } else if (memory instanceof Result.Ok<FlatRange> found) {
      boolean readonly = !entry.access().canWrite() || found.value().readonly();
      long ramAddress = ramAddress(found.value(), entry.translatedAddress());
      container
          .map(new DmaMapping(iova, size, ramAddress, readonly))
          .ifPresent(vfio.events()::error);
    }
  }

  /** The memory of the guest that an entry leads to, or what QEMU prints of it (R-LST-71). */
  Result<FlatRange> guestMemory(IotlbEntry entry) {
    long address = entry.translatedAddress();
    Optional<FlatRange> found =
        vfio.system().view().at(address).filter(range -> range.region().isRam());
    String digits = Long.toHexString(address);
    if (found.isEmpty()) {
      return Result.failed(QemuError.of("iommu map to non memory area " + digits));
    }
    FlatRange range = found.get();
    if (range.region() instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      if (vfio.isFirstTranslationToDiscardedRam()) {
        vfio.events().warning(DISCARD_WARNING);
      }
      long offset = range.offsetInRegion() + (address - range.range().first());
      if (!ram.discardManager().get().isPopulated(offset, entry.addressMask() + 1)) {
        return Result.failed(
            QemuError.of(
                "iommu map to discarded memory (e.g., unplugged via virtio-mem): " + digits));
      }
    }
    if (U64.less(range.range().last() - address, entry.addressMask())) {
      return Result.failed(QemuError.of("iommu has granularity incompatible with target AS"));
    }
    return Result.ok(range);
  }

  /** The RAM address of a guest physical address in a run of system memory. */
  long ramAddress(FlatRange memory, long guestAddress) {
    long offset = memory.offsetInRegion() + (guestAddress - memory.range().first());
    return vfio.memory().ramDirtyLog().addressOf(memory.region(), offset);
  }

  /** What QEMU prints of a translation that does not lead into system memory (R-LST-70). */
  static String wrongTarget(IotlbEntry entry) {
    String name = entry.target() == null ? "none" : entry.target().name();
    return "Wrong target AS \"" + name + "\", only system memory is allowed";
  }

  private void failed(QemuError error) {
    vfio.failed(new FailureCause.TranslationNotFollowed(container.number()), error.text());
    vfio.failStream(error, error.text());
  }
}
