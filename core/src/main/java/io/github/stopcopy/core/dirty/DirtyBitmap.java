package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A bit for every page of a range: bit i of word i/64 stands for page i, as in the kernel's
 * little-endian u64 bitmaps (R-DT-44, R-DT-50). A page is what the caller says it is; the bitmap
 * knows no addresses and no page size.
 *
 * <p>Above the words lies a summary of one bit for each 8 words, so that looking for dirty pages
 * costs what is dirty and not what there is. It takes 1/512 of a bit a page more.
 *
 * {@snippet file="DirtyPagesTest.java" region="bitmap"}
 *
 * <p>A thread that marks many pages does so faster with a {@link #marker}.
 *
 * <p>Threads: {@code mark}, {@code isDirty} and {@code clear} may be called by any threads while
 * any others harvest. A mark that returned before a harvest of its page began is in that harvest or
 * in an earlier one; every mark is in exactly one harvest, unless the page is dirty when it is
 * marked: then the two are one. Whatever writes to a <em>target</em> ({@code harvestInto}, {@code
 * mergeInto}, {@code splitInto}, {@code joinInto}, {@code mergeFrom}, {@code fill}) uses plain
 * stores and needs the target for itself. The methods that only read see a state that no moment may
 * have had while others mark.
 */
public final class DirtyBitmap {

  /** The greatest number of pages: 256 TiB of 4 KiB each, in 8 GiB of memory. */
  public static final long MAX_PAGES = 1L << 36;

  private static final DirtyMarker[] NONE = {};

  private final long pages;
  private final long[] words;
  private final long[] summary;
  private final WordUse use;
  private volatile DirtyMarker[] markers = NONE; // replaced, never changed

  /**
   * A bitmap without dirty pages.
   *
   * @param pages how many pages, 0 to {@link #MAX_PAGES}
   */
  public DirtyBitmap(long pages) {
    this.pages = pages;
    this.words = new long[words(pages)];
    this.summary = new long[(groups() + 63) >>> 6];
    this.use = new WordUse(pages);
  }

  /** How many words so many pages take. */
  static int words(long pages) {
    if (pages < 0 || pages > MAX_PAGES) {
      throw new IllegalArgumentException(pages + " pages, expected 0 to " + MAX_PAGES);
    }
    return (int) ((pages + 63) >>> 6);
  }

  /**
   * How many bytes a bitmap of so many pages takes: whole words of 8 bytes (R-DT-50).
   *
   * @param pages how many pages, from 0 on; also more than one bitmap here may have
   * @throws IllegalArgumentException if that is negative
   */
  public static long bytes(long pages) {
    if (pages < 0) {
      throw new IllegalArgumentException(pages + " pages, expected 0 or more");
    }
    return (pages + 63) >>> 6 << 3;
  }

  /** How many pages it stands for, dirty or not. */
  public long pages() {
    return pages;
  }

  /** Marks a page. Any thread. */
  public void mark(long page) {
    Objects.checkIndex(page, pages);
    use.share();
    WordMarks.page(words, summary, page);
  }

  /** Marks {@code count} pages from {@code first}. Any thread. */
  public void mark(long first, long count) {
    Objects.checkFromIndexSize(first, count, pages);
    if (count != 0) {
      use.share();
      WordMarks.range(words, summary, first, first + count - 1);
    }
  }

  /**
   * A marker for a thread that marks many pages. It takes 12 bytes for each 8192 pages, 384 KiB at
   * most, and harvests look into it until it is closed. Any thread.
   */
  public DirtyMarker marker() {
    DirtyMarker marker = new DirtyMarker(this, words, summary, use);
    synchronized (use) {
      DirtyMarker[] more = Arrays.copyOf(markers, markers.length + 1);
      more[markers.length] = marker;
      markers = more;
    }
    return marker;
  }

  /** A marker that was closed: harvests need not look into it. */
  void forget(DirtyMarker marker) {
    synchronized (use) {
      markers = Arrays.stream(markers).filter(other -> other != marker).toArray(DirtyMarker[]::new);
    }
  }

  /** Whether a page is dirty. Any thread. */
  public boolean isDirty(long page) {
    Objects.checkIndex(page, pages);
    return ((long) WORD.getVolatile(words, (int) (page >>> 6)) & 1L << page) != 0;
  }

  /** Makes a page clean and answers whether it was dirty. Any thread. */
  public boolean clear(long page) {
    Objects.checkIndex(page, pages);
    use.share();
    long bit = 1L << page;
    return ((long) WORD.getAndBitwiseAnd(words, (int) (page >>> 6), ~bit) & bit) != 0;
  }

  /** Makes {@code count} pages clean from {@code first}. Any thread. */
  public void clear(long first, long count) {
    Objects.checkFromIndexSize(first, count, pages);
    use.share();
    long last = first + count - 1;
    for (int word = (int) (first >>> 6); count > 0 && word <= last >>> 6; word++) {
      WORD.getAndBitwiseAnd(words, word, ~BitWords.between(first, last, word));
    }
  }

  /** Makes every page dirty, as the bitmap of a migration begins (R-DT-60). */
  public void fill() {
    if (pages != 0) {
      setRange(0, pages);
    }
  }

  /** How many pages are dirty. */
  public long count() {
    long count = 0;
    for (int at = 0; at < summary.length; at++) {
      for (long groups = BitWords.load(summary, at); groups != 0; groups &= groups - 1) {
        int from = BitWords.firstOfLowest(at, groups);
        int to = Math.min(from + PER_GROUP, words.length);
        for (int word = from; word < to; word++) {
          count += Long.bitCount(BitWords.load(words, word));
        }
      }
    }
    return count;
  }

  /** The first dirty page at or after {@code from}, or -1. */
  public long nextDirty(long from) {
    if (from >= pages) {
      return -1;
    }
    Objects.checkIndex(from, pages);
    int word = (int) (from >>> 6);
    long bits = BitWords.load(words, word) & BitWords.from(from);
    if (bits != 0) {
      return ((long) word << 6) + Long.numberOfTrailingZeros(bits);
    }
    return firstDirtyOf(word + 1);
  }

  /** The first clean page at or after {@code from}, or {@link #pages} if there is none. */
  public long nextClean(long from) {
    if (from >= pages) {
      return pages;
    }
    Objects.checkIndex(from, pages);
    int word = (int) (from >>> 6);
    long clean = ~BitWords.load(words, word) & BitWords.from(from);
    while (clean == 0) {
      word++;
      if (word == words.length) {
        return pages;
      }
      clean = ~BitWords.load(words, word);
    }
    return Math.min(((long) word << 6) + Long.numberOfTrailingZeros(clean), pages);
  }

  /** Takes runs of dirty pages. */
  @FunctionalInterface
  public interface RunVisitor {
    /**
     * A run of {@code count} dirty pages from {@code first}, with clean pages or nothing around it.
     */
    void run(long first, long count);
  }

  /** Visits every run of dirty pages, ascending. */
  public void forEachRun(RunVisitor visitor) {
    Runs runs = new Runs(visitor);
    dirtyGroups().forEachWord(runs);
    runs.end();
  }

  /**
   * Fetches and clears all pages and marks them in {@code target}, page i as {@code targetPage + i}
   * (R-DT-52, R-DT-60). One pass, at any offset.
   *
   * @return how many pages became dirty in the target
   */
  public long harvestInto(DirtyBitmap target, long targetPage) {
    return harvestInto(0, pages, target, targetPage);
  }

  /**
   * Fetches and clears {@code count} pages from {@code first} and marks them in {@code target} from
   * {@code targetPage} on.
   *
   * @return how many pages became dirty in the target
   */
  public long harvestInto(long first, long count, DirtyBitmap target, long targetPage) {
    checkMerge(first, count, target, targetPage);
    if (count == 0) {
      return 0;
    }
    WordMerge merge = new WordMerge(target.words, target.summary, targetPage - first);
    long fresh = 0;
    if (count == pages) {
      for (DirtyMarker marker : markers) {
        fresh += marker.fetchInto(merge); // need not pass through the words
      }
    } else {
      fetchMarked();
    }
    return fresh + new Harvest(pages, words, summary, use, merge).take(first, first + count);
  }

  /** Puts what markers marked into the bitmap. */
  void fetchMarked() {
    for (DirtyMarker marker : markers) {
      marker.fetch();
    }
  }

  /**
   * Marks in {@code target} what is dirty here, page i as {@code targetPage + i}; nothing is
   * cleared.
   *
   * @return how many pages became dirty in the target
   */
  public long mergeInto(DirtyBitmap target, long targetPage) {
    checkMerge(0, pages, target, targetPage);
    return new WordMerge(target.words, target.summary, targetPage).or(dirtyGroups());
  }

  /**
   * Marks in {@code target}, whose pages are smaller, what is dirty here: page i as the {@code
   * parts} pages from {@code targetPage + i * parts}; a 64 KiB page of a device is 16 pages of 4
   * KiB.
   *
   * @return how many pages became dirty in the target
   */
  public long splitInto(DirtyBitmap target, long targetPage, int parts) {
    checkParts(target, parts);
    Objects.checkFromIndexSize(targetPage, Math.multiplyExact(pages, parts), target.pages);
    long fresh = 0;
    long first = nextDirty(0);
    while (first >= 0) {
      long end = nextClean(first + 1);
      fresh += target.setRange(targetPage + first * parts, (end - first) * parts);
      first = nextDirty(end);
    }
    return fresh;
  }

  /**
   * Marks in {@code target}, whose pages are larger, what is dirty here: page i as page {@code
   * targetPage + i / parts}. A larger page is dirty if any of its parts is.
   *
   * @return how many pages became dirty in the target
   */
  public long joinInto(DirtyBitmap target, long targetPage, int parts) {
    checkParts(target, parts);
    Objects.checkFromIndexSize(targetPage, (pages + parts - 1) / parts, target.pages);
    long fresh = 0;
    long first = nextDirty(0);
    while (first >= 0) {
      long end = nextClean(first + 1);
      long large = first / parts;
      fresh += target.setRange(targetPage + large, (end - 1) / parts - large + 1);
      first = nextDirty(end);
    }
    return fresh;
  }

  /**
   * Writes all words as the kernel exchanges them, little-endian.
   *
   * @param out takes {@link #bytes} of {@link #pages} bytes from its position on
   * @throws BufferOverflowException if there is no room; nothing is written then
   */
  public void writeTo(ByteBuffer out) {
    long bytes = bytes(pages);
    if (out.remaining() < bytes) {
      throw new BufferOverflowException();
    }
    LongBuffer words64 = out.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    for (int word = 0; word < words.length; word++) {
      words64.put(BitWords.load(words, word));
    }
    out.position(out.position() + (int) bytes);
  }

  /**
   * Marks what is set in a bitmap as the kernel exchanges it. Bits beyond the last page are not
   * looked at.
   *
   * @param in exactly {@link #bytes} of {@link #pages} bytes, little-endian
   * @return how many pages became dirty
   * @throws IllegalArgumentException if there are more or fewer bytes; nothing is marked then
   */
  public long mergeFrom(ByteBuffer in) {
    if (in.remaining() != bytes(pages)) {
      throw new IllegalArgumentException(
          "a bitmap of "
              + in.remaining()
              + " bytes, expected "
              + bytes(pages)
              + " for "
              + pages
              + " pages");
    }
    LongBuffer words64 = in.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    in.position(in.limit());
    WordMerge merge = new WordMerge(words, summary, 0);
    long fresh = 0;
    for (int word = 0; word < words.length; word++) {
      long bits = words64.get();
      if (word == words.length - 1) {
        bits &= BitWords.upTo(pages - 1);
      }
      if (bits != 0) {
        fresh += merge.or(word, bits);
      }
    }
    return fresh;
  }

  /** How many pages are dirty of how many. */
  @Override
  public String toString() {
    return count() + " of " + pages + " pages dirty";
  }

  private void checkMerge(long first, long count, DirtyBitmap target, long targetPage) {
    checkOther(target);
    Objects.checkFromIndexSize(first, count, pages);
    Objects.checkFromIndexSize(targetPage, count, target.pages);
  }

  private void checkOther(DirtyBitmap target) {
    if (target == this) {
      throw new IllegalArgumentException("a bitmap cannot be merged into itself");
    }
  }

  /** What is dirty by the summary, to be read. */
  private DirtyGroups dirtyGroups() {
    return new DirtyGroups(words, summary, null).of(0, 0, groups());
  }

  /** How many groups may be dirty by the summary: what a look for dirty pages costs. */
  int raisedGroups() {
    int raised = 0;
    for (int at = 0; at < summary.length; at++) {
      raised += Long.bitCount(BitWords.load(summary, at));
    }
    return raised;
  }

  private int groups() {
    return (words.length + PER_GROUP - 1) >>> GROUP_SHIFT;
  }

  private void checkParts(DirtyBitmap target, int parts) {
    checkOther(target);
    if (parts < 1) {
      throw new IllegalArgumentException(parts + " parts of a page, expected 1 or more");
    }
  }

  /** The first dirty page in the words from {@code fromWord} on, or -1. */
  private long firstDirtyOf(int fromWord) {
    int group = fromWord >>> GROUP_SHIFT;
    int at = group >>> 6;
    if (fromWord >= words.length) {
      return -1;
    }
    long groups = BitWords.load(summary, at) & BitWords.from(group);
    while (true) {
      for (; groups != 0; groups &= groups - 1) {
        int from = BitWords.firstOfLowest(at, groups);
        int to = Math.min(from + PER_GROUP, words.length);
        for (int word = Math.max(from, fromWord); word < to; word++) {
          long bits = BitWords.load(words, word);
          if (bits != 0) {
            return ((long) word << 6) + Long.numberOfTrailingZeros(bits);
          }
        }
      }
      at++;
      if (at == summary.length) {
        return -1;
      }
      groups = BitWords.load(summary, at);
    }
  }

  /** Marks pages by plain stores and counts those that were clean. */
  private long setRange(long first, long count) {
    long last = first + count - 1;
    int firstWord = (int) (first >>> 6);
    int lastWord = (int) (last >>> 6);
    long fresh = 0;
    for (int word = firstWord; word <= lastWord; word++) {
      long bits = BitWords.between(first, last, word);
      fresh += Long.bitCount(bits & ~words[word]);
      words[word] |= bits;
    }
    int firstGroup = firstWord >>> GROUP_SHIFT;
    int lastGroup = lastWord >>> GROUP_SHIFT;
    for (int at = firstGroup >>> 6; at <= lastGroup >>> 6; at++) {
      summary[at] |= BitWords.between(firstGroup, lastGroup, at);
    }
    return fresh;
  }
}
