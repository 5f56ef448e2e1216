package io.github.stopcopy.benchmarks.paired;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays all variants of a work once in every round, each round beginning with another, so that what
 * disturbs the machine disturbs all of them. A variant that is done quickly is played many times in a
 * round. In every round all variants with the same question must give the same checksum, and what they
 * leave behind after the first must be the same.
 */
public final class PairedRun {

  private static final int MOST_TIMES = 100_000;

  private final int warmUps;
  private final int rounds;
  private final long leastNanos;

  /**
   * A run.
   *
   * @param warmUps rounds that are not counted, at least 1
   * @param rounds rounds that are
   * @param leastNanos how much CPU time a variant is to take in a round, at least
   */
  public PairedRun(int warmUps, int rounds, long leastNanos) {
    this.warmUps = warmUps;
    this.rounds = rounds;
    this.leastNanos = leastNanos;
  }

  /**
   * Measures.
   *
   * @throws ChecksumMismatch if two variants did different work
   */
  public Timings play(List<? extends Variant> variants) {
    int[] times = new int[variants.size()];
    double[][] nanos = new double[variants.size()][rounds];
    playFirst(variants, times);
    for (int round = 1 - warmUps; round < rounds; round++) {
      Checksums checksums = new Checksums();
      for (int i = 0; i < times.length; i++) {
        int at = (round + warmUps + i) % times.length;
        Variant variant = variants.get(at);
        Sample sample = variant.play(times[at]);
        checksums.add(variant.question(), variant.name(), sample.checksum());
        if (round >= 0) {
          nanos[at][round] = (double) sample.nanos() / times[at];
        } else {
          times[at] = timesFor(sample.nanos(), times[at]);
        }
      }
    }
    Map<String, double[]> byName = new LinkedHashMap<>();
    for (int at = 0; at < times.length; at++) {
      if (byName.put(variants.get(at).name(), nanos[at]) != null) {
        throw new IllegalArgumentException("two variants named " + variants.get(at).name());
      }
    }
    return new Timings(byName);
  }

  private void playFirst(List<? extends Variant> variants, int[] times) {
    Checksums results = new Checksums();
    Checksums contents = new Checksums();
    for (int at = 0; at < times.length; at++) {
      Variant variant = variants.get(at);
      Sample sample = variant.play(1);
      results.add(variant.question(), variant.name(), sample.checksum());
      contents.add(variant.question(), variant.name() + ", left behind,", variant.content());
      times[at] = timesFor(sample.nanos(), 1);
    }
  }

  /** How many times it takes to fill a round, if so many took so long. */
  private int timesFor(long nanos, int times) {
    double one = Math.max((double) nanos / times, 1);
    return (int) Math.min(Math.ceil(leastNanos / one), MOST_TIMES);
  }

  /** The checksums of a round: who gave the first to each question, and what it was. */
  private static final class Checksums {

    private final Map<String, String> first = new LinkedHashMap<>();
    private final Map<String, Long> expected = new LinkedHashMap<>();

    void add(String question, String variant, long checksum) {
      Long before = expected.putIfAbsent(question, checksum);
      if (before == null) {
        first.put(question, variant);
      } else if (before != checksum) {
        throw new ChecksumMismatch(
            question + ": " + variant + " gives " + checksum + ", but " + first.get(question)
                + " " + before);
      }
    }
  }
}
