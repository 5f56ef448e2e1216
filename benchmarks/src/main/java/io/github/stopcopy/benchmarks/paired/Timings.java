package io.github.stopcopy.benchmarks.paired;

import java.util.Map;

/** What a paired run measured: for each variant the nanoseconds of one time, round by round. */
public final class Timings {

  private final Map<String, double[]> nanos;

  Timings(Map<String, double[]> nanos) {
    this.nanos = nanos;
  }

  /** Whether a variant took part. */
  public boolean has(String variant) {
    return nanos.containsKey(variant);
  }

  /** Nanoseconds of one time. */
  public Spread nanos(String variant) {
    return Spread.of(rounds(variant));
  }

  /** The time of a variant by that of another in the same round. */
  public Spread ratio(String variant, String reference) {
    double[] ratios = rounds(variant).clone();
    double[] by = rounds(reference);
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] /= by[round];
    }
    return Spread.of(ratios);
  }

  private double[] rounds(String variant) {
    double[] rounds = nanos.get(variant);
    if (rounds == null) {
      throw new IllegalArgumentException("no variant " + variant + ", there are " + nanos.keySet());
    }
    return rounds;
  }
}
