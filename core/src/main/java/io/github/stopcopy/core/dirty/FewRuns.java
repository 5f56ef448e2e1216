package io.github.stopcopy.core.dirty;

/**
 * A few runs of pages, ascending and with pages between them that are in none. What a simulated
 * kernel reports are the ranges it maps, and two numbers for each are less than a bitmap. Not
 * thread-safe.
 */
final class FewRuns {

  private static final int MOST = 8;
  private static final long[] NONE = {};

  /** The first page of each run and the one behind its last. */
  private long[] bounds = NONE;

  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** How many pages are in them. */
  long pages() {
    long pages = 0;
    for (int i = 0; i < size; i++) {
      pages += bounds[2 * i + 1] - bounds[2 * i];
    }
    return pages;
  }

  boolean contains(long page) {
    for (int i = 0; i < size; i++) {
      if (bounds[2 * i] <= page && page < bounds[2 * i + 1]) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    size = 0;
  }

  /** Adds a run, joined with those that it meets; false if there is no room, nothing is then. */
  boolean add(long first, long end) {
    int from = 0;
    while (from < size && bounds[2 * from + 1] < first) {
      from++;
    }
    int to = from;
    while (to < size && bounds[2 * to] <= end) {
      to++;
    }
    boolean meets = from < to;
    return replace(
        from,
        to,
        meets ? Math.min(first, bounds[2 * from]) : first,
        meets ? Math.max(end, bounds[2 * to - 1]) : end);
  }

  /** Takes pages out; false if there is no room for what is left, nothing is done then. */
  boolean remove(long first, long end) {
    int from = 0;
    while (from < size && bounds[2 * from + 1] <= first) {
      from++;
    }
    int to = from;
    while (to < size && bounds[2 * to] < end) {
      to++;
    }
    if (from == to) {
      return true;
    }
    long left = bounds[2 * from];
    long right = bounds[2 * to - 1];
    if (left < first && end < right) {
      return size - (to - from) + 2 <= MOST
          && replace(from, to, left, first)
          && replace(from + 1, from + 1, end, right);
    }
    if (left < first) {
      return replace(from, to, left, first);
    }
    if (end < right) {
      return replace(from, to, end, right);
    }
    move(to, from);
    return true;
  }

  /** Puts one run in the place of some, which may be none. */
  private boolean replace(int from, int to, long first, long end) {
    if (from == to && size == MOST) {
      return false;
    }
    if (bounds.length == 0) {
      bounds = new long[2 * MOST];
    }
    move(to, from + 1);
    bounds[2 * from] = first;
    bounds[2 * from + 1] = end;
    return true;
  }

  /** Moves the runs from one place on to another. */
  private void move(int from, int to) {
    System.arraycopy(bounds, 2 * from, bounds, 2 * to, 2 * (size - from));
    size += to - from;
  }

  /** Visits all runs, ascending. */
  void forEach(DirtyBitmap.RunVisitor visitor) {
    for (int i = 0; i < size; i++) {
      visitor.run(bounds[2 * i], bounds[2 * i + 1] - bounds[2 * i]);
    }
  }
}
