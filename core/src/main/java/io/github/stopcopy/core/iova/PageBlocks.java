package io.github.stopcopy.core.iova;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Single pages that many of their neighbourhood are mapped of, each with a target of its own and
 * all with the same access: blocks of pages, found by their number without a search. All pages
 * count, or only those at multiples of a power of two, which are further apart. A block is one
 * array: how many pages are mapped before each of its words of bits, its number, a bit for each
 * page, and the targets of those that are mapped, ascending. Not thread-safe.
 */
final class PageBlocks {

  private static final int BLOCK_SHIFT = 9;
  private static final int PAGES = 1 << BLOCK_SHIFT;
  private static final int COUNTS = 0;
  private static final int NUMBER = 1;
  private static final int BITS = 2;
  private static final int WORDS = PAGES / Long.SIZE;
  private static final int TARGETS = BITS + WORDS;

  /** The counts have so many bits for each word but the first. */
  private static final int COUNT_BITS = 9;

  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
  private static final long ONE_OF_EACH_COUNT = 0x0040201008040201L;

  /** Beside the counts: runs may be in the block or beside it. */
  private static final long HAS_RUNS = Long.MIN_VALUE;

  private static final int FEWEST_SLOTS = 8;
  private static final long[][] NO_SLOTS = {};
  private static final int SMALLEST = 4;

  /** By the hash of their numbers; null where there is none. */
  private long[] @Nullable [] blocks = NO_SLOTS;

  /** Random, so that no guest can choose pages whose blocks all want the same slot. */
  private long multiplier;

  private int count;

  /** In a tree with a run for each block; null until there is one, as most maps have none. */
  private RunTree.@Nullable Cursor order;

  private final int apart;
  private int changes;

  /**
   * No pages yet.
   *
   * @param apart the logarithm to 2 of how far the pages that count are apart
   */
  PageBlocks(int apart) {
    this.apart = apart;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Goes up whenever anything changes. */
  int changes() {
    return changes;
  }

  void clear() {
    changes++;
    blocks = NO_SLOTS;
    count = 0;
    order = null;
  }

  /** Whether a page counts here. */
  boolean counts(long page) {
    return (page & (1L << apart) - 1) == 0;
  }

  /** The first page of the block that a page lies in. */
  long first(long page) {
    return page & -1L << BLOCK_SHIFT + apart;
  }

  /** The last page of the block that a page lies in. */
  long last(long page) {
    return page | (1L << BLOCK_SHIFT + apart) - 1;
  }

  /** The block that a page lies in, whether it counts and is mapped or not; null if none. */
  long @Nullable [] blockAt(long page) {
    return count == 0 ? null : blocks[slot(page >>> BLOCK_SHIFT + apart)];
  }

  /** The block that a page belongs to, mapped or not; null if there is none. */
  long @Nullable [] blockOf(long page) {
    return counts(page) ? blockAt(page) : null;
  }

  /** Whether a page is mapped here. */
  boolean holds(long page) {
    long[] block = blockOf(page);
    return block != null && holds(block, page);
  }

  /** Whether any page from one to another, which is included, is mapped here. */
  boolean holdsAny(long firstPage, long lastPage) {
    if (firstPage == lastPage) {
      return holds(firstPage);
    }
    long page = ceiling(firstPage);
    return page != RunTree.NO_PAGE && page <= lastPage;
  }

  /** Whether a page of a block is mapped. */
  boolean holds(long[] block, long page) {
    long unit = page >>> apart;
    return (block[wordOf(unit)] & 1L << unit) != 0;
  }

  /** Where a mapped page of a block leads. */
  long target(long[] block, long page) {
    return block[placeOf(block, page >>> apart)];
  }

  /** Whether a run may hold pages of a block, or one beside it. */
  static boolean hasRuns(long[] block) {
    return (block[COUNTS] & HAS_RUNS) != 0;
  }

  /** A run may hold pages of this block from now on, or one beside it. */
  static void setHasRuns(long[] block) {
    block[COUNTS] |= HAS_RUNS;
  }

  /** How many pages of a block are mapped. */
  static int size(long[] block) {
    return before(block, WORDS - 1) + Long.bitCount(block[TARGETS - 1]);
  }

  /** The first mapped page from one on, or {@link RunTree#NO_PAGE}. */
  long ceiling(long page) {
    if (count == 0) {
      return RunTree.NO_PAGE;
    }
    long unit = (page + (1L << apart) - 1) >>> apart;
    long[] block = blocks[slot(unit >>> BLOCK_SHIFT)];
    if (block != null) {
      int word = wordOf(unit);
      long left = block[word] & -1L << unit;
      while (left == 0 && ++word < TARGETS) {
        left = block[word];
      }
      if (left != 0) {
        return pageOf(block, word, left);
      }
    }
    RunTree.Cursor cursor = Objects.requireNonNull(order);
    return cursor.ceiling((unit | PAGES - 1) + 1) ? firstMapped(cursor) : RunTree.NO_PAGE;
  }

  /** The first page of the block at the cursor. */
  private long firstMapped(RunTree.Cursor cursor) {
    long[] block = blocks[slot(cursor.first() >>> BLOCK_SHIFT)];
    int word = BITS;
    while (block[word] == 0) {
      word++;
    }
    return pageOf(block, word, block[word]);
  }

  private long pageOf(long[] block, int word, long bits) {
    long into = (word - BITS) * (long) Long.SIZE + Long.numberOfTrailingZeros(bits);
    return (block[NUMBER] << BLOCK_SHIFT) + into << apart;
  }

  /** Makes a block for the pages around one. */
  void create(long page) {
    changes++;
    RunTree.Cursor cursor = order;
    if (cursor == null) {
      multiplier = new SplittableRandom().nextLong() | 1;
      cursor = new RunTree().cursor();
      order = cursor;
    }
    if (2 * (count + 1) > blocks.length) {
      rehash(Math.max(FEWEST_SLOTS, 2 * blocks.length));
    }
    long number = page >>> BLOCK_SHIFT + apart;
    long[] block = new long[TARGETS + SMALLEST];
    block[NUMBER] = number;
    blocks[slot(number)] = block;
    count++;
    cursor.floor(number << BLOCK_SHIFT);
    cursor.insert(number << BLOCK_SHIFT, 0, 0);
  }

  /** Maps a page that is not mapped and has a block. */
  void add(long page, long target) {
    changes++;
    long unit = page >>> apart;
    int slot = slot(unit >>> BLOCK_SHIFT);
    long[] block = blocks[slot];
    int place = placeOf(block, unit);
    int end = TARGETS + size(block);
    if (end == block.length) {
      int room = end - TARGETS;
      block = Arrays.copyOf(block, TARGETS + Math.min(PAGES, room + Math.max(room / 2, 6)));
      blocks[slot] = block;
    }
    System.arraycopy(block, place, block, place + 1, end - place);
    block[place] = target;
    block[wordOf(unit)] |= 1L << unit;
    block[COUNTS] += countsBehind(unit);
  }

  /**
   * Unmaps a mapped page.
   *
   * @return how many pages of its block are left
   */
  int remove(long page) {
    changes++;
    long unit = page >>> apart;
    int slot = slot(unit >>> BLOCK_SHIFT);
    long[] block = blocks[slot];
    int place = placeOf(block, unit);
    int end = TARGETS + size(block);
    System.arraycopy(block, place + 1, block, place, end - place - 1);
    block[wordOf(unit)] &= ~(1L << unit);
    block[COUNTS] -= countsBehind(unit);
    int left = end - TARGETS - 1;
    if (block.length - TARGETS > 2 * left + 2 * SMALLEST) {
      blocks[slot] = Arrays.copyOf(block, TARGETS + left + SMALLEST);
    }
    return left;
  }

  /** Drops the block that a page belongs to with all that is mapped in it. */
  void drop(long page) {
    changes++;
    long number = page >>> BLOCK_SHIFT + apart;
    RunTree.Cursor cursor = Objects.requireNonNull(order);
    cursor.floor(number << BLOCK_SHIFT);
    cursor.remove();
    count--;
    int free = slot(number);
    blocks[free] = null;
    // What was put behind this slot because it was taken moves up.
    int mask = blocks.length - 1;
    for (int slot = free + 1 & mask; blocks[slot] != null; slot = slot + 1 & mask) {
      long[] block = blocks[slot];
      blocks[slot] = null;
      blocks[slot(block[NUMBER])] = block;
    }
    if (blocks.length > FEWEST_SLOTS && 8 * count < blocks.length) {
      rehash(blocks.length / 2);
    }
  }

  private void rehash(int slots) {
    long[][] before = blocks;
    blocks = new long[slots][];
    for (long[] block : before) {
      if (block != null) {
        blocks[slot(block[NUMBER])] = block;
      }
    }
  }

  /** The slot of a block, or the free one where it would be. */
  private int slot(long number) {
    int mask = blocks.length - 1;
    int slot = (int) (number * multiplier >>> Integer.numberOfLeadingZeros(mask) + Integer.SIZE);
    while (blocks[slot] != null && blocks[slot][NUMBER] != number) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static int wordOf(long unit) {
    return BITS + ((int) unit & PAGES - 1) / Long.SIZE;
  }

  private static int placeOf(long[] block, long unit) {
    int word = wordOf(unit);
    return TARGETS + before(block, word - BITS) + Long.bitCount(block[word] & (1L << unit) - 1);
  }

  /** How many pages are mapped before a word of bits; none before the first one. */
  private static int before(long[] block, int word) {
    return word == 0 ? 0 : (int) (block[COUNTS] >>> COUNT_BITS * (word - 1) & COUNT_MASK);
  }

  /** A 1 in each count of the words behind that of a page. */
  private static long countsBehind(long unit) {
    return ONE_OF_EACH_COUNT << COUNT_BITS * (wordOf(unit) - BITS) & ~HAS_RUNS;
  }
}
