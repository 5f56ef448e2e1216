package io.github.stopcopy.core.iova;

import java.util.Arrays;

/**
 * Some neighbouring leaves of a {@link RunTree}. A leaf is one array: the first pages of its runs,
 * for which it is searched, and behind them word and target of each run side by side. Leaves are as
 * small as their runs need until they are of full size. Not thread-safe.
 */
final class RunBlock {

  /** The greatest number of leaves. */
  static final int MOST_LEAVES = 128;

  /** The greatest number of runs in a leaf. */
  static final int MOST_RUNS = 64;

  private static final int WORDS_PER_RUN = 3;
  private static final int SMALLEST = 4;

  /** How many leaves there are. */
  int count;

  /** The first page of the first run of each leaf. */
  long[] keys;

  /** How many runs each leaf has. */
  int[] sizes;

  long[][] leaves;

  RunBlock(int room) {
    keys = new long[room];
    sizes = new int[room];
    leaves = new long[room][];
  }

  /** An empty leaf with room for a few runs. */
  static long[] smallLeaf() {
    return new long[SMALLEST * WORDS_PER_RUN];
  }

  /** The place of the word of a run in its leaf; that of the target is the next. */
  static int wordAt(long[] leaf, int run) {
    return leaf.length / WORDS_PER_RUN + 2 * run;
  }

  /** The last of the ascending keys that is not above this one, or -1. */
  static int search(long[] keys, int count, long key) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = low + high >>> 1;
      if (keys[middle] <= key) { // a guess of the processor reads on ahead, which no selection does
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  boolean isFull() {
    return count == MOST_LEAVES;
  }

  /** Makes room for a run in a leaf; false if there is none in a leaf of full size. */
  boolean growLeaf(int leafAt) {
    long[] before = leaves[leafAt];
    int size = sizes[leafAt];
    int room = before.length / WORDS_PER_RUN;
    if (size < room) {
      return true;
    }
    if (room == MOST_RUNS) {
      return false;
    }
    long[] after = new long[2 * before.length];
    copy(before, 0, after, 0, size);
    leaves[leafAt] = after;
    return true;
  }

  /** Puts a run into a leaf that has room. */
  void insertRun(int leafAt, int at, long first, long word, long target) {
    long[] leaf = leaves[leafAt];
    copy(leaf, at, leaf, at + 1, sizes[leafAt]++ - at);
    leaf[at] = first;
    int wordAt = wordAt(leaf, at);
    leaf[wordAt] = word;
    leaf[wordAt + 1] = target;
  }

  /** Takes runs out of a leaf, the last one excluded, and the leaf if none is left. */
  void removeRuns(int leafAt, int from, int to) {
    long[] leaf = leaves[leafAt];
    copy(leaf, to, leaf, from, sizes[leafAt] - to);
    sizes[leafAt] -= to - from;
    keys[leafAt] = leaf[0];
    if (sizes[leafAt] == 0) {
      removeLeaves(leafAt, leafAt + 1);
    } else if (sizes[leafAt] < MOST_RUNS / 4) {
      joinLeaf(Math.max(leafAt - 1, 0));
    }
  }

  /** Moves the runs from one on into a leaf of their own behind this one. There is room for it. */
  void splitLeaf(int leafAt, int from) {
    long[] leaf = leaves[leafAt];
    long[] next = new long[MOST_RUNS * WORDS_PER_RUN];
    int moved = sizes[leafAt] - from;
    copy(leaf, from, next, 0, moved);
    sizes[leafAt] = from;
    insertLeaf(leafAt + 1, next, moved);
  }

  /** Moves the leaves from one on into a block of their own. */
  RunBlock split(int from) {
    RunBlock next = new RunBlock(MOST_LEAVES);
    next.append(this, from);
    removeLeaves(from, count);
    return next;
  }

  /** Adds the leaves of another block from one on; there is room. */
  void append(RunBlock other, int from) {
    int moved = other.count - from;
    reserve(count + moved);
    System.arraycopy(other.keys, from, keys, count, moved);
    System.arraycopy(other.sizes, from, sizes, count, moved);
    System.arraycopy(other.leaves, from, leaves, count, moved);
    count += moved;
  }

  void insertLeaf(int at, long[] leaf, int size) {
    reserve(count + 1);
    System.arraycopy(keys, at, keys, at + 1, count - at);
    System.arraycopy(sizes, at, sizes, at + 1, count - at);
    System.arraycopy(leaves, at, leaves, at + 1, count - at);
    keys[at] = leaf[0];
    sizes[at] = size;
    leaves[at] = leaf;
    count++;
  }

  private void removeLeaves(int from, int to) {
    System.arraycopy(keys, to, keys, from, count - to);
    System.arraycopy(sizes, to, sizes, from, count - to);
    System.arraycopy(leaves, to, leaves, from, count - to);
    Arrays.fill(leaves, count - (to - from), count, null);
    count -= to - from;
  }

  /** Joins a leaf and the next if they leave room for more. */
  private void joinLeaf(int leafAt) {
    if (leafAt + 1 >= count) {
      return;
    }
    int size = sizes[leafAt];
    int moved = sizes[leafAt + 1];
    long[] leaf = leaves[leafAt];
    if (size + moved <= leaf.length / WORDS_PER_RUN * 3 / 4) {
      copy(leaves[leafAt + 1], 0, leaf, size, moved);
      sizes[leafAt] = size + moved;
      removeLeaves(leafAt + 1, leafAt + 2);
    }
  }

  private void reserve(int room) {
    if (room > leaves.length) {
      int larger = Math.min(Math.max(room, 2 * leaves.length), MOST_LEAVES);
      keys = Arrays.copyOf(keys, larger);
      sizes = Arrays.copyOf(sizes, larger);
      leaves = Arrays.copyOf(leaves, larger);
    }
  }

  private static void copy(long[] from, int at, long[] to, int toAt, int runs) {
    System.arraycopy(from, at, to, toAt, runs);
    System.arraycopy(from, wordAt(from, at), to, wordAt(to, toAt), 2 * runs);
  }
}
