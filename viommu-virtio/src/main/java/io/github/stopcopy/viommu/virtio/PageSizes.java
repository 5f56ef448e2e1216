package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/**
 * The page sizes that the vIOMMU tells the guest, narrowed by what containers can map (R-VIO-43).
 */
final class PageSizes {

  private long mask;
  private boolean frozen;

  /** Sizes as a mask in which the bit with value s stands for pages of s bytes. */
  PageSizes(long mask) {
    this.mask = mask;
  }

  /** The smallest page in bytes. */
  long granule() {
    return Long.lowestOneBit(mask);
  }

  /** From now on the granule stays: the guest may have read it. */
  void freeze() {
    frozen = true;
  }

  /**
   * Narrows the sizes to those of a container, or, once frozen, only checks them.
   *
   * @param reporter how the text begins
   * @param offered what the container can map
   */
  Optional<QemuError> offer(String reporter, long offered) {
    if ((mask & offered) == 0) {
      return refused(
          reporter
              + " reports a page size mask "
              + U64.hex(offered)
              + " incompatible with currently supported mask "
              + U64.hex(mask));
    }
    if (frozen) {
      return (offered & granule()) == 0
          ? refused(reporter + " does not support frozen granule " + U64.hex(granule()))
          : Optional.empty();
    }
    mask &= offered;
    return Optional.empty();
  }

  private static Optional<QemuError> refused(String text) {
    return Optional.of(QemuError.of(Errno.EPERM, text));
  }
}
