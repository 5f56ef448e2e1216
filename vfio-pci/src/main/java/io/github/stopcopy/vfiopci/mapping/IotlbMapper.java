package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;

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
      String wrong = TranslatedMemory.wrongTarget(entry);
      vfio.events().error(wrong);
      vfio.failed(new FailureCause.TranslationNotFollowed(container.number()), wrong);
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
    Result<FlatRange> target = memory.guestMemory(entry);
    if (target instanceof Result.Failed<FlatRange> none) {
      vfio.events().error(none.error());
    } else if (target instanceof Result.Ok<FlatRange> found) {
      boolean readonly = !entry.access().canWrite() || found.value().readonly();
      long ramAddress = memory.ramAddress(found.value(), entry.translatedAddress());
      container
          .map(new DmaMapping(iova, size, ramAddress, readonly))
          .ifPresent(vfio.events()::error);
    }
  }

  private void failed(QemuError error) {
    vfio.failed(new FailureCause.TranslationNotFollowed(container.number()), error.text());
    vfio.failStream(error, error.text());
  }
}
