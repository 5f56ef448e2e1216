package io.github.stopcopy.core.dirty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words of a bitmap and its summary: which bits stand for which pages, words and groups. A
 * group is {@value #PER_GROUP} words, a line of the cache, and has a bit in the summary. Static,
 * thread-safe.
 */
final class BitWords {

  /** How many words a bit of the summary stands for. */
  static final int PER_GROUP = 8;

  /** How far a number of a word is shifted to get that of its group. */
  static final int GROUP_SHIFT = 3;

  static final long ALL = -1L;

  static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private BitWords() {}

  /** A word with all that was marked before. */
  static long load(long[] words, int at) {
    return (long) WORD.getVolatile(words, at);
  }

  /**
   * Sets bits of a word, as an atomic OR that is volatile does. The plain read is only a guess,
   * which the exchange holds against the word: it spares what a loop around it costs.
   */
  static void or(long[] words, int at, long bits) {
    long guess = words[at];
    if (!WORD.compareAndSet(words, at, guess, guess | bits)) {
      WORD.getAndBitwiseOr(words, at, bits);
    }
  }

  /** Fetches a word and clears these bits of it. */
  static long fetchAndClear(long[] words, int at, long bits) {
    return bits == ALL
        ? (long) WORD.getAndSet(words, at, 0L)
        : (long) WORD.getAndBitwiseAnd(words, at, ~bits);
  }

  /** 1 if any bit of a word is set, otherwise 0. */
  static int notZero(long word) {
    return (int) ((word | -word) >>> 63);
  }

  /** The bits of a word from this one on; only the lowest six bits of the number count. */
  static long from(long bit) {
    return ALL << bit;
  }

  /** The bits of a word up to this one, which is included. */
  static long upTo(long bit) {
    return ALL >>> -(bit + 1);
  }

  /**
   * The bits of word {@code word} that lie from bit {@code first} to bit {@code last} of all words.
   */
  static long between(long first, long last, int word) {
    long bits = word == first >>> 6 ? from(first) : ALL;
    return word == last >>> 6 ? bits & upTo(last) : bits;
  }

  /** The first word of the lowest group that is set in a word of the summary. */
  static int firstOfLowest(int summaryWord, long groups) {
    return ((summaryWord << 6) + Long.numberOfTrailingZeros(groups)) << GROUP_SHIFT;
  }
}
