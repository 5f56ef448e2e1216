package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

/** A device that calls every tracked page dirty at every report. Not thread-safe. */
final class AllDirtyTracker implements DirtyTracker {

  private List<AddressRange> tracked = List.of();

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    if (!tracked.isEmpty()) {
      return new StartResult.Refused(Errno.EINVAL, "it logs already");
    }
    tracked = List.copyOf(ranges);
    return new StartResult.Granted(pageSize);
  }

  @Override
  public List<AddressRange> logged() {
    return tracked;
  }

  @Override
  public void dmaWrite(AddressRange written) {}

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    if (tracked.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    for (AddressRange one : tracked) {
      if (one.overlaps(range)) {
        long first = U64.max(one.first(), range.first()) - range.first();
        long last = U64.min(one.last(), range.last()) - range.first();
        long page = Long.divideUnsigned(first, pageSize);
        into.mark(page, Long.divideUnsigned(last, pageSize) - page + 1);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Errno> report(AddressRange range, DirtyLog into) {
    if ((range.first() & into.pageSize() - 1) != 0) {
      return DirtyTracker.super.report(range, into);
    }
    if (tracked.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    for (AddressRange one : tracked) {
      if (one.overlaps(range)) {
        into.mark(
            new AddressRange(
                U64.max(one.first(), range.first()), U64.min(one.last(), range.last())));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Errno> stop() {
    if (tracked.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    tracked = List.of();
    return Optional.empty();
  }
}
