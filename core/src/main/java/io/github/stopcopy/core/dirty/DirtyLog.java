package io.github.stopcopy.core.dirty;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The dirty pages of an address space of up to 2^64 bytes. Memory is taken for what was written: a
 * bitmap for each window of {@value #WINDOW_PAGES} pages in which something was, and two numbers
 * for a run that fills a window or more. Not thread-safe.
 */
public final class DirtyLog {

  /** How many pages a window has. */
  static final int WINDOW_PAGES = 1 << 15;

  private static final int WINDOW_SHIFT = 15;

  private final int pageShift;
  private final TreeMap<Long, DirtyBitmap> windows = new TreeMap<>();
  private @Nullable RangeSet<Long> runs; // made for the first run, since most logs never see one

  /**
   * A log without dirty pages.
   *
   * @param pageSize bytes, a power of two from 4096 on
   */
  public DirtyLog(long pageSize) {
    checkPageSize(pageSize);
    this.pageShift = Long.numberOfTrailingZeros(pageSize);
  }

  /** How many bytes a page has. */
  public long pageSize() {
    return 1L << pageShift;
  }

  /** Marks every page of which a byte lies in the range. */
  public void mark(AddressRange written) {
    long first = written.first() >>> pageShift;
    long last = written.last() >>> pageShift;
    if (last - first >= WINDOW_PAGES - 1) {
      if (runs == null) {
        runs = TreeRangeSet.create();
      }
      runs.add(Range.closedOpen(first, last + 1));
      return;
    }
    for (long page = first; page <= last; ) {
      long window = page >>> WINDOW_SHIFT;
      long end = Math.min(last + 1, window + 1 << WINDOW_SHIFT);
      window(window).mark(page & WINDOW_PAGES - 1, end - page);
      page = end;
    }
  }

  /**
   * Fetches and clears a bitmap and marks its pages: page i as the {@code bitmapPage} bytes from
   * {@code address + i * bitmapPage} on, modulo 2^64 (R-DT-52).
   *
   * @param pages what is dirty; clean afterwards
   * @param bitmapPage bytes per page of the bitmap, a power of two from 4096 on
   * @param address where its first page lies; need not be aligned
   */
  public void harvest(DirtyBitmap pages, long bitmapPage, long address) {
    checkPageSize(bitmapPage);
    boolean samePages = bitmapPage == pageSize() && (address & bitmapPage - 1) == 0;
    for (long page = pages.nextDirty(0); page >= 0; page = pages.nextDirty(page)) {
      long first = address + page * bitmapPage;
      long windowEnd = page + WINDOW_PAGES - (first >>> pageShift & WINDOW_PAGES - 1);
      long end = pages.nextClean(page);
      if (samePages && end - page < WINDOW_PAGES) {
        end = Math.min(windowEnd, pages.pages());
        long window = first >>> pageShift >>> WINDOW_SHIFT;
        pages.harvestInto(page, end - page, window(window), first >>> pageShift & WINDOW_PAGES - 1);
      } else {
        markWrapping(first, (end - page) * bitmapPage - 1);
        pages.clear(page, end - page);
      }
    }
  }

  /** Whether the page that holds the address is dirty. */
  public boolean isDirty(long address) {
    long page = address >>> pageShift;
    DirtyBitmap window = windows.get(page >>> WINDOW_SHIFT);
    return window != null && window.isDirty(page & WINDOW_PAGES - 1)
        || runs != null && runs.contains(page);
  }

  /** Whether no page is dirty. */
  public boolean isEmpty() {
    return windows.isEmpty() && (runs == null || runs.isEmpty());
  }

  /** The dirty pages as ranges of bytes, ascending and with clean pages between them. */
  public List<AddressRange> dirtyRanges() {
    RangeSet<Long> dirty = TreeRangeSet.create();
    visit(
        0, U64.MAX >>> pageShift, (page, count) -> dirty.add(Range.closedOpen(page, page + count)));
    List<AddressRange> all = new ArrayList<>();
    for (Range<Long> run : dirty.asRanges()) {
      all.add(
          new AddressRange(
              run.lowerEndpoint() << pageShift, (run.upperEndpoint() << pageShift) - 1));
    }
    return all;
  }

  /**
   * Marks in a bitmap what is dirty in a range and clears it here, as a REPORT does (R-DT-44): bit
   * i is the page of {@code reportPage} bytes from {@code range.first() + i * reportPage} on. It is
   * dirty if a dirty page of this log shares a byte with it and with the range. A page of this log
   * that lies in the range only in part stays dirty here.
   *
   * @param range what is asked for; need not begin or end with a page
   * @param reportPage bytes, a power of two from 4096 on
   * @param into takes the pages; bits that are set stay so
   * @throws IllegalArgumentException if the bitmap is too small for the range
   */
  public void collect(AddressRange range, long reportPage, DirtyBitmap into) {
    checkPageSize(reportPage);
    int reportShift = Long.numberOfTrailingZeros(reportPage);
    long lastBit = range.last() - range.first() >>> reportShift;
    if (into.pages() <= lastBit) {
      throw new IllegalArgumentException(
          "a bitmap of "
              + into.pages()
              + " pages for "
              + range
              + " in pages of "
              + U64.decimal(reportPage)
              + " bytes, expected "
              + (lastBit + 1));
    }
    visit(
        range.first() >>> pageShift,
        range.last() >>> pageShift,
        (page, count) -> {
          long first = U64.max(page << pageShift, range.first()) - range.first();
          long last = U64.min((page + count << pageShift) - 1, range.last()) - range.first();
          long bit = first >>> reportShift;
          into.mark(bit, (last >>> reportShift) - bit + 1);
        });
    clear(range);
  }

  /**
   * Marks in another log what is dirty in a range and clears it here, as the other form does.
   *
   * @param range what is asked for; need not begin or end with a page
   * @param into takes the part of each dirty page that lies in the range; another log than this
   */
  public void collect(AddressRange range, DirtyLog into) {
    checkOther(into);
    visit(
        range.first() >>> pageShift,
        range.last() >>> pageShift,
        (page, count) ->
            into.mark(
                new AddressRange(
                    U64.max(page << pageShift, range.first()),
                    U64.min((page + count << pageShift) - 1, range.last()))));
    clear(range);
  }

  /**
   * Moves all dirty pages into another log; this one is empty afterwards.
   *
   * @param into takes them; another log than this
   * @param distance what is added to an address here to get one there, modulo 2^64
   */
  public void moveInto(DirtyLog into, long distance) {
    checkOther(into);
    if (runs != null) {
      for (Range<Long> run : runs.asRanges()) {
        long pages = run.upperEndpoint() - run.lowerEndpoint();
        into.markWrapping((run.lowerEndpoint() << pageShift) + distance, (pages << pageShift) - 1);
      }
      runs = null;
    }
    long inWindow = ((long) WINDOW_PAGES << pageShift) - 1;
    boolean sameWindows = into.pageShift == pageShift && (distance & inWindow) == 0;
    windows.forEach((number, window) -> {
      long address = (number << WINDOW_SHIFT << pageShift) + distance;
      boolean isMoved =
          sameWindows
              && into.windows.putIfAbsent(address >>> pageShift >>> WINDOW_SHIFT, window) == null;
      if (!isMoved) {
        into.harvest(window, pageSize(), address);
      }
    });
    windows.clear();
  }

  /** How many pages are dirty. */
  public long count() {
    long count = 0;
    if (runs == null || runs.isEmpty()) {
      for (DirtyBitmap window : windows.values()) {
        count += window.count();
      }
      return count;
    }
    for (AddressRange range : dirtyRanges()) {
      count += (range.last() - range.first() >>> pageShift) + 1;
    }
    return count;
  }

  /** Makes the pages clean that lie in the range whole. */
  public void clear(AddressRange range) {
    long mask = pageSize() - 1;
    long first = (range.first() >>> pageShift) + ((range.first() & mask) == 0 ? 0 : 1);
    long end = (range.last() >>> pageShift) + ((range.last() & mask) == mask ? 1 : 0);
    if (end <= first) {
      return;
    }
    if (runs != null) {
      runs.remove(Range.closedOpen(first, end));
    }
    if (windows.isEmpty()) {
      return;
    }
    Iterator<Map.Entry<Long, DirtyBitmap>> touched =
        windows
            .subMap(first >>> WINDOW_SHIFT, true, end - 1 >>> WINDOW_SHIFT, true)
            .entrySet()
            .iterator();
    while (touched.hasNext()) {
      Map.Entry<Long, DirtyBitmap> window = touched.next();
      long base = window.getKey() << WINDOW_SHIFT;
      long from = Math.max(first - base, 0);
      long count = Math.min(end - base, WINDOW_PAGES) - from;
      boolean isWhole = count == WINDOW_PAGES;
      if (!isWhole) {
        window.getValue().clear(from, count);
      }
      if (isWhole || window.getValue().nextDirty(0) < 0) {
        touched.remove();
      }
    }
  }

  /** How many bitmaps it keeps: what it takes of memory but for runs. */
  int bitmaps() {
    return windows.size();
  }

  private DirtyBitmap window(long number) {
    return windows.computeIfAbsent(number, key -> new DirtyBitmap(WINDOW_PAGES));
  }

  private void markWrapping(long first, long lastOffset) {
    if (U64.addOverflows(first, lastOffset)) {
      mark(new AddressRange(first, U64.MAX));
      mark(new AddressRange(0, first + lastOffset));
    } else {
      mark(new AddressRange(first, first + lastOffset));
    }
  }

  /** Visits the dirty pages from one to another, which is included; a page may come twice. */
  private void visit(long first, long last, DirtyBitmap.RunVisitor visitor) {
    if (runs != null) {
      for (Range<Long> run : runs.subRangeSet(Range.closedOpen(first, last + 1)).asRanges()) {
        visitor.run(run.lowerEndpoint(), run.upperEndpoint() - run.lowerEndpoint());
      }
    }
    if (windows.isEmpty()) {
      return;
    }
    windows
        .subMap(first >>> WINDOW_SHIFT, true, last >>> WINDOW_SHIFT, true)
        .forEach((number, window) ->
            window.forEachRun((page, count) -> {
              long from = Math.max((number << WINDOW_SHIFT) + page, first);
              long to = Math.min((number << WINDOW_SHIFT) + page + count - 1, last);
              if (from <= to) {
                visitor.run(from, to - from + 1);
              }
            }));
  }

  private void checkOther(DirtyLog into) {
    if (into == this) {
      throw new IllegalArgumentException("a log cannot be moved into itself");
    }
  }

  private static void checkPageSize(long pageSize) {
    if (Long.bitCount(pageSize) != 1 || U64.less(pageSize, 4096)) {
      throw new IllegalArgumentException(
          "pages of " + U64.decimal(pageSize) + " bytes, expected a power of two from 4096 on");
    }
  }
}
