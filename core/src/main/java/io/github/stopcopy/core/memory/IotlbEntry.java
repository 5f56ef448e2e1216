package io.github.stopcopy.core.memory;

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

  /** The last I/O virtual address. */
  public long lastIova() {
    return iova + addressMask;
  }
}
