package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;

/**
 * Offsets of a region that a transaction has outdated: an interval, so that what changes in it
 * later in the same transaction need not be followed upwards again. Not thread-safe.
 */
final class OutdatedOffsets {

  private int transaction;
  private long first;
  private long last;

  /**
   * Notes the offsets [from, to], if they can be one interval with those before, or are more.
   *
   * @return whether they were noted in this transaction already
   */
  boolean add(int current, long from, long to) {
    if (transaction == current) {
      if (U64.lessOrEqual(first, from) && U64.lessOrEqual(to, last)) {
        return true;
      }
      if (U64.lessOrEqual(from, last) && U64.lessOrEqual(first, to)) {
        first = U64.min(first, from);
        last = U64.max(last, to);
        return false;
      }
      if (U64.less(to - from, last - first)) {
        return false;
      }
    }
    transaction = current;
    first = from;
    last = to;
    return false;
  }
}
