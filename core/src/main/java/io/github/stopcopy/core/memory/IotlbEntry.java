package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import org.jspecify.annotations.Nullable;

/**
 * One translation (R-AS-81): {@code [iova, iova+addressMask]} goes to {@code [translatedAddress,
 * +addressMask]}.
 *
 * @param target where the translation leads; null if nowhere
 * @param iova the first I/O virtual address, an offset in the IOMMU region
 * @param translatedAddress the first address in the target; unspecified if access is NONE
 * @param addressMask the size minus 1
 * @param access what is allowed; NONE means not mapped
 */
public record IotlbEntry(
    @Nullable AddressSpace target,
    long iova,
    long translatedAddress,
    long addressMask,
    IommuAccess access) {

  /** Checks that the run ends at 2^64-1 or before. */
  public IotlbEntry {
    if (U64.addOverflows(iova, addressMask)) {
      throw new IllegalArgumentException(
          "translation at "
              + U64.hex(iova)
              + " with mask "
              + U64.hex(addressMask)
              + " reaches beyond 2^64-1");
    }
  }

  /** The last I/O virtual address. */
  public long lastIova() {
    return iova + addressMask;
  }
}
