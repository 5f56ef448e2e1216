package io.github.stopcopy.benchmarks.dirty;

/**
 * Something else that fills the caches of the processor, as a guest does between two harvests. Not
 * thread-safe.
 */
final class ColdCache {

  /** 64 MiB, as in the loops in C. */
  private static final int WORDS = 8 << 20;

  private final long[] words = new long[WORDS];
  private long sum;

  /** Reads it all; answers a number so that the reads are not left out. */
  long fill() {
    for (long word : words) {
      sum += word;
    }
    return sum;
  }
}
