package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/**
 * What stands behind an {@link MemoryRegion.Iommu IOMMU region}: the part of a vIOMMU that serves
 * one device. Called on the model's thread.
 */
public interface IommuModel {

  /** The translation at an address, empty if there is none. */
  Optional<IotlbEntry> translate(long iova, IommuAccess access);

  /** The smallest page, in bytes; a power of two. */
  default long minimumPageSize() {
    return 4096;
  }

  /**
   * Hands every present mapping in the notifier's range to it. This default steps through the whole
   * range page by page (R-AS-85), which only suits small regions; a vIOMMU walks its tables
   * instead.
   *
   * @throws UnsupportedOperationException by this default, if there are more than 2^20 pages
   */
  default void replay(IommuNotifier notifier) {
    long page = minimumPageSize();
    if (Long.bitCount(page) != 1) {
      throw new IllegalStateException(
          "minimumPageSize is " + U64.decimal(page) + ", expected a power of two");
    }
    if (Long.compareUnsigned((notifier.end() - notifier.start()) >>> 20, page) >= 0) {
      throw new UnsupportedOperationException(
          getClass().getName()
              + " does not implement replay, and "
              + U64.hex(notifier.start())
              + " to "
              + U64.hex(notifier.end())
              + " is too far to be asked page by page");
    }
    long iova = notifier.start();
    while (true) {
      Optional<IotlbEntry> entry = translate(iova, IommuAccess.NONE);
      if (entry.isPresent() && entry.get().access() != IommuAccess.NONE) {
        notifier.deliver(new IotlbEvent(IotlbEvent.Type.MAP, entry.get()));
      }
      if (U64.addOverflows(iova, page) || U64.less(notifier.end(), iova + page)) {
        return;
      }
      iova += page;
    }
  }

  /** Told when the union of the notifiers' flags changes; an error refuses it (R-AS-83). */
  Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after);

  /**
   * Told which page sizes a container can map, a bit per size; an error refuses them.
   *
   * @param pageSizes the bit with value s stands for pages of s bytes
   */
  default Optional<QemuError> offerPageSizes(long pageSizes) {
    return Optional.empty();
  }
}
