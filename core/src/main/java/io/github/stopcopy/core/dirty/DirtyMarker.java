package io.github.stopcopy.core.dirty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;

/**
 * Marks pages of a {@link DirtyBitmap} for a thread that marks many, as those of virtual CPUs and
 * devices do: it collects pages and puts them into the bitmap many at a time, so that the misses of
 * the cache overlap and few marks need an exchange, which takes a third of the time of {@link
 * DirtyBitmap#mark(long)}. Made by {@link DirtyBitmap#marker}.
 *
 * {@snippet file="DirtyPagesTest.java" region="marker"}
 *
 * <p>When a mark counts: a harvest looks into all markers first. A mark that returned before a
 * harvest of its page began is in that harvest or in an earlier one, and every mark is in exactly
 * one, unless the page is dirty when it is put into the bitmap: then the two are one, as with
 * {@code mark} of the bitmap. The other methods of the bitmap ({@code isDirty}, {@code count},
 * {@code nextDirty}, {@code clear}, {@code mergeInto}, ...) see a mark only when it is in the
 * bitmap: after {@link #flush}, {@link #close}, a harvest of some pages but not all, or when the
 * marker was full.
 *
 * <p>Who waits: a mark does not, unless it fills the marker, which has room for one page of 8192 in
 * the bitmap, at least 64 and at most 32,768. That mark, {@code flush}, {@code close} and marks of
 * ranges wait as long as a harvest or another marker is alone with a part of the bitmap, which is
 * for up to 512 words or single pages, and all but the ranges also while a harvest empties this
 * marker. A harvest waits for a marker that puts its pages into the bitmap.
 *
 * <p>Words that only markers, harvests and merges change need no exchange each. The first mark or
 * clear of the bitmap without a marker ends that for good: dense harvests take several times as
 * long from then on, and nothing else is different.
 *
 * <p>Threads: one at a time marks, flushes and closes. Any others may harvest meanwhile.
 */
public final class DirtyMarker implements AutoCloseable {

  /** How many pages are put into the bitmap before others may be alone with the words. */
  private static final int MARKED_AT_ONCE = 512;

  /** The same for the pages of a range: 512 words. */
  private static final int RANGE_AT_ONCE = 1 << 15;

  /** For one page of so many there is room. */
  private static final int ROOM_SHIFT = 13;

  private static final int LEAST_ROOM = 64;
  private static final int MOST_ROOM = 1 << 15;

  private static final VarHandle SIZE;

  static {
    try {
      SIZE = MethodHandles.lookup().findVarHandle(DirtyMarker.class, "size", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final DirtyBitmap bitmap;
  private final long[] words;
  private final long[] summary;
  private final WordUse use;
  private long pages; // none after it is closed

  /** The pages that were marked last, round and round; their number is a power of two. */
  private final long[] marked;

  /** How many were marked ever, modulo 2^32: written by the thread that marks. */
  private int size;

  /** When there is no room that this thread knows of. */
  private int limit;

  /** How many of them were fetched. Guarded by this object, as all below. */
  private int fetched;

  /** The pages by the part of the bitmap, and how far they are behind its first one. */
  private final int[] sorted;

  /** The end of each part among these. */
  private final int[] ends;

  /** Keeps the reads alive that only warm the cache. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  /** A marker of a bitmap, which knows it already or will. */
  DirtyMarker(DirtyBitmap bitmap, long[] words, long[] summary, WordUse use) {
    this.bitmap = bitmap;
    this.words = words;
    this.summary = summary;
    this.use = use;
    this.pages = bitmap.pages();
    long room = Math.max(LEAST_ROOM, Math.min(MOST_ROOM, pages >>> ROOM_SHIFT));
    this.marked = new long[(int) Long.highestOneBit(room)];
    this.sorted = new int[marked.length];
    this.limit = marked.length;
    this.ends = new int[use.parts()];
  }

  /** Marks a page. */
  public void mark(long page) {
    Objects.checkIndex(page, pages);
    int at = size;
    marked[at & marked.length - 1] = page;
    SIZE.setRelease(this, at + 1);
    if (at + 1 == limit) {
      makeRoom();
    }
  }

  /** Marks {@code count} pages from {@code first}, in the bitmap itself. */
  public void mark(long first, long count) {
    Objects.checkFromIndexSize(first, count, pages);
    long end = first + count;
    for (long from = first; from < end; ) {
      int part = use.part(from);
      long to = Math.min(end, Math.min(from + RANGE_AT_ONCE, use.firstPage(part + 1)));
      boolean isCounted = use.enter(part);
      if (use.beAlone(part)) {
        WordMarks.rangeAlone(words, summary, from, to - 1);
        use.beTogether(part);
      } else {
        WordMarks.range(words, summary, from, to - 1);
      }
      if (isCounted) {
        use.leave(part);
      }
      from = to;
    }
  }

  /** Puts all that was marked into the bitmap. */
  public synchronized void flush() {
    apply(size);
    limit = fetched + marked.length;
  }

  /** Makes room for more, unless a harvest did. */
  private synchronized void makeRoom() {
    if (fetched + marked.length == limit) {
      apply(size);
    }
    limit = fetched + marked.length;
  }

  /**
   * Flushes; the bitmap forgets the marker, which has no pages any more: marking one throws {@link
   * IndexOutOfBoundsException}.
   */
  @Override
  public void close() {
    flush();
    pages = 0;
    bitmap.forget(this);
  }

  /** Merges what was marked, for a harvest of all pages; answers how many are new. Any thread. */
  synchronized long fetchInto(WordMerge merge) {
    int end = (int) SIZE.getAcquire(this);
    int from = fetched & marked.length - 1;
    int to = from + end - fetched;
    long fresh = merge.orPages(marked, from, Math.min(to, marked.length));
    fresh += merge.orPages(marked, 0, to - marked.length);
    fetched = end;
    return fresh;
  }

  /** Puts what was marked into the bitmap, for a harvest of some pages. Any thread. */
  synchronized void fetch() {
    apply((int) SIZE.getAcquire(this));
  }

  /** Puts what was marked and not fetched into the bitmap, part by part. */
  private void apply(int end) {
    sort(end);
    int from = 0;
    for (int part = 0; part < ends.length; part++) {
      for (int to; from < ends[part]; from = to) {
        to = Math.min(from + MARKED_AT_ONCE, ends[part]);
        apply(part, from, to);
      }
    }
    fetched = end;
  }

  /** By plain stores if nobody else is at the part. */
  private void apply(int part, int from, int to) {
    long first = use.firstPage(part);
    boolean isCounted = use.enter(part);
    if (use.beAlone(part)) {
      WordMarks.pagesAlone(words, summary, first, sorted, from, to);
      use.beTogether(part);
    } else {
      touched += WordMarks.pages(words, summary, first, sorted, from, to);
    }
    if (isCounted) {
      use.leave(part);
    }
  }

  private void sort(int end) {
    int mask = marked.length - 1;
    Arrays.fill(ends, 0);
    for (int i = fetched; i != end; i++) {
      ends[use.part(marked[i & mask])]++;
    }
    int sum = 0;
    for (int part = 0; part < ends.length; part++) {
      int count = ends[part];
      ends[part] = sum; // where it begins, and ends when all are there
      sum += count;
    }
    for (int i = fetched; i != end; i++) {
      long page = marked[i & mask];
      int part = use.part(page);
      sorted[ends[part]++] = (int) (page - use.firstPage(part));
    }
  }
}
