package io.github.stopcopy.benchmarks.paired;

import java.util.Arrays;

/**
 * The middle of many figures and how far they lie apart.
 *
 * @param low the lower quartile
 * @param median half of the figures are not above it
 * @param high the upper quartile
 */
public record Spread(double low, double median, double high) {

  /** The spread of these figures, at least one; between two figures it lies in proportion. */
  public static Spread of(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return new Spread(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
