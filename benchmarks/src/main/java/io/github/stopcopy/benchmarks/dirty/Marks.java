package io.github.stopcopy.benchmarks.dirty;

import java.util.Locale;

/**
 * Random pages or runs of pages that are to be marked, in the order in which that is done.
 *
 * @param firsts the first page of each
 * @param run how many pages each has
 */
@SuppressWarnings("ArrayRecordComponent") // shared by all variants, never compared
record Marks(int[] firsts, int run) {

  /** How many pages a run has, 2 MiB of 4 KiB each. */
  static final int RUN = 512;

  /**
   * So many marks of single pages or runs, in a guest of a number of pages that is a power of two.
   */
  static Marks random(Kind kind, long pages, int count, long seed) {
    SplitMix random = new SplitMix(seed);
    int run = kind == Kind.RUNS ? RUN : 1;
    int[] firsts = new int[count];
    for (int i = 0; i < count; i++) {
      firsts[i] = (int) Math.min(random.next() & pages - 1, pages - run);
    }
    return new Marks(firsts, run);
  }

  /** The words of a bitmap in which these pages are set. */
  long[] words(long pages) {
    long[] words = new long[(int) (pages >>> 6)];
    for (int first : firsts) {
      for (int page = first; page < first + run; page++) {
        words[page >>> 6] |= 1L << page;
      }
    }
    return words;
  }

  /** What is marked. */
  enum Kind {
    /** Single pages. */
    PAGES,
    /** Runs of {@value #RUN} pages. */
    RUNS;

    /** How the loops in C are told to make so many. */
    String inC(int count, long seed) {
      return name().toLowerCase(Locale.ROOT) + " " + count + " " + seed;
    }
  }
}
