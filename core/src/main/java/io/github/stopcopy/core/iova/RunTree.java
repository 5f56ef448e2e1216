package io.github.stopcopy.core.iova;

import java.util.Arrays;

/**
 * Runs of mappings by their first page, in a tree of three levels: blocks of leaves of runs. A
 * level more would be a search more, and the row of blocks is short as long as the runs fit memory.
 * It does not know what runs mean, but that they have a first page. Not thread-safe.
 */
final class RunTree {

  private static final RunBlock NONE = new RunBlock(1);
  private static final long[] NO_LEAF = {};
  private static final long[] NO_KEYS = {};
  private static final RunBlock[] NO_BLOCKS = {};

  /** What no page has for its number. */
  static final long NO_PAGE = -1;

  /** The first page of the first run of each block. */
  private long[] keys = NO_KEYS;

  private RunBlock[] blocks = NO_BLOCKS;
  private int count;

  /** Goes up whenever anything changes: the places of other cursors end then. */
  private int changes;

  int changes() {
    return changes;
  }

  void clear() {
    changes++;
    keys = NO_KEYS;
    blocks = NO_BLOCKS;
    count = 0;
  }

  /** A cursor that is nowhere. */
  Cursor cursor() {
    return new Cursor();
  }

  private void insertBlock(int at, RunBlock block) {
    if (count == blocks.length) {
      int room = Math.max(1, 2 * count);
      keys = Arrays.copyOf(keys, room);
      blocks = Arrays.copyOf(blocks, room);
    }
    System.arraycopy(keys, at, keys, at + 1, count - at);
    System.arraycopy(blocks, at, blocks, at + 1, count - at);
    keys[at] = block.keys[0];
    blocks[at] = block;
    count++;
  }

  private void removeBlock(int at) {
    System.arraycopy(keys, at + 1, keys, at, count - at - 1);
    System.arraycopy(blocks, at + 1, blocks, at, count - at - 1);
    count--;
    blocks[count] = null;
  }

  /** Joins a block and the next if they leave room for more. */
  private void joinBlock(int at) {
    if (at + 1 < count && blocks[at].count + blocks[at + 1].count <= RunBlock.MOST_LEAVES * 3 / 4) {
      blocks[at].append(blocks[at + 1], 0);
      removeBlock(at + 1);
    }
  }

  /** A place in the tree: a run, or before all runs, or behind them. */
  final class Cursor {

    private int blockAt;
    private RunBlock block = NONE;
    private int leafAt;
    private long[] leaf = NO_LEAF;
    private int at;

    /** Goes to the last run that begins at a page or before; false if there is none. */
    boolean floor(long page) {
      if (count == 0) {
        block = NONE;
        blockAt = 0;
        leafAt = 0;
        at = -1;
        return false;
      }
      blockAt = count == 1 ? 0 : Math.max(RunBlock.search(keys, count, page), 0);
      block = blocks[blockAt];
      goToLeaf(Math.max(RunBlock.search(block.keys, block.count, page), 0));
      at = RunBlock.search(leaf, block.sizes[leafAt], page);
      return at >= 0;
    }

    /** Goes to the first run that begins at a page or behind; false if there is none. */
    boolean ceiling(long page) {
      return floor(page) && first() == page || next();
    }

    /** Goes to the next run; false if there is none. */
    boolean next() {
      if (block == NONE) {
        return false;
      }
      at++;
      if (at < block.sizes[leafAt]) {
        return true;
      }
      if (leafAt + 1 < block.count) {
        goToLeaf(leafAt + 1);
      } else if (blockAt + 1 < count) {
        blockAt++;
        block = blocks[blockAt];
        goToLeaf(0);
      } else {
        return false;
      }
      at = 0;
      return true;
    }

    /**
     * How many runs are a single page of a kind and count in some blocks, of those that begin in
     * the block of this one; at most so many are looked at on each side, in this leaf only.
     */
    int singlesAround(PageBlocks blocks, int kind, int most) {
      long firstPage = blocks.first(first());
      long lastPage = blocks.last(first());
      int from = at;
      while (from > 0 && at - from < most && leaf[from - 1] >= firstPage) {
        from--;
      }
      int found = 0;
      int size = block.sizes[leafAt];
      int to = Math.min(size, at + most + 1);
      for (int run = from; run < to && leaf[run] <= lastPage; run++) {
        if (blocks.counts(leaf[run])
            && leaf[RunBlock.wordAt(leaf, run)] == Run.word(leaf[run], kind)) {
          found++;
        }
      }
      return found;
    }

    private void goToLeaf(int leafAt) {
      this.leafAt = leafAt;
      leaf = block.leaves[leafAt];
    }

    /** The first page of the run behind this place, or {@link #NO_PAGE}. */
    long nextFirst() {
      if (at + 1 < block.sizes[leafAt]) {
        return leaf[at + 1];
      }
      if (leafAt + 1 < block.count) {
        return block.keys[leafAt + 1];
      }
      return blockAt + 1 < count ? keys[blockAt + 1] : NO_PAGE;
    }

    long first() {
      return leaf[at];
    }

    long word() {
      return leaf[RunBlock.wordAt(leaf, at)];
    }

    long last() {
      return Run.last(word());
    }

    int kind() {
      return Run.kind(word());
    }

    long target() {
      return leaf[RunBlock.wordAt(leaf, at) + 1];
    }

    void setWord(long word) {
      changes++;
      leaf[RunBlock.wordAt(leaf, at)] = word;
    }

    /** Lets the run begin at an earlier page, behind the run before. */
    void setFirst(long page, long target) {
      changes++;
      leaf[at] = page;
      leaf[RunBlock.wordAt(leaf, at) + 1] = target;
      firstChanged();
    }

    /** Inserts a run behind this place, which is the floor of its first page, and goes there. */
    void insert(long first, long word, long target) {
      changes++;
      if (count == 0) {
        RunBlock only = new RunBlock(1);
        only.insertLeaf(0, RunBlock.smallLeaf(), 0);
        insertBlock(0, only);
        floor(first);
      }
      while (!block.growLeaf(leafAt)) {
        split();
        floor(first);
      }
      leaf = block.leaves[leafAt];
      at++;
      block.insertRun(leafAt, at, first, word, target);
      firstChanged();
    }

    /**
     * Splits the leaf, or first the block if that is full. What grows at an end only leaves full
     * ones behind.
     */
    private void split() {
      int size = block.sizes[leafAt];
      if (block.isFull()) {
        insertBlock(blockAt + 1, block.split(place(leafAt, block.count)));
      } else {
        block.splitLeaf(leafAt, place(at, size));
      }
    }

    private int place(int at, int size) {
      if (at == size - 1) {
        return size - 1;
      }
      return at <= 0 ? 1 : size / 2;
    }

    /** Removes the run; the cursor is nowhere then. */
    void remove() {
      remove(at + 1);
    }

    /**
     * Removes the runs that begin at pages from one to another, which is included; the cursor is
     * nowhere then.
     *
     * @return how many mappings they held
     */
    long removeAll(long firstPage, long lastPage) {
      long mappings = 0;
      while (ceiling(firstPage) && first() <= lastPage) {
        int end = RunBlock.search(leaf, block.sizes[leafAt], lastPage) + 1;
        for (int run = at; run < end; run++) {
          long word = leaf[RunBlock.wordAt(leaf, run)];
          mappings += Run.mappings(Run.last(word) - leaf[run] + 1, Run.kind(word));
        }
        remove(end);
      }
      return mappings;
    }

    private void remove(int end) {
      changes++;
      block.removeRuns(leafAt, at, end);
      if (block.count == 0) {
        removeBlock(blockAt);
      } else {
        keys[blockAt] = block.keys[0];
        if (block.count < RunBlock.MOST_LEAVES / 4) {
          joinBlock(Math.max(blockAt - 1, 0));
        }
      }
    }

    private void firstChanged() {
      block.keys[leafAt] = leaf[0];
      keys[blockAt] = block.keys[0];
    }
  }
}
