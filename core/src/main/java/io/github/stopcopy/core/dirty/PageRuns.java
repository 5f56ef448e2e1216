package io.github.stopcopy.core.dirty;

import java.util.Arrays;

/**
 * Runs of pages, ascending and with pages between them that are in none, two numbers each. What a
 * simulated kernel reports are the ranges it maps, and that is less than a bitmap. Finding a run
 * takes the logarithm of their number, a new one between others moves those behind it. Not
 * thread-safe.
 */
final class PageRuns {

  private static final int SMALLEST = 8;
  private static final long[] NONE = {};

  /** The first page of each run and the one behind its last. */
  private long[] bounds = NONE;

  private int size;

  /** How many runs there are. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(long page) {
    int at = endingBehind(page);
    return at < size && bounds[2 * at] <= page;
  }

  /** Whether some pages are in a run or touch one, so that adding them makes no more runs. */
  boolean meets(long first, long end) {
    int at = endingBehind(first - 1);
    return at < size && bounds[2 * at] <= end;
  }

  void clear() {
    size = 0;
  }

  /** Adds pages, joined with the runs that they meet. */
  void add(long first, long end) {
    int from = endingBehind(first - 1);
    int to = from;
    while (to < size && bounds[2 * to] <= end) {
      to++;
    }
    boolean meets = from < to;
    replace(
        from,
        to,
        meets ? Math.min(first, bounds[2 * from]) : first,
        meets ? Math.max(end, bounds[2 * to - 1]) : end);
  }

  /** Takes pages out, in a run or not. */
  void remove(long first, long end) {
    int from = endingBehind(first);
    int to = from;
    while (to < size && bounds[2 * to] < end) {
      to++;
    }
    if (from == to) {
      return;
    }
    long left = bounds[2 * from];
    long right = bounds[2 * to - 1];
    if (left < first) {
      replace(from, to, left, first);
      if (end < right) {
        replace(from + 1, from + 1, end, right);
      }
    } else if (end < right) {
      replace(from, to, end, right);
    } else {
      move(to, from);
    }
  }

  /** Visits the pages from one to another, the end excluded, ascending. */
  void forEach(long first, long end, DirtyBitmap.RunVisitor visitor) {
    for (int at = endingBehind(first); at < size && bounds[2 * at] < end; at++) {
      long from = Math.max(bounds[2 * at], first);
      visitor.run(from, Math.min(bounds[2 * at + 1], end) - from);
    }
  }

  /** The first run that ends behind a page. */
  private int endingBehind(long page) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      if (bounds[2 * middle + 1] <= page) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Puts one run in the place of some, which may be none. */
  private void replace(int from, int to, long first, long end) {
    if (from == to && 2 * size == bounds.length) {
      bounds = Arrays.copyOf(bounds, Math.max(2 * bounds.length, 2 * SMALLEST));
    }
    move(to, from + 1);
    bounds[2 * from] = first;
    bounds[2 * from + 1] = end;
  }

  /** Moves the runs from one place on to another. */
  private void move(int from, int to) {
    System.arraycopy(bounds, 2 * from, bounds, 2 * to, 2 * (size - from));
    size += to - from;
  }
}
