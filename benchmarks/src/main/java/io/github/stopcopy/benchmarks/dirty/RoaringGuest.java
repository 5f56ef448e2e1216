package io.github.stopcopy.benchmarks.dirty;

import java.util.BitSet;
import org.roaringbitmap.BatchIterator;
import org.roaringbitmap.BitSetUtil;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/** The bitmaps of {@link RoaringBitmap}, for one thread only. */
final class RoaringGuest implements Guest {

  private final RoaringBitmap logBefore;
  private final RoaringBitmap migrationBefore;
  private final int words;
  private RoaringBitmap log = new RoaringBitmap();
  private RoaringBitmap migration = new RoaringBitmap();
  private long inMigration;

  RoaringGuest(long[] log, long[] migration) {
    this.words = log.length;
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

  @Override
  public long runs() {
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
