package com.example.tracker;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.longlong.PeekableLongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Logs the numbers of dirty pages in a compressed bitmap, so that memory is taken for what was
 * written and not for what could be. An address has 64 bits, a page number up to 52: too many for
 * the plain {@code RoaringBitmap}, whose numbers have 32, so this is the one for longs.
 */
final class RoaringTracker implements DirtyTracker {

  private static final int MANY_PAGES = 1 << 14;

  private final long leastPageSize;
  private final Roaring64Bitmap dirty = new Roaring64Bitmap();
  private List<AddressRange> ranges = List.of();
  private int pageShift;

  RoaringTracker(long leastPageSize) {
    this.leastPageSize = leastPageSize;
  }

  @Override
  public StartResult start(List<AddressRange> wanted, long pageSize) {
    if (isLogging()) {
      return new StartResult.Refused(Errno.EINVAL, "it logs already");
    }
    long granted = U64.max(pageSize, leastPageSize);
    ranges = List.copyOf(wanted);
    pageShift = Long.numberOfTrailingZeros(granted);
    return new StartResult.Granted(granted);
  }

  @Override
  public void dmaWrite(AddressRange written) {
    for (AddressRange range : ranges) {
      if (range.overlaps(written)) {
        long first = U64.max(range.first(), written.first()) >>> pageShift;
        long last = U64.min(range.last(), written.last()) >>> pageShift;
        mark(first, last);
      }
    }
  }

  /** Marks pages; {@code addRange} walks through the whole bitmap, which does not pay for a few. */
  private void mark(long first, long last) {
    if (last - first >= MANY_PAGES) {
      dirty.addRange(first, last + 1);
      return;
    }
    for (long page = first; page <= last; page++) {
      dirty.addLong(page);
    }
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    if (!isLogging()) {
      return Optional.of(Errno.EINVAL);
    }
    Roaring64Bitmap told = new Roaring64Bitmap();
    PeekableLongIterator pages = dirty.getLongIteratorFrom(range.first() >>> pageShift);
    while (pages.hasNext()) {
      long page = pages.next();
      if (page > range.last() >>> pageShift) {
        break;
      }
      AddressRange bytes =
          new AddressRange(page << pageShift, (page << pageShift) + (1L << pageShift) - 1);
      long firstBit = (U64.max(bytes.first(), range.first()) - range.first()) / pageSize;
      long lastBit = (U64.min(bytes.last(), range.last()) - range.first()) / pageSize;
      into.mark(firstBit, lastBit - firstBit + 1);
      // A page that the report cuts stays: its other part was not told of.
      if (range.contains(bytes)) {
        told.addLong(page);
      }
    }
    dirty.andNot(told);
    return Optional.empty();
  }

  @Override
  public Optional<Errno> stop() {
    boolean wasLogging = isLogging();
    ranges = List.of();
    dirty.clear();
    return wasLogging ? Optional.empty() : Optional.of(Errno.EINVAL);
  }

  /** A start has at least one range. */
  private boolean isLogging() {
    return !ranges.isEmpty();
  }
}
