package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.List;
import java.util.Random;

/**
 * Random writes of a device: single bytes, parts of pages, some pages, seldom thousands of them; at
 * the ends of ranges, at the ends of pages and anywhere. Not thread-safe.
 */
public final class RandomWrites {

  private static final int PAGE = 4096;

  private final Random random;
  private final List<AddressRange> ranges;

  /**
   * Writes that begin in these ranges, mostly.
   *
   * @param random where all choices come from
   * @param ranges one at least
   */
  public RandomWrites(Random random, List<AddressRange> ranges) {
    this.random = random;
    this.ranges = List.copyOf(ranges);
  }

  /**
   * The next write. One in eight reaches beyond the end of a range, if there is an address beyond.
   */
  public AddressRange next() {
    AddressRange range = ranges.get(random.nextInt(ranges.size()));
    long length =
        switch (random.nextInt(16)) {
          case 0, 1, 2, 3 -> 1;
          case 4, 5, 6, 7 -> 1 + random.nextInt(PAGE);
          case 8, 9 -> PAGE;
          case 10, 11, 12, 13 -> 1 + random.nextInt(16 * PAGE);
          case 14 -> PAGE * (1L + random.nextInt(64));
          default -> PAGE * (1L + random.nextInt(2048));
        };
    long size = range.last() - range.first();
    long first =
        range.first()
            + switch (random.nextInt(8)) {
              case 0 -> 0;
              case 1 -> size - U64.min(size, length - 1);
              case 2, 3 -> U64.alignDown(RandomRanges.upTo(random, size), PAGE);
              default -> RandomRanges.upTo(random, size);
            };
    boolean beyond = random.nextInt(8) == 0;
    long end = beyond ? U64.addSaturated(range.last(), length) : range.last();
    return new AddressRange(first, U64.min(U64.addSaturated(first, length - 1), end));
  }
}
