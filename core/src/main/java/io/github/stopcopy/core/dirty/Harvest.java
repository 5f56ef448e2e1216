package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

/**
 * One harvest: fetches and clears words of a bitmap that others may be marking, and merges them.
 * Used once, by one thread.
 */
final class Harvest {

  private static final long PAGES_PER_GROUP = 64L * PER_GROUP;

  private final long pages;
  private final long[] words;
  private final WordUse use;
  private final WordMerge merge;
  private final DirtyGroups groups;

  Harvest(long pages, long[] words, long[] summary, WordUse use, WordMerge merge) {
    this.pages = pages;
    this.words = words;
    this.use = use;
    this.merge = merge;
    this.groups = new DirtyGroups(words, summary, use);
  }

  /** Takes pages, the last one excluded; answers how many became dirty in the target. */
  long take(long first, long end) {
    long fresh = 0;
    for (long from = first; from < end; ) {
      int part = use.part(from);
      long to = Math.min(end, use.firstPage(part + 1));
      boolean isCounted = use.enter(part);
      fresh += take(part, from, to);
      if (isCounted) {
        use.leave(part);
      }
      from = to;
    }
    return fresh;
  }

  private long take(int part, long first, long end) {
    int firstGroup = (int) ((first + PAGES_PER_GROUP - 1) / PAGES_PER_GROUP);
    int endGroup = (int) ((end == pages ? end + PAGES_PER_GROUP - 1 : end) / PAGES_PER_GROUP);
    if (endGroup <= firstGroup) {
      return takeWords(first, end);
    }
    return takeWords(first, firstGroup * PAGES_PER_GROUP)
        + merge.or(groups.of(part, firstGroup, endGroup))
        + takeWords(endGroup * PAGES_PER_GROUP, end);
  }

  /**
   * Takes pages, the last one excluded, from groups that others share: their summary is left alone.
   * Takes nothing if the end is not behind the first.
   */
  private long takeWords(long first, long end) {
    long fresh = 0;
    long last = end - 1; // -1 for nothing at the beginning
    for (int word = (int) (first >>> 6); word <= last >> 6; word++) {
      long mask = BitWords.between(first, last, word);
      if ((BitWords.load(words, word) & mask) != 0) {
        fresh += merge.or(word, (long) WORD.getAndBitwiseAnd(words, word, ~mask) & mask);
      }
    }
    return fresh;
  }
}
