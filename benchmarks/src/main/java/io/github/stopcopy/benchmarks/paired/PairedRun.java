package io.github.stopcopy.benchmarks.paired;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays all variants of a work once in every round, each round beginning with another, so that what
 * disturbs the machine disturbs all of them. A variant that is done quickly is played many times in
 * a round, but not so often that what prepares it takes long. In every round all variants with the
 * same question must give the same checksum, and what they leave behind after the first must be the
 * same.
 */
public final class PairedRun {

  private static final int MOST_TIMES = 100_000;

  /**
   * How many rounds warm up at least, and how much CPU time is enough for each variant after them.
   */
  private static final int LEAST_WARM_UPS = 3;

  private static final long WARM_NANOS = 500_000_000;

  /** How long a variant may take in a round with all that prepares it, by what it is to take. */
  private static final int LONGEST = 6;

  private final int warmUps;
  private final int rounds;
  private final long leastNanos;

  /**
   * A run.
   *
   * @param warmUps how many rounds are not counted at most; they end when all variants are warm
   * @param rounds rounds that are
   * @param leastNanos how much CPU time a variant is to take in a round, at least, if what prepares
   *     it does not take several times as long
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
    warmUp(variants, times);
    for (int round = 0; round < rounds; round++) {
      Sample[] samples = playRound(variants, times, round, new long[times.length]);
      for (int at = 0; at < times.length; at++) {
        nanos[at][round] = (double) samples[at].nanos() / times[at];
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

  /** Plays every variant once, another first each round; tells what each took in all. */
  private static Sample[] playRound(
      List<? extends Variant> variants, int[] times, int round, long[] inAll) {
    Checksums checksums = new Checksums();
    Sample[] samples = new Sample[times.length];
    for (int i = 0; i < times.length; i++) {
      int at = (round + i) % times.length;
      Variant variant = variants.get(at);
      long before = System.nanoTime();
      samples[at] = variant.play(times[at]);
      inAll[at] = System.nanoTime() - before;
      checksums.add(variant.question(), variant.name(), samples[at].checksum());
    }
    return samples;
  }

  private void warmUp(List<? extends Variant> variants, int[] times) {
    long[] spent = new long[times.length];
    for (int round = 0; round < warmUps; round++) {
      if (round >= LEAST_WARM_UPS && Arrays.stream(spent).min().orElse(0) >= WARM_NANOS) {
        break;
      }
      long[] inAll = new long[times.length];
      Sample[] samples = playRound(variants, times, round, inAll);
      for (int at = 0; at < times.length; at++) {
        spent[at] += samples[at].nanos();
        times[at] = timesFor(samples[at].nanos(), inAll[at], times[at]);
      }
    }
  }

  private void playFirst(List<? extends Variant> variants, int[] times) {
    Checksums results = new Checksums();
    Checksums contents = new Checksums();
    for (int at = 0; at < times.length; at++) {
      Variant variant = variants.get(at);
      long before = System.nanoTime();
      Sample sample = variant.play(1);
      long inAll = System.nanoTime() - before;
      results.add(variant.question(), variant.name(), sample.checksum());
      contents.add(variant.question(), variant.name() + ", left behind,", variant.content());
      times[at] = timesFor(sample.nanos(), inAll, 1);
    }
  }

  /** How many times it takes to fill a round, if so many took so long, and so long in all. */
  private int timesFor(long nanos, long inAll, int times) {
    double one = Math.max((double) nanos / times, 1);
    double oneInAll = Math.max((double) inAll / times, 1);
    double most = Math.min(LONGEST * leastNanos / oneInAll, MOST_TIMES);
    return (int) Math.max(Math.min(Math.ceil(leastNanos / one), most), 1);
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
            question
                + ": "
                + variant
                + " gives "
                + checksum
                + ", but "
                + first.get(question)
                + " "
                + before);
      }
    }
  }
}
