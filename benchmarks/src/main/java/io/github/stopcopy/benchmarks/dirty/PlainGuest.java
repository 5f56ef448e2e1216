package io.github.stopcopy.benchmarks.dirty;

import java.util.stream.IntStream;

/** Plain arrays of words and plain loops: the limit, for one thread only. */
final class PlainGuest implements Guest {

  /** Words in a line of the cache. */
  private static final int GROUP = 8;

  private final long[] logBefore;
  private final long[] migrationBefore;
  private final long[] log;
  private final long[] migration;

  PlainGuest(long[] log, long[] migration) {
    this.logBefore = log;
    this.migrationBefore = migration;
    this.log = log.clone();
    this.migration = migration.clone();
  }

  @Override
  public String name() {
    return "long[]";
  }

  @Override
  public void reset() {
    System.arraycopy(logBefore, 0, log, 0, log.length);
    System.arraycopy(migrationBefore, 0, migration, 0, migration.length);
  }

  @Override
  public void mark(Marks marks, int from, int to) {
    int[] firsts = marks.firsts();
    if (marks.run() == 1) {
      for (int i = from; i < to; i++) {
        log[firsts[i] >>> 6] |= 1L << firsts[i];
      }
      return;
    }
    for (int i = from; i < to; i++) {
      int first = firsts[i];
      int last = first + marks.run() - 1;
      if (first >>> 6 == last >>> 6) {
        log[first >>> 6] |= -1L << first & -1L >>> ~last;
      } else {
        log[first >>> 6] |= -1L << first;
        for (int word = (first >>> 6) + 1; word < last >>> 6; word++) {
          log[word] = -1L;
        }
        log[last >>> 6] |= -1L >>> ~last;
      }
    }
  }

  @Override
  public long harvest() {
    long fresh = 0;
    for (int word = 0; word < log.length; word++) {
      long bits = log[word];
      log[word] = 0;
      long before = migration[word];
      migration[word] = before | bits;
      fresh += Long.bitCount(bits & ~before);
    }
    return fresh;
  }

  @Override
  public long runs() {
    long checksum = 0;
    long end = (long) log.length << 6;
    for (long first = next(0, 0); first < end; ) {
      long clean = next(first, -1);
      checksum += Guest.run(first, clean - first);
      first = next(clean, 0);
    }
    return checksum;
  }

  /** Merges the log three pages further on, page by page. */
  long mergePageByPage() {
    long fresh = 0;
    for (int word = 0; word < log.length; word++) {
      for (long bits = log[word]; bits != 0; bits &= bits - 1) {
        long page = ((long) word << 6) + Long.numberOfTrailingZeros(bits) + 3;
        long before = migration[(int) (page >>> 6)];
        migration[(int) (page >>> 6)] = before | 1L << page;
        fresh += before >>> page & 1 ^ 1;
      }
    }
    return fresh;
  }

  /** The first words of the groups in which something is dirty at the beginning. */
  int[] dirtyGroups() {
    return IntStream.range(0, (logBefore.length + GROUP - 1) / GROUP)
        .map(group -> group * GROUP)
        .filter(first ->
            IntStream.range(first, Math.min(first + GROUP, logBefore.length))
                .anyMatch(word -> logBefore[word] != 0))
        .toArray();
  }

  /** Adds up the words of these groups: reads what a harvest cannot do without. */
  long sum(int[] groups) {
    long sum = 0;
    for (int first : groups) {
      int end = Math.min(first + GROUP, log.length);
      for (int word = first; word < end; word++) {
        sum += log[word];
      }
    }
    return sum;
  }

  /** Adds up the words of the log. */
  long sum() {
    long sum = 0;
    for (int word = 0; word < log.length; word++) {
      sum += log[word];
    }
    return sum;
  }

  @Override
  public long[] log() {
    return log;
  }

  @Override
  public long[] migration() {
    return migration;
  }

  /** The first page at or after this one whose bit, after {@code flip}, is set, or the end. */
  private long next(long from, long flip) {
    int word = (int) (from >>> 6);
    if (word == log.length) {
      return from;
    }
    long bits = (log[word] ^ flip) & -1L << from;
    while (bits == 0) {
      word++;
      if (word == log.length) {
        return (long) log.length << 6;
      }
      bits = log[word] ^ flip;
    }
    return ((long) word << 6) + Long.numberOfTrailingZeros(bits);
  }
}
