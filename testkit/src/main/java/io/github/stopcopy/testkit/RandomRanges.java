package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random ranges of addresses. Static; the same generator state gives the same ranges. */
public final class RandomRanges {

  private RandomRanges() {}

  /** A random number from 0 to {@code last} inclusive, both unsigned. */
  public static long upTo(Random random, long last) {
    if (last == U64.MAX) {
      return random.nextLong();
    }
    return Long.remainderUnsigned(random.nextLong(), last + 1);
  }

  /**
   * A range of whole pages in another one; short ones are as likely as long ones, and ends are
   * often those of the other.
   *
   * @param within one page at least, its ends aligned to pages
   * @param pageSize bytes, a power of two
   */
  public static AddressRange pagesWithin(Random random, AddressRange within, long pageSize) {
    long lastPage = Long.divideUnsigned(within.last() - within.first(), pageSize);
    long count = upTo(random, lastPage);
    count = random.nextBoolean() ? count : count >>> random.nextInt(64);
    long from = upTo(random, lastPage - count);
    from =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> lastPage - count;
          default -> from;
        };
    return new AddressRange(
        within.first() + from * pageSize,
        within.first() + (from + count) * pageSize + (pageSize - 1));
  }

  /**
   * Pieces that together are a range: ascending, adjacent, each of whole pages.
   *
   * @param range its ends aligned to pages
   * @param pageSize bytes, a power of two
   * @param most how many pieces at most, 1 or more
   */
  public static List<AddressRange> pieces(
      Random random, AddressRange range, long pageSize, int most) {
    List<AddressRange> pieces = new ArrayList<>();
    long first = range.first();
    while (pieces.size() < most - 1 && U64.less(pageSize - 1, range.last() - first)) {
      AddressRange rest = new AddressRange(first, range.last());
      long last = pagesWithin(random, rest, pageSize).last();
      if (last == range.last()) {
        break;
      }
      pieces.add(new AddressRange(first, last));
      first = last + 1;
    }
    pieces.add(new AddressRange(first, range.last()));
    return pieces;
  }

  /**
   * Ranges of whole pages that do not overlap, in random order; some are adjacent.
   *
   * @param within where they lie, its ends aligned to pages
   * @param pageSize bytes, a power of two
   * @param most how many at most, 1 or more; there is one at least
   */
  public static List<AddressRange> disjoint(
      Random random, AddressRange within, long pageSize, int most) {
    List<AddressRange> candidates = pieces(random, within, pageSize, 2 * most);
    List<AddressRange> ranges = new ArrayList<>();
    for (AddressRange candidate : candidates) {
      if (ranges.size() < most && random.nextBoolean()) {
        ranges.add(candidate);
      }
    }
    if (ranges.isEmpty()) {
      ranges.add(candidates.get(random.nextInt(candidates.size())));
    }
    Collections.shuffle(ranges, random);
    return ranges;
  }
}
