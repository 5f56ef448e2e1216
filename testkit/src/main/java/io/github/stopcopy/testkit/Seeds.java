package io.github.stopcopy.testkit;

import java.util.Random;

/**
 * Runs a random case with several seeds. They begin with 1, or with the number in the system
 * property {@value #PROPERTY}; the seed of a run that fails is in the message, so that {@code
 * -Dstopcopy.seed=S} begins with that run. Static, thread-safe.
 */
public final class Seeds {

  /** The system property that holds the first seed, a decimal number. */
  public static final String PROPERTY = "stopcopy.seed";

  private Seeds() {}

  /** A case that takes its choices from a generator of random numbers. */
  @FunctionalInterface
  public interface RandomCase {
    /**
     * Plays the case once.
     *
     * @param random where all choices come from
     * @throws Exception if it fails
     */
    void play(Random random) throws Exception;
  }

  /** The first seed. */
  public static long first() {
    return Long.getLong(PROPERTY, 1);
  }

  /**
   * Plays a case with so many seeds, ascending.
   *
   * @throws AssertionError if a run fails in any way; it names the seed and has the failure as its
   *     cause
   */
  public static void forEach(int runs, RandomCase randomCase) {
    long first = first();
    for (long seed = first; seed < first + runs; seed++) {
      try {
        randomCase.play(new Random(seed));
      } catch (AssertionError | Exception wrong) {
        throw new AssertionError(
            "replay with -D" + PROPERTY + "=" + seed + ": " + wrong.getMessage(), wrong);
      }
    }
  }
}
