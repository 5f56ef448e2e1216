package io.github.stopcopy.benchmarks;

/** How a cost grows with what it is the cost of. Static, thread-safe. */
final class Growth {

  private Growth() {}

  /** The power of the size with which a cost has grown from one size to another: 1 is linear. */
  static double exponent(double size, double cost, double otherSize, double otherCost) {
    return Math.log(otherCost / cost) / Math.log(otherSize / size);
  }
}
