package io.github.stopcopy.core.dirty;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The dirty pages of an address space of up to 2^64 bytes. Memory is taken for what was written:
 * two numbers for each run of a window of {@value #WINDOW_PAGES} pages or more and for a few that
 * are shorter, and a bitmap for each window in which others are. Not thread-safe.
 */
public final class DirtyLog {

  /** How many pages a window has. */
  static final int WINDOW_PAGES = 1 << 15;

  private static final int WINDOW_SHIFT = 15;

  /** How many runs there may be before a short one goes to a bitmap. */
  private static final int FEW = 8;

  private static final NavigableMap<Long, DirtyBitmap> NO_WINDOWS = Collections.emptyNavigableMap();

  private final int pageShift;
  private final PageRuns runs = new PageRuns();

  /** By number; pages may be in runs too. Shared while there is none, as in most logs. */
  private NavigableMap<Long, DirtyBitmap> windows = NO_WINDOWS;

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
    if (last - first >= WINDOW_PAGES - 1
        || runs.size() < FEW && windows.isEmpty()
        || runs.meets(first, last + 1)) {
      runs.add(first, last + 1);
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
    pages.fetchMarked();
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
    return window != null && window.isDirty(page & WINDOW_PAGES - 1) || runs.contains(page);
  }

  /** Whether no page is dirty. */
  public boolean isEmpty() {
    return runs.isEmpty() && windows.isEmpty();
  }

  /** The dirty pages as ranges of bytes, ascending and with clean pages between them. */
  public List<AddressRange> dirtyRanges() {
    PageRuns dirty = joined();
    List<AddressRange> all = new ArrayList<>();
    dirty.forEach(
        0,
        Long.MAX_VALUE,
        (page, count) ->
            all.add(new AddressRange(page << pageShift, (page + count << pageShift) - 1)));
    return all;
  }

  /** The dirty pages of runs and bitmaps. */
  private PageRuns joined() {
    PageRuns joined = new PageRuns();
    visit(0, U64.MAX >>> pageShift, (page, count) -> joined.add(page, page + count));
    return joined;
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
    runs.forEach(
        0,
        Long.MAX_VALUE,
        (page, count) ->
            into.markWrapping((page << pageShift) + distance, (count << pageShift) - 1));
    runs.clear();
    long inWindow = ((long) WINDOW_PAGES << pageShift) - 1;
    boolean sameWindows = into.pageShift == pageShift && (distance & inWindow) == 0;
    windows.forEach((number, window) -> {
      long address = (number << WINDOW_SHIFT << pageShift) + distance;
      boolean isMoved =
          sameWindows
              && into.ownWindows().putIfAbsent(address >>> pageShift >>> WINDOW_SHIFT, window)
                  == null;
      if (!isMoved) {
        into.harvest(window, pageSize(), address);
      }
    });
    windows = NO_WINDOWS;
  }

  /** How many pages are dirty. */
  public long count() {
    long[] count = {0};
    DirtyBitmap.RunVisitor adding = (page, pages) -> count[0] += pages;
    if (runs.isEmpty()) {
      windows.values().forEach(window -> count[0] += window.count());
    } else if (windows.isEmpty()) {
      runs.forEach(0, Long.MAX_VALUE, adding);
    } else {
      joined().forEach(0, Long.MAX_VALUE, adding);
    }
    return count[0];
  }

  /** Makes the pages clean that lie in the range whole. */
  public void clear(AddressRange range) {
    long mask = pageSize() - 1;
    long first = (range.first() >>> pageShift) + ((range.first() & mask) == 0 ? 0 : 1);
    long end = (range.last() >>> pageShift) + ((range.last() & mask) == mask ? 1 : 0);
    if (end <= first) {
      return;
    }
    runs.remove(first, end);
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
    return ownWindows().computeIfAbsent(number, key -> new DirtyBitmap(WINDOW_PAGES));
  }

  @SuppressWarnings("ReferenceEquality") // the shared one, not any that is empty
  private NavigableMap<Long, DirtyBitmap> ownWindows() {
    if (windows == NO_WINDOWS) {
      windows = new TreeMap<>();
    }
    return windows;
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
    runs.forEach(first, last + 1, visitor);
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
