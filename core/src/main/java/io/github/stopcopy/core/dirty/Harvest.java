package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.WORD;

/**
 * One harvest: fetches and clears words of a bitmap that others may be marking, and merges them.
 * Used once, by one thread.
 */
final class Harvest {

  private final long[] words;
  private final long[] summary;
  private final WordMerge merge;
  private long fresh;

  Harvest(long[] words, long[] summary, WordMerge merge) {
    this.words = words;
    this.summary = summary;
    this.merge = merge;
  }

  /** How many pages became dirty in the target so far. */
  long fresh() {
    return fresh;
  }

  /**
   * Takes pages, the last one excluded, from groups that others share: their summary is left alone.
   * Takes nothing if the end is not behind the first.
   */
  void takePart(long first, long end) {
    long last = end - 1; // -1 for nothing at the beginning
    for (int word = (int) (first >>> 6); word <= last >> 6; word++) {
      long mask = BitWords.between(first, last, word);
      if ((BitWords.load(words, word) & mask) != 0) {
        fresh += merge.or(word, (long) WORD.getAndBitwiseAnd(words, word, ~mask) & mask);
      }
    }
  }

  /** Takes whole groups, the last one excluded. */
  void takeGroups(int firstGroup, int endGroup) {
    fresh += merge.or(new DirtyGroups(words, summary, true, firstGroup, endGroup));
  }
}
