package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An honest and exact tracker on a {@link NaiveDirtyLog}: any number of ranges, no limits, writes
 * outside of the ranges ignored. For small tests, and to give faults to. Not thread-safe.
 */
public final class ReferenceTracker implements DirtyTracker {

  private final long ownPageSize;
  private List<AddressRange> ranges = List.of();
  private @Nullable NaiveDirtyLog log;

  /** A tracker that logs in the page size that it is asked for. */
  public ReferenceTracker() {
    this.ownPageSize = 0;
  }

  /**
   * A tracker that knows one page size and grants no other.
   *
   * @param pageSize bytes, a power of two from 4096 on
   */
  public ReferenceTracker(long pageSize) {
    if (Long.bitCount(pageSize) != 1 || U64.less(pageSize, 4096)) {
      throw new IllegalArgumentException(
          "pages of " + U64.decimal(pageSize) + " bytes, expected a power of two from 4096 on");
    }
    this.ownPageSize = pageSize;
  }

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    if (log != null) {
      return new StartResult.Refused(Errno.EINVAL, "it logs already");
    }
    this.ranges = List.copyOf(ranges);
    log = new NaiveDirtyLog(ownPageSize == 0 ? pageSize : ownPageSize);
    return new StartResult.Granted(log.pageSize());
  }

  @Override
  public void dmaWrite(AddressRange written) {
    if (log == null) {
      return;
    }
    for (AddressRange range : ranges) {
      if (range.overlaps(written)) {
        log.mark(
            new AddressRange(
                U64.max(range.first(), written.first()), U64.min(range.last(), written.last())));
      }
    }
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    if (log == null) {
      return Optional.of(Errno.EINVAL);
    }
    log.report(range, pageSize, into);
    return Optional.empty();
  }

  @Override
  public Optional<Errno> stop() {
    if (log == null) {
      return Optional.of(Errno.EINVAL);
    }
    log = null;
    return Optional.empty();
  }
}
