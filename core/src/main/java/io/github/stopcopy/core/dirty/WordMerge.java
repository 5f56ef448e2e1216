package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.GROUP_SHIFT;
import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

/**
 * Carries words of one bitmap into another that lies a number of pages away, by shifting whole
 * words (R-DT-52). Writes the target by plain stores; not thread-safe.
 */
final class WordMerge {

  /** How many pages are merged at once: as many misses as a processor has at the same time. */
  private static final int PAGES_AT_ONCE = 64;

  private final long[] target;
  private final long[] summary;
  private final long distance;
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
    this.distance = distance;
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
        fresh += orRun(groups);
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

  /** Marks pages in any order; answers how many are new. */
  long orPages(long[] pages, int from, int to) {
    long fresh = 0;
    for (int at = from; at < to; at += PAGES_AT_ONCE) {
      int end = Math.min(at + PAGES_AT_ONCE, to);
      touch(pages, at, end);
      for (int i = at; i < end; i++) {
        long page = pages[i] + distance;
        fresh += orAt((int) (page >>> 6), 1L << page);
      }
    }
    return fresh;
  }

  /** Merges neighbouring words, of which most are not zero. */
  private long orRun(DirtyGroups groups) {
    if (!groups.beAlone()) {
      return orRun(groups.words(), groups.takes(), groups.runFrom(), groups.runTo());
    }
    long fresh = orRunAlone(groups.words(), groups.runFrom(), groups.runTo());
    groups.beTogether();
    return fresh;
  }

  private long orRun(long[] words, boolean takes, int from, int to) {
    if (shift == 0 && takes) {
      raiseRun(from, to);
      return takeRun(words, from, to, target, from + wordDistance);
    }
    long fresh = 0;
    for (int word = from; word < to; word++) {
      if (BitWords.load(words, word) != 0) {
        fresh += or(word, DirtyGroups.fetch(words, word, takes));
      }
    }
    return fresh;
  }

  /** Takes words that nobody else is at. */
  private long orRunAlone(long[] words, int from, int to) {
    if (shift == 0) {
      raiseRun(from, to);
      return takeRunAlone(words, from, to, target, from + wordDistance);
    }
    long fresh = 0;
    for (int word = from; word < to; word++) {
      fresh += or(word, words[word]);
      words[word] = 0;
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

  private static long takeRunAlone(long[] words, int from, int to, long[] target, int targetFrom) {
    long fresh = 0;
    int distance = targetFrom - from;
    for (int word = from; word < to; word++) {
      long bits = words[word];
      words[word] = 0;
      long before = target[word + distance];
      target[word + distance] = before | bits;
      fresh += Long.bitCount(bits & ~before);
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

  /** Brings what the pages go to into the cache. */
  private void touch(long[] pages, int from, int to) {
    long[] target = this.target;
    long read = 0;
    for (int i = from; i < to; i++) {
      read += target[(int) (pages[i] + distance >>> 6)];
    }
    touched += read;
  }

  private void raiseRun(int from, int to) {
    for (int word = from; word < to; word += PER_GROUP) {
      raise(word + wordDistance);
    }
    raise(to - 1 + wordDistance);
  }

  private void raise(int word) {
    int group = word >> GROUP_SHIFT;
    summary[group >>> 6] |= 1L << group;
  }
}
