package io.github.stopcopy.benchmarks.dirty;

import java.util.BitSet;
import org.roaringbitmap.BatchIterator;
import org.roaringbitmap.BitSetUtil;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/** The bitmaps of {@link RoaringBitmap}, for one thread only. */
final class RoaringGuest implements Guest {

  /** From so many pages a run on it takes less to ask for its end than to read its pages. */
  private static final int LONG_RUN = 16;

  private final RoaringBitmap logBefore;
  private final RoaringBitmap migrationBefore;
  private final int words;
  private final boolean hasLongRuns;
  private RoaringBitmap log = new RoaringBitmap();
  private RoaringBitmap migration = new RoaringBitmap();
  private long inMigration;

  RoaringGuest(long[] log, long[] migration) {
    this.words = log.length;
    this.hasLongRuns = pagesPerRun(log) >= LONG_RUN;
    this.logBefore = BitSetUtil.bitmapOf(log);
    this.migrationBefore = BitSetUtil.bitmapOf(migration);
    reset();
  }

  @Override
  public String name() {
    return "RoaringBitmap";
  }

  @Override
  public void reset() {
    log = logBefore.clone();
    migration = migrationBefore.clone();
    inMigration = migration.getLongCardinality();
  }

  @Override
  public void mark(Marks marks, int from, int to) {
    int[] firsts = marks.firsts();
    if (marks.run() == 1) {
      for (int i = from; i < to; i++) {
        log.add(firsts[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        log.add((long) firsts[i], (long) firsts[i] + marks.run());
      }
    }
  }

  @Override
  public long harvest() {
    migration.or(log);
    log = new RoaringBitmap();
    long before = inMigration;
    inMigration = migration.getLongCardinality();
    return inMigration - before;
  }

  private static double pagesPerRun(long[] words) {
    long pages = 0;
    long runs = 0;
    long before = 0;
    for (long word : words) {
      pages += Long.bitCount(word);
      runs += Long.bitCount(word & ~(word << 1 | before >>> 63));
      before = word;
    }
    return runs == 0 ? 0 : (double) pages / runs;
  }

  /** By their ends where they are long, else page by page: whichever is quicker. */
  @Override
  public long runs() {
    return hasLongRuns ? runsByEnds() : runsByPages();
  }

  private long runsByEnds() {
    long checksum = 0;
    for (long first = log.nextValue(0); first >= 0; ) {
      long end = log.nextAbsentValue((int) first);
      checksum += Guest.run(first, end - first);
      first = end < (long) words << 6 ? log.nextValue((int) end) : -1;
    }
    return checksum;
  }

  private long runsByPages() {
    long checksum = 0;
    long first = 0;
    long end = 0;
    for (PeekableIntIterator pages = log.getIntIterator(); pages.hasNext(); ) {
      int page = pages.next();
      if (page != end) {
        checksum += first < end ? Guest.run(first, end - first) : 0;
        first = page;
      }
      end = page + 1L;
    }
    checksum += first < end ? Guest.run(first, end - first) : 0;
    return checksum;
  }

  @Override
  public long[] log() {
    return wordsOf(log);
  }

  @Override
  public long[] migration() {
    return wordsOf(migration);
  }

  /** How many bytes the bitmap of the migration takes. */
  long bytes() {
    return migration.getLongSizeInBytes();
  }

  private long[] wordsOf(RoaringBitmap bitmap) {
    BitSet bits = new BitSet(words << 6);
    int[] batch = new int[4096];
    BatchIterator pages = bitmap.getBatchIterator();
    while (pages.hasNext()) {
      int count = pages.nextBatch(batch);
      for (int i = 0; i < count; i++) {
        bits.set(batch[i]);
      }
    }
    return bits.toLongArray();
  }
}
