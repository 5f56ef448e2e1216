package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.Variant;
import java.util.List;

/**
 * A piece of work, all ways of doing it, and which of them are compared.
 *
 * @param name what is done
 * @param variants who does it
 * @param comparisons the rows of the table; those whose variants did not take part are skipped
 */
public record Work(String name, List<Variant> variants, List<Comparison> comparisons) {

  /** How the loop in C is named everywhere. */
  public static final String C = "C loop";

  /** How the loop in C is named that has a summary and fetches ahead. */
  static final String C_SUMMARY = "C with summary";

  /**
   * A row of the table.
   *
   * @param variant whose time
   * @param reference by whose time
   * @param goal what the ratio is to be at most, or 0 if nothing is asked for
   * @param isStretch whether the goal is one that may be missed
   */
  public record Comparison(String variant, String reference, double goal, boolean isStretch) {}
}
