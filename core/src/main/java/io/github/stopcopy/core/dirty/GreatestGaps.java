package io.github.stopcopy.core.dirty;

import io.github.stopcopy.core.address.U64;
import java.util.Arrays;

/**
 * The greatest of the gaps that were offered, of equal ones those offered last: a heap with the
 * least of them on top. Not thread-safe.
 */
final class GreatestGaps {

  private final long[] gaps;
  private final int[] places;
  private int size;

  /** Room for so many gaps. */
  GreatestGaps(int most) {
    this.gaps = new long[most];
    this.places = new int[most];
  }

  /** Offers a gap; places come in ascending order. */
  void offer(long gap, int place) {
    if (size < gaps.length) {
      int at = size++;
      while (at > 0 && U64.less(gap, gaps[(at - 1) >>> 1])) {
        int parent = (at - 1) >>> 1;
        gaps[at] = gaps[parent];
        places[at] = places[parent];
        at = parent;
      }
      gaps[at] = gap;
      places[at] = place;
    } else if (size > 0 && U64.lessOrEqual(gaps[0], gap)) {
      replaceLeast(gap, place);
    }
  }

  /** The places of the gaps that were kept. */
  int[] ascending() {
    int[] kept = Arrays.copyOf(places, size);
    Arrays.sort(kept);
    return kept;
  }

  private void replaceLeast(long gap, int place) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && isLess(child + 1, child)) {
        child++;
      }
      if (!isBelow(child, gap, place)) {
        break;
      }
      gaps[at] = gaps[child];
      places[at] = places[child];
      at = child;
    }
    gaps[at] = gap;
    places[at] = place;
  }

  private boolean isLess(int a, int b) {
    return isBelow(a, gaps[b], places[b]);
  }

  /** Whether a gap of the heap goes before another: it is smaller, or equal and earlier. */
  private boolean isBelow(int at, long gap, int place) {
    return U64.less(gaps[at], gap) || gaps[at] == gap && places[at] < place;
  }
}
