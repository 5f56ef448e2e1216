package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.ALL;
import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

import java.lang.invoke.VarHandle;

/**
 * One harvest: fetches and clears words of a bitmap that others may be marking, and merges them. The
 * summary is cleared before the words are read, and a mark writes its word before it looks at the
 * summary: either the words read here hold the mark, or the mark finds its bit of the summary cleared
 * and raises it again. Used once, by one thread.
 */
final class Harvest {

  /** How many groups are brought into the cache before the first of them is emptied. */
  private static final int BATCH = 64;

  private final long[] words;
  private final long[] summary;
  private final WordMerge merge;
  private final int[] batch = new int[BATCH];
  private int filled;
  private long fresh;

  /** Keeps the reads alive that only warm the cache. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  Harvest(long[] words, long[] summary, WordMerge merge) {
    this.words = words;
    this.summary = summary;
    this.merge = merge;
  }

  /** How many pages became dirty in the target so far. */
  long fresh() {
    return fresh;
  }

  /** Takes pages, ends inclusive, from groups that others share: their summary is left alone. */
  void takePart(long first, long last) {
    for (int word = (int) (first >>> 6); word <= last >>> 6; word++) {
      long mask = BitWords.between(first, last, word);
      if ((BitWords.load(words, word) & mask) != 0) {
        fresh += merge.or(word, (long) WORD.getAndBitwiseAnd(words, word, ~mask) & mask);
      }
    }
  }

  /** Takes whole groups, the last one excluded. */
  void takeGroups(int firstGroup, int endGroup) {
    int lastAt = (endGroup - 1) >>> 6;
    for (int at = firstGroup >>> 6; at <= lastAt; at++) {
      long mask = BitWords.between(firstGroup, endGroup - 1, at);
      if ((BitWords.load(summary, at) & mask) == 0) {
        continue;
      }
      long groups =
          mask == ALL
              ? (long) WORD.getAndSet(summary, at, 0L)
              : (long) WORD.getAndBitwiseAnd(summary, at, ~mask) & mask;
      for (; groups != 0; groups &= groups - 1) {
        batch[filled++] = BitWords.firstOfLowest(at, groups);
        if (filled == BATCH) {
          takeBatch();
        }
      }
    }
    takeBatch();
  }

  /** Empties the groups of the batch. The misses of the cache overlap only before the exchanges. */
  private void takeBatch() {
    VarHandle.fullFence();
    long read = 0;
    for (int i = 0; i < filled; i++) {
      int word = batch[i];
      read += words[word] + words[Math.min(word + PER_GROUP, words.length) - 1];
      read += merge.targetNear(word);
    }
    touched += read;
    for (int i = 0; i < filled; i++) {
      int word = batch[i];
      fresh += merge.takeGroup(words, word, Math.min(word + PER_GROUP, words.length));
    }
    filled = 0;
  }
}
