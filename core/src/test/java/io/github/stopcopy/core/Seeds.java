package io.github.stopcopy.core;

import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * Runs a test for many seeds, always the same ones; {@code -Dseed=} runs it for that one alone,
 * {@code -Dseed.count=} for so many and {@code -Dseed.most=} for no more than so many.
 */
public final class Seeds {

  private Seeds() {}

  /** Runs a test for so many seeds, if nothing else was asked for; names the one that fails. */
  public static void run(int cases, LongConsumer test) {
    Long only = Long.getLong("seed");
    if (only != null) {
      test.accept(only);
      return;
    }
    SplittableRandom seeds = new SplittableRandom(20261101);
    int count = Math.min(Integer.getInteger("seed.count", cases), most());
    for (int i = 0; i < count; i++) {
      long seed = seeds.nextLong();
      try {
        test.accept(seed);
      } catch (AssertionError | RuntimeException | StackOverflowError failed) {
        throw new AssertionError("case " + i + ", run it alone with -Dseed=" + seed, failed);
      }
    }
  }

  /** Whether all tests run for as many seeds as they ask for. */
  public static boolean areUsual() {
    return Long.getLong("seed") == null
        && Integer.getInteger("seed.count") == null
        && most() == Integer.MAX_VALUE;
  }

  private static int most() {
    return Integer.getInteger("seed.most", Integer.MAX_VALUE);
  }
}
