package io.github.stopcopy.benchmarks.iova;

import java.util.Locale;

/** Which pages are mapped, and in which order they are asked for: the same as in C. */
enum Addresses {
  /** Pages among sixteen times as many, in an order that nobody foresees. */
  RANDOM(12),
  /** One page of 2 MiB here and there. */
  WIDE(21),
  /** One page after the other. */
  SEQUENTIAL(12);

  private static final int SPREAD_BITS = 4;

  private final int shift;

  Addresses(int shift) {
    this.shift = shift;
  }

  /** The first addresses of 2^bits pages in the order in which they are mapped. */
  long[] firsts(int bits) {
    long[] firsts = new long[1 << bits];
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = (this == SEQUENTIAL ? i : scramble(i, bits + SPREAD_BITS)) << shift;
    }
    return firsts;
  }

  /** The same in another order. */
  static long[] inOtherOrder(long[] firsts) {
    int bits = Integer.numberOfTrailingZeros(firsts.length);
    long[] order = new long[firsts.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = firsts[(int) scramble(i, bits)];
    }
    return order;
  }

  /** A permutation of the numbers of so many bits. */
  private static long scramble(long number, int bits) {
    long mask = (1L << bits) - 1;
    long scrambled = number;
    for (int round = 0; round < 3; round++) {
      scrambled = scrambled * 0x9e3779b97f4a7c15L & mask;
      scrambled ^= scrambled >>> bits / 2;
    }
    return scrambled;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
