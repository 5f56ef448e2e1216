package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import java.util.Optional;

/** Which memory of the guest a vIOMMU's translations lead to (R-LST-70 .. R-LST-72). */
public final class TranslatedMemory {

  private static final String DISCARD_WARNING =
      "Using vfio with vIOMMUs and coordinated discarding of RAM (e.g., virtio-mem) works, however,"
          + " malicious guests can trigger pinning of more memory than intended via an IOMMU. It's"
          + " possible to mitigate  by setting/adjusting RLIMIT_MEMLOCK.";

  private final VfioEnvironment vfio;
  private final VmWarnings warnings;

  /** The memory of a VM, with what was warned of already. */
  public TranslatedMemory(VfioEnvironment vfio, VmWarnings warnings) {
    this.vfio = vfio;
    this.warnings = warnings;
  }

  /** The memory of the guest that an entry leads to, or what QEMU prints of it (R-LST-71). */
  public Result<FlatRange> guestMemory(IotlbEntry entry) {
    long address = entry.translatedAddress();
    Optional<FlatRange> found =
        vfio.system().view().at(address).filter(range -> range.region().isRam());
    String digits = Long.toHexString(address);
    if (found.isEmpty()) {
      return Result.failed(QemuError.of("iommu map to non memory area " + digits));
    }
    FlatRange range = found.get();
    if (range.region() instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent()) {
      if (warnings.isFirstTranslationToDiscardedRam()) {
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

  /**
   * The memory of the guest that holds what an entry leads to, if none of that memory is ever
   * discarded: entries that lead to the rest of it need not be looked at one by one.
   */
  Optional<FlatRange> plainMemory(IotlbEntry entry) {
    long address = entry.translatedAddress();
    return vfio.system()
        .view()
        .at(address)
        .filter(range ->
            range.region().isRam()
                && !(range.region() instanceof MemoryRegion.Ram ram
                    && ram.discardManager().isPresent())
                && U64.lessOrEqual(entry.addressMask(), range.range().last() - address));
  }

  /** The RAM address of a guest physical address in a run of system memory. */
  public long ramAddress(FlatRange memory, long guestAddress) {
    long offset = memory.offsetInRegion() + (guestAddress - memory.range().first());
    return vfio.memory().ramDirtyLog().addressOf(memory.region(), offset);
  }

  /** What QEMU prints of a translation that does not lead into system memory (R-LST-70). */
  public static String wrongTarget(IotlbEntry entry) {
    String name = entry.target() == null ? "none" : entry.target().name();
    return "Wrong target AS \"" + name + "\", only system memory is allowed";
  }
}
