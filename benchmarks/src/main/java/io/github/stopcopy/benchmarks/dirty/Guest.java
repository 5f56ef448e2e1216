package io.github.stopcopy.benchmarks.dirty;

/**
 * The bitmaps of a guest as one library makes them: the log in which pages are marked, and the
 * bitmap of the migration that it is harvested into.
 */
interface Guest {

  /** The name of the library. */
  String name();

  /** Makes both bitmaps what they were in the beginning. */
  void reset();

  /** Marks in the log; answers how many marks that were. */
  default long mark(Marks marks) {
    mark(marks, 0, marks.firsts().length);
    return marks.firsts().length;
  }

  /** Marks a part of the marks. */
  void mark(Marks marks, int from, int to);

  /** Fetches and clears the log and merges it; answers how many pages are new in the migration. */
  long harvest();

  /** Visits the runs of dirty pages of the log; answers their {@link #run} together. */
  long runs();

  /** The words of the log. */
  long[] log();

  /** The words of the bitmap of the migration. */
  long[] migration();

  /** Marks and harvests. */
  default long cycle(Marks marks) {
    mark(marks);
    return harvest();
  }

  /** A checksum of both bitmaps. */
  default long content() {
    return checksum(log()) + 3 * checksum(migration());
  }

  /** What a run adds to the checksum of all. */
  static long run(long first, long count) {
    return first * 31 + count;
  }

  private static long checksum(long[] words) {
    long checksum = 0;
    for (int word = 0; word < words.length; word++) {
      if (words[word] != 0) {
        checksum += SplitMix.mix(words[word] ^ SplitMix.mix(word + 1));
      }
    }
    return checksum;
  }
}
