package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbListener;
import io.github.stopcopy.core.memory.IotlbRun;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;
import java.util.Optional;

/**
 * Carries a vIOMMU's translations into the container, one by one or in runs (R-LST-70 .. R-LST-73).
 */
final class IotlbMapper {

  /** The most pages that are followed at once: a run of events has no more. */
  private static final long MOST_AT_ONCE = Integer.MAX_VALUE;

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

  /**
   * Listens to a section.
   *
   * @param iommuOffset what is added to an offset in its region to get an I/O virtual address
   */
  IotlbListener at(long iommuOffset) {
    return new IotlbListener() {
      @Override
      public void changed(IotlbEntry entry) {
        IotlbMapper.this.changed(entry, iommuOffset);
      }

      @Override
      public void changed(IotlbRun run) {
        IotlbMapper.this.changed(run, iommuOffset);
      }
    };
  }

  private void changed(IotlbEntry entry, long iommuOffset) {
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

  /** Translations of pages came or went, one after the other: as many at once as is the same. */
  private void changed(IotlbRun run, long iommuOffset) {
    long page = 0;
    while (page < run.pages()) {
      IotlbEntry entry = run.event(page).entry();
      long pages = Math.min(run.pages() - page, MOST_AT_ONCE);
      long done = changedAtOnce(entry, run, pages, iommuOffset);
      if (done == 0) {
        changed(entry, iommuOffset);
        done = 1;
      }
      page += done;
    }
  }

  /** Of how many pages of a run, from an entry of it on, this was followed at once. */
  private long changedAtOnce(IotlbEntry entry, IotlbRun run, long pages, long iommuOffset) {
    long iova = entry.iova() + iommuOffset;
    long size = run.pageSize();
    if (entry.target() != vfio.system()) {
      return 0;
    }
    if (entry.access() == IommuAccess.NONE) {
      return collector.unmapTranslations(iova, size, pages);
    }
    if (run.step() != size) {
      return 0;
    }
    Optional<FlatRange> found = memory.plainMemory(entry);
    if (found.isEmpty()) {
      return 0;
    }
    FlatRange range = found.get();
    long address = entry.translatedAddress();
    long held = Long.divideUnsigned(range.range().last() - address - entry.addressMask(), size) + 1;
    boolean readonly = !entry.access().canWrite() || range.readonly();
    return container.mapPages(
        new DmaMapping(iova, size, memory.ramAddress(range, address), readonly),
        U64.min(pages, held));
  }

  private void failed(QemuError error) {
    vfio.failed(new FailureCause.TranslationNotFollowed(container.number()), error.text());
    vfio.failStream(error, error.text());
  }
}
