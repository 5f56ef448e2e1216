package io.github.stopcopy.benchmarks.dirty;

/**
 * Random numbers from a seed, the same as in {@code dirty-pages.c}: SplitMix64. Not thread-safe.
 */
public final class SplitMix {

  private long state;

  SplitMix(long seed) {
    this.state = seed;
  }

  long next() {
    state += 0x9e3779b97f4a7c15L;
    return mix(state);
  }

  /** Spreads every bit of a number over all. */
  public static long mix(long number) {
    long z = (number ^ number >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
