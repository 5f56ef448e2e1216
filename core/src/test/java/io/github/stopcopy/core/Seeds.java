package io.github.stopcopy.core.memory;

import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** Runs a test for many seeds, always the same ones; {@code -Dseed=} runs it for that one alone. */
final class Seeds {

  private Seeds() {}

  static void run(int cases, LongConsumer test) {
    Long only = Long.getLong("seed");
    if (only != null) {
      test.accept(only);
      return;
    }
    SplittableRandom seeds = new SplittableRandom(20261101);
    for (int i = 0; i < cases; i++) {
      long seed = seeds.nextLong();
      try {
        test.accept(seed);
      } catch (AssertionError | RuntimeException | StackOverflowError failed) {
        throw new AssertionError("case " + i + ", run it alone with -Dseed=" + seed, failed);
      }
    }
  }
}
