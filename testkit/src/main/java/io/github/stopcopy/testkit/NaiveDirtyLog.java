package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The numbers of dirty pages in a set, and nothing else: what faster logs are held against. Time
 * and memory are those of every page that is written. Not thread-safe.
 */
public final class NaiveDirtyLog {

  private final long pageSize;
  private final NavigableSet<Long> pages = new TreeSet<>(Long::compareUnsigned);

  /**
   * A log without dirty pages.
   *
   * @param pageSize bytes, a power of two
   */
  public NaiveDirtyLog(long pageSize) {
    if (Long.bitCount(pageSize) != 1) {
      throw new IllegalArgumentException(
          "pages of " + U64.decimal(pageSize) + " bytes, expected a power of two");
    }
    this.pageSize = pageSize;
  }

  /** How many bytes a page has. */
  public long pageSize() {
    return pageSize;
  }

  /** Marks every page of which a byte lies in the range. */
  public void mark(AddressRange written) {
    long last = pageOf(written.last());
    for (long page = pageOf(written.first()); page != last; page++) {
      pages.add(page);
    }
    pages.add(last);
  }

  /** The first addresses of the dirty pages that share a byte with the range, ascending. */
  public List<Long> dirtyIn(AddressRange range) {
    List<Long> addresses = new ArrayList<>();
    for (long page : pages.subSet(pageOf(range.first()), true, pageOf(range.last()), true)) {
      addresses.add(page * pageSize);
    }
    return addresses;
  }

  /** Whether a dirty page shares a byte with the range. */
  public boolean isDirty(AddressRange range) {
    Long next = pages.ceiling(pageOf(range.first()));
    return next != null && U64.lessOrEqual(next, pageOf(range.last()));
  }

  /** Makes the pages clean that lie in the range whole. */
  public void clear(AddressRange range) {
    for (long address : dirtyIn(range)) {
      if (range.contains(address) && range.contains(address + (pageSize - 1))) {
        pages.remove(pageOf(address));
      }
    }
  }

  /** Makes all pages clean. */
  public void clear() {
    pages.clear();
  }

  /**
   * Sets the bits of a range and makes the pages clean that lie in it whole, as {@link
   * io.github.stopcopy.core.spi.DirtyTracker#report} describes it.
   *
   * @param range what is asked for
   * @param reportPage bytes per bit, a power of two
   * @param into bit i stands for the page from {@code range.first() + i * reportPage} on
   */
  public void report(AddressRange range, long reportPage, DirtyBitmap into) {
    for (long address : dirtyIn(range)) {
      long first = U64.max(address, range.first()) - range.first();
      long last = U64.min(address + (pageSize - 1), range.last()) - range.first();
      long lastBit = Long.divideUnsigned(last, reportPage);
      for (long bit = Long.divideUnsigned(first, reportPage); bit <= lastBit; bit++) {
        into.mark(bit);
      }
    }
    clear(range);
  }

  private long pageOf(long address) {
    return Long.divideUnsigned(address, pageSize);
  }
}
