package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

/**
 * Carries words of one bitmap into another that lies a number of pages away, by shifting whole words
 * (R-DT-52). Writes the target by plain stores; not thread-safe.
 */
final class WordMerge {

  private final long[] target;
  private final long[] summary;
  private final int wordDistance;
  private final int shift;

  /**
   * A merge.
   *
   * @param target the words merged into
   * @param summary their summary
   * @param distance what is added to a page to get the target's page
   */
  WordMerge(long[] target, long[] summary, long distance) {
    this.target = target;
    this.summary = summary;
    this.wordDistance = (int) (distance >> 6);
    this.shift = (int) (distance & 63);
  }

  /** What the target holds where a word goes to, or nearby. */
  long targetNear(int word) {
    return target[Math.min(Math.max(word + wordDistance, 0), target.length - 1)];
  }

  /** Fetches and clears the words of a group and marks them; answers how many pages are new. */
  long takeGroup(long[] words, int from, int to) {
    long fresh = 0;
    if (shift != 0) {
      for (int word = from; word < to; word++) {
        if (BitWords.load(words, word) != 0) {
          fresh += or(word, (long) WORD.getAndSet(words, word, 0L));
        }
      }
      return fresh;
    }
    long any = 0;
    for (int word = from; word < to; word++) {
      if (BitWords.load(words, word) != 0) {
        long bits = (long) WORD.getAndSet(words, word, 0L);
        long before = target[word + wordDistance];
        long added = bits & ~before;
        target[word + wordDistance] = before | bits;
        fresh += Long.bitCount(added);
        any |= added;
      }
    }
    if (any != 0) {
      raise(from + wordDistance);
      raise(to - 1 + wordDistance);
    }
    return fresh;
  }

  /** Marks the bits of one word; answers how many pages are new. */
  long or(int word, long bits) {
    int at = word + wordDistance;
    if (shift == 0) {
      return bits == 0 ? 0 : orAt(at, bits);
    }
    long low = bits << shift;
    long high = bits >>> -shift;
    return (low == 0 ? 0 : orAt(at, low)) + (high == 0 ? 0 : orAt(at + 1, high));
  }

  private long orAt(int at, long bits) {
    long before = target[at];
    long added = bits & ~before;
    if (added == 0) {
      return 0;
    }
    target[at] = before | added;
    raise(at);
    return Long.bitCount(added);
  }

  private void raise(int word) {
    int group = word >> GROUP_SHIFT;
    summary[group >>> 6] |= 1L << group;
  }
}
