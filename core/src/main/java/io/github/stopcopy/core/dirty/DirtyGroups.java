package io.github.stopcopy.core.dirty;

import static io.github.stopcopy.core.dirty.BitWords.ALL;
import static io.github.stopcopy.core.dirty.BitWords.PER_GROUP;
import static io.github.stopcopy.core.dirty.BitWords.WORD;

import org.jspecify.annotations.Nullable;

/**
 * The groups of a bitmap that are dirty by its summary, ascending and in batches, to be read or to
 * be taken, which is fetched and cleared. A batch is either a run of neighbouring groups, whose
 * words are still to be fetched, or the words of some groups that were not zero. For one thread,
 * while others may be marking.
 *
 * <p>Taking clears the summary before the words are looked at, and a mark writes its word before it
 * looks at the summary, all of it as volatile: either the words hold the mark when they are looked
 * at, or the mark finds its bit of the summary cleared and raises it again. A word that is seen as
 * zero and marked after that is left to the next harvest.
 *
 * <p>Words are taken by exchanges, or by plain loads and stores while nobody else is at them
 * ({@link WordUse}).
 *
 * <p>Groups are read once before anything is done with them, because a miss of the cache takes as
 * long as ten exchanges: plain reads overlap, reads between exchanges hardly do. For the same
 * reason their words are exchanged one after the other and used later. What a run needs the
 * processor fetches by itself.
 */
final class DirtyGroups {

  /** The greatest number of groups in a batch, as many as a word of the summary stands for. */
  private static final int BATCH = 64;

  private static final int WORDS_PER_BATCH = BATCH * PER_GROUP;

  private final long[] words;
  private final long[] summary;
  private final @Nullable WordUse use;

  private final int[] first;
  private final int[] ends;
  private final int[] places;
  private final long[] bits;
  private int part;
  private int firstGroup;
  private int endGroup;
  private int size;
  private int wordCount;
  private boolean isRun;

  /** The word of the summary that is next, and what is left of the one before. */
  private int at;

  private long left;

  /** Keeps the reads alive that only warm the cache. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  /**
   * The groups of a bitmap.
   *
   * @param words of a bitmap
   * @param summary of the same
   * @param use of the same, if the words are taken
   */
  DirtyGroups(long[] words, long[] summary, @Nullable WordUse use) {
    this.words = words;
    this.summary = summary;
    this.use = use;
    int most = Math.min(BATCH, (words.length + PER_GROUP - 1) / PER_GROUP);
    this.first = new int[most];
    this.ends = new int[2 * most];
    this.places = new int[most * PER_GROUP];
    this.bits = new long[most * PER_GROUP];
  }

  /**
   * Begins with a range of groups.
   *
   * @param part where they lie, which was entered if the words are taken
   * @param from the first group
   * @param to the one behind the last
   */
  DirtyGroups of(int part, int from, int to) {
    this.part = part;
    this.firstGroup = from;
    this.endGroup = to;
    this.at = from >>> 6;
    return this;
  }

  /** Goes to the next batch; answers whether there is one. */
  boolean next() {
    gather();
    if (!isRun) {
      touched += touch(words, first, size);
      boolean isAlone = beAlone();
      wordCount = find(words, first, size, places, ends);
      if (isAlone) {
        take(words, places, bits, wordCount);
        beTogether();
      } else {
        fetch(words, places, bits, wordCount, takes());
      }
    }
    return size != 0;
  }

  /** Takes words. */
  interface WordVisitor {
    void word(int word, long bits);
  }

  /**
   * Visits the words of all batches, ascending; zeros may be among them. For groups that are read.
   */
  void forEachWord(WordVisitor visitor) {
    while (next()) {
      if (isRun) {
        for (int word = runFrom(); word < runTo(); word++) {
          visitor.word(word, BitWords.load(words, word));
        }
      } else {
        for (int i = 0; i < wordCount; i++) {
          visitor.word(places[i], bits[i]);
        }
      }
    }
  }

  /** Whether the batch is a run, most of whose words may be dirty. */
  boolean isRun() {
    return isRun;
  }

  /** The first word of a run. */
  int runFrom() {
    return first[0];
  }

  /** The word behind a run. */
  int runTo() {
    return first[0] + WORDS_PER_BATCH;
  }

  /** How many words of the groups were not zero. */
  int wordCount() {
    return wordCount;
  }

  /** The numbers of the words that were not zero, ascending. */
  int[] places() {
    return places;
  }

  /** What these words hold or, if they are taken, held. */
  long[] bits() {
    return bits;
  }

  /** How many groups there are, and twice as many {@link #ends}. */
  int size() {
    return size;
  }

  /** For each group the numbers of its first and its last word that were not zero. */
  int[] ends() {
    return ends;
  }

  /** The words of the bitmap. */
  long[] words() {
    return words;
  }

  /** Whether words are taken. */
  boolean takes() {
    return use != null;
  }

  /**
   * Makes the caller the only one at the words until {@link #beTogether}, so that they may be taken
   * by plain loads and stores; answers false if others are there or nothing is taken.
   */
  boolean beAlone() {
    return use != null && use.beAlone(part);
  }

  /** Lets others in again. */
  void beTogether() {
    if (use != null) {
      use.beTogether(part);
    }
  }

  /** What a word holds; clears it if words are taken. */
  static long fetch(long[] words, int word, boolean takes) {
    return takes ? (long) WORD.getAndSet(words, word, 0L) : BitWords.load(words, word);
  }

  /** Finds the next groups in the summary: a run, or as many as fit before the next run. */
  private void gather() {
    int count = 0;
    isRun = false;
    while (count < first.length) {
      if (left == 0) {
        left = nextSummary();
        if (left == 0) {
          break;
        }
      }
      if (left == ALL && at * WORDS_PER_BATCH <= words.length) {
        if (count == 0) {
          isRun = true;
          first[0] = (at - 1) * WORDS_PER_BATCH;
          count = BATCH;
          left = 0;
        }
        break;
      }
      int word = at - 1;
      long groups = left;
      for (; groups != 0 && count < first.length; groups &= groups - 1) {
        first[count++] = BitWords.firstOfLowest(word, groups);
      }
      left = groups;
    }
    size = count;
  }

  /** The next word of the summary that is not zero, or 0 at the end. */
  private long nextSummary() {
    int end = (endGroup + 63) >>> 6;
    for (int word = at; word < end; word++) {
      if (BitWords.load(summary, word) == 0) {
        continue;
      }
      long mask = BitWords.between(firstGroup, endGroup - 1, word);
      long groups =
          mask
              & (takes()
                  ? BitWords.fetchAndClear(summary, word, mask)
                  : BitWords.load(summary, word));
      if (groups != 0) {
        at = word + 1;
        return groups;
      }
    }
    at = end;
    return 0;
  }

  /**
   * Reads every line of the groups once; a group lies in two lines as arrays begin behind a header.
   */
  private static long touch(long[] words, int[] first, int size) {
    long read = 0;
    for (int i = 0; i < size; i++) {
      read += words[first[i]] + words[Math.min(first[i] + PER_GROUP, words.length) - 1];
    }
    return read;
  }

  /**
   * Finds the words that are not zero; answers how many. Nobody foresees which they are: no
   * branches.
   */
  private static int find(long[] words, int[] first, int size, int[] places, int[] ends) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      int from = first[i];
      int dirty = 0;
      if (from + PER_GROUP <= words.length) {
        for (int word = 0; word < PER_GROUP; word++) {
          dirty |= BitWords.notZero(BitWords.load(words, from + word)) << word;
        }
      } else {
        for (int word = 0; from + word < words.length; word++) {
          dirty |= BitWords.notZero(BitWords.load(words, from + word)) << word;
        }
      }
      ends[2 * i] = from + (Integer.numberOfTrailingZeros(dirty) & PER_GROUP - 1);
      ends[2 * i + 1] = from + 31 - Integer.numberOfLeadingZeros(dirty | 1);
      for (; dirty != 0; dirty &= dirty - 1) {
        places[count++] = from + Integer.numberOfTrailingZeros(dirty);
      }
    }
    return count;
  }

  private static void fetch(long[] words, int[] places, long[] bits, int count, boolean takes) {
    for (int i = 0; i < count; i++) {
      bits[i] = fetch(words, places[i], takes);
    }
  }

  /** Fetches and clears words that nobody else is at. */
  private static void take(long[] words, int[] places, long[] bits, int count) {
    for (int i = 0; i < count; i++) {
      bits[i] = words[places[i]];
      words[places[i]] = 0;
    }
  }
}
