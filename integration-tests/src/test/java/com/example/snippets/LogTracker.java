package com.example.snippets;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

// @start region=tracker
/** Logs what it is asked to in the pages it is asked for. */
final class LogTracker implements DirtyTracker {

  private List<AddressRange> ranges = List.of(); // none while nothing is logged
  private DirtyLog log = new DirtyLog(4096);

  @Override
  public StartResult start(List<AddressRange> wanted, long pageSize) {
    if (!ranges.isEmpty()) {
      return new StartResult.Refused(Errno.EINVAL, "it logs already");
    }
    ranges = List.copyOf(wanted);
    log = new DirtyLog(pageSize);
    return new StartResult.Granted(pageSize);
  }

  @Override
  public void dmaWrite(AddressRange written) {
    for (AddressRange range : ranges) {
      if (range.overlaps(written)) {
        long first = U64.max(range.first(), written.first());
        long last = U64.min(range.last(), written.last());
        log.mark(new AddressRange(first, last));
      }
    }
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    if (ranges.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    log.collect(range, pageSize, into); // and forgets it
    return Optional.empty();
  }

  @Override
  public Optional<Errno> stop() {
    boolean wasLogging = !ranges.isEmpty();
    ranges = List.of();
    return wasLogging ? Optional.empty() : Optional.of(Errno.EINVAL);
  }
}
// @end
