package io.github.stopcopy.benchmarks.dirty;

import java.util.BitSet;

/** The bitmaps of {@link BitSet}, for one thread only. */
final class BitSetGuest implements Guest {

  private final BitSet logBefore;
  private final BitSet migrationBefore;
  private final BitSet log;
  private final BitSet migration;
  private final int words;
  private long inMigration;

  BitSetGuest(long[] log, long[] migration) {
    this.words = log.length;
    this.logBefore = BitSet.valueOf(log);
    this.migrationBefore = BitSet.valueOf(migration);
    this.log = new BitSet(words << 6);
    this.migration = new BitSet(words << 6);
    reset();
  }

  @Override
  public String name() {
    return "BitSet";
  }

  @Override
  public void reset() {
    log.clear();
    log.or(logBefore);
    migration.clear();
    migration.or(migrationBefore);
    inMigration = migration.cardinality();
  }

  @Override
  public void mark(Marks marks, int from, int to) {
    int[] firsts = marks.firsts();
    if (marks.run() == 1) {
      for (int i = from; i < to; i++) {
        log.set(firsts[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        log.set(firsts[i], firsts[i] + marks.run());
      }
    }
  }

  @Override
  public long harvest() {
    migration.or(log);
    log.clear();
    long before = inMigration;
    inMigration = migration.cardinality();
    return inMigration - before;
  }

  @Override
  public long runs() {
    long checksum = 0;
    for (int first = log.nextSetBit(0); first >= 0; ) {
      int end = log.nextClearBit(first);
      checksum += Guest.run(first, end - first);
      first = log.nextSetBit(end);
    }
    return checksum;
  }

  @Override
  public long[] log() {
    return log.toLongArray();
  }

  @Override
  public long[] migration() {
    return migration.toLongArray();
  }
}
