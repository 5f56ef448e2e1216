package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

/**
 * Carries words of one bitmap into another that lies a number of pages away, by shifting whole
 * words (R-DT-52). Writes the target by plain stores; not thread-safe.
 */
final class WordMerge {

  private final long[] target;
  private final long[] summary;
  private final int wordDistance;
  private final int shift;

  /** Keeps the reads alive that only warm the cache. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

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

  /**
   * Marks all that the groups hold, and takes it if they are to be taken; answers how many are new.
   */
  long or(DirtyGroups groups) {
    long fresh = 0;
    while (groups.next()) {
      if (groups.isRun()) {
        fresh += orRun(groups.words(), groups.takes(), groups.runFrom(), groups.runTo());
      } else {
        touch(groups.ends(), 2 * groups.size());
        fresh += orWords(groups.places(), groups.bits(), groups.wordCount());
      }
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

  /** Merges neighbouring words, of which most are not zero. */
  private long orRun(long[] words, boolean takes, int from, int to) {
    long fresh = 0;
    if (shift == 0 && takes) {
      fresh = takeRun(words, from, to, target, from + wordDistance);
      for (int word = from; word < to; word += PER_GROUP) {
        raise(word + wordDistance);
      }
      raise(to - 1 + wordDistance);
      return fresh;
    }
    for (int word = from; word < to; word++) {
      if (BitWords.load(words, word) != 0) {
        fresh += or(word, DirtyGroups.fetch(words, word, takes));
      }
    }
    return fresh;
  }

  /** Fetches, clears and merges words, and leaves the summary to the caller. */
  private static long takeRun(long[] words, int from, int to, long[] target, int targetFrom) {
    long fresh = 0;
    int at = targetFrom;
    for (int word = from; word < to; word++) {
      if (BitWords.load(words, word) != 0) { // an exchange of a zero takes as long as any
        long bits = (long) WORD.getAndSet(words, word, 0L);
        long before = target[at];
        target[at] = before | bits;
        fresh += Long.bitCount(bits & ~before);
      }
      at++;
    }
    return fresh;
  }

  private long orWords(int[] places, long[] bits, int count) {
    long fresh = 0;
    if (shift != 0) {
      for (int i = 0; i < count; i++) {
        fresh += or(places[i], bits[i]);
      }
      return fresh;
    }
    long[] target = this.target;
    long[] summary = this.summary;
    int distance = wordDistance;
    for (int i = 0; i < count; i++) {
      int at = places[i] + distance;
      long before = target[at];
      target[at] = before | bits[i];
      fresh += Long.bitCount(bits[i] & ~before);
      if (before == 0) {
        int group = at >> GROUP_SHIFT;
        summary[group >>> 6] |= 1L << group;
      }
    }
    return fresh;
  }

  /** Brings what the words go to into the cache, all at once so that the misses overlap. */
  private void touch(int[] places, int count) {
    long[] target = this.target;
    int distance = wordDistance;
    long read = 0;
    for (int i = 0; i < count; i++) {
      read += target[Math.max(places[i] + distance, 0)];
    }
    touched += read;
  }

  private long orAt(int at, long bits) {
    long before = target[at];
    target[at] = before | bits;
    if (before == 0) {
      raise(at); // a word that is not zero has its bit in the summary
    }
    return Long.bitCount(bits & ~before);
  }

  private void raise(int word) {
    int group = word >> GROUP_SHIFT;
    summary[group >>> 6] |= 1L << group;
  }
}
