package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import java.util.Optional;

/**
 * Carries a vIOMMU's translations into the container, an entry at a time (R-LST-70 .. R-LST-73).
 */
final class IotlbMapper {

  private final VfioEnvironment vfio;
  private final MappedContainer container;
  private final TranslatedMemory memory;
  private final DirtyPageCollector collector;

  IotlbMapper(
      VfioEnvironment vfio,
      MappedContainer container,
      TranslatedMemory memory,
      DirtyPageCollector collector) {
    this.vfio = vfio;
    this.container = container;
    this.memory = memory;
    this.collector = collector;
  }

  /** A translation came or went. */
  void changed(IotlbEntry entry, long iommuOffset) {
    long iova = entry.iova() + iommuOffset;
    if (entry.target() != vfio.system()) {
      memory.wrongTarget(entry);
      vfio.migration().setStreamError(Errno.EINVAL);
      return;
    }
    long size = entry.addressMask() + 1;
    if (entry.access() == IommuAccess.NONE) {
      collector
          .unmapTranslation(iova, size, entry.translatedAddress())
          .ifPresent(
              errno -> failed(DmaText.unmapFailed(vfio.behaviour(), iova, U64.hex(size), errno)));
      return;
    }
    Optional<FlatRange> target = memory.guestMemory(entry);
    if (target.isPresent()) {
      boolean readonly = !entry.access().canWrite() || target.get().readonly();
      long ramAddress = memory.ramAddress(target.get(), entry.translatedAddress());
      container
          .map(new DmaMapping(iova, size, ramAddress, readonly))
          .ifPresent(vfio.events()::error);
    }
  }

  private void failed(QemuError error) {
    vfio.failStream(error, error.text());
  }
}
