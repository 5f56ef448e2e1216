package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.ALL;
import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Marks pages in the words of a bitmap while others do so too and others harvest: first the words,
 * then their summary. Static, thread-safe.
 */
final class WordMarks {

  /** How many pages are marked at once: as many misses as a processor has at the same time. */
  private static final int BATCH = 64;

  private WordMarks() {}

  /** Marks a page. */
  static void page(long[] words, long[] summary, long page) {
    int word = (int) (page >>> 6);
    BitWords.or(words, word, 1L << page);
    raise(summary, word >>> GROUP_SHIFT);
  }

  /** Marks the pages from one to another, which is included. */
  static void range(long[] words, long[] summary, long first, long last) {
    int firstWord = (int) (first >>> 6);
    int lastWord = (int) (last >>> 6);
    if (firstWord == lastWord) {
      BitWords.or(words, firstWord, BitWords.from(first) & BitWords.upTo(last));
    } else {
      BitWords.or(words, firstWord, BitWords.from(first));
      for (int word = firstWord + 1; word < lastWord; word++) {
        WORD.setOpaque(words, word, ALL);
      }
      BitWords.or(words, lastWord, BitWords.upTo(last));
      VarHandle.fullFence();
    }
    raise(summary, firstWord >>> GROUP_SHIFT, lastWord >>> GROUP_SHIFT);
  }

  /**
   * Marks pages in any order, told by how far they are behind a first one, without a sign. What is
   * marked already is only looked at: that is enough after a full fence between what was written to
   * the page and this call, which the caller has passed.
   *
   * @return of no meaning: somebody must have it, or the reads that warm the cache are left out
   */
  static long pages(long[] words, long[] summary, long first, int[] pages, int from, int to) {
    long touched = 0;
    for (int at = from; at < to; at += BATCH) {
      int end = Math.min(at + BATCH, to);
      touched += touch(words, first, pages, at, end);
      for (int i = at; i < end; i++) {
        long page = first + Integer.toUnsignedLong(pages[i]);
        int word = (int) (page >>> 6);
        long bit = 1L << page;
        if ((BitWords.load(words, word) & bit) == 0) {
          BitWords.or(words, word, bit);
        }
      }
      for (int i = at; i < end; i++) {
        raise(summary, (int) (first + Integer.toUnsignedLong(pages[i]) >>> 6) >>> GROUP_SHIFT);
      }
    }
    return touched;
  }

  /** Marks pages in words that nobody else is at, in the same way. */
  static void pagesAlone(long[] words, long[] summary, long first, int[] pages, int from, int to) {
    for (int i = from; i < to; i++) {
      long page = first + Integer.toUnsignedLong(pages[i]);
      words[(int) (page >>> 6)] |= 1L << page;
    }
    for (int i = from; i < to; i++) {
      int group = (int) (first + Integer.toUnsignedLong(pages[i]) >>> 6) >>> GROUP_SHIFT;
      summary[group >>> 6] |= 1L << group;
    }
  }

  /** Marks the pages from one to another, which is included, in words that nobody else is at. */
  static void rangeAlone(long[] words, long[] summary, long first, long last) {
    int firstWord = (int) (first >>> 6);
    int lastWord = (int) (last >>> 6);
    words[firstWord] |= BitWords.between(first, last, firstWord);
    if (firstWord < lastWord) {
      Arrays.fill(words, firstWord + 1, lastWord, ALL);
      words[lastWord] |= BitWords.upTo(last);
    }
    int lastGroup = lastWord >>> GROUP_SHIFT;
    int firstGroup = firstWord >>> GROUP_SHIFT;
    for (int at = firstGroup >>> 6; at <= lastGroup >>> 6; at++) {
      summary[at] |= BitWords.between(firstGroup, lastGroup, at);
    }
  }

  /** Brings the words into the cache, all at once so that the misses overlap. */
  private static long touch(long[] words, long first, int[] pages, int from, int to) {
    long read = 0;
    for (int i = from; i < to; i++) {
      read += words[(int) (first + Integer.toUnsignedLong(pages[i]) >>> 6)];
    }
    return read;
  }

  /**
   * Says in the summary that a group may be dirty. The words were written before, with a full
   * fence.
   */
  private static void raise(long[] summary, int group) {
    long bit = 1L << group;
    if ((BitWords.load(summary, group >>> 6) & bit) == 0) {
      BitWords.or(summary, group >>> 6, bit);
    }
  }

  private static void raise(long[] summary, int firstGroup, int lastGroup) {
    for (int at = firstGroup >>> 6; at <= lastGroup >>> 6; at++) {
      long bits = BitWords.between(firstGroup, lastGroup, at);
      if ((BitWords.load(summary, at) & bits) != bits) {
        BitWords.or(summary, at, bits);
      }
    }
  }
}
