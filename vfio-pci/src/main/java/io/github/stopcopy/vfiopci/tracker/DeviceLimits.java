package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a device can track.
 *
 * @param maxRanges to how many ranges the driver coalesces what it is asked for (R-DT-45); 0: any
 *     number
 * @param minSizeBits the least size it tracks, as a power of two, 0 to 64: the sum of the ranges is
 *     rounded up to one (R-DT-47)
 * @param maxSizeBits the greatest such size, at most 64
 * @param minPageSize the smallest page it logs in, in bytes, a power of two from 4096 on; a smaller
 *     one asked for becomes this
 * @param maxPageSize the largest page it logs in, in bytes, a power of two, unsigned; a larger one
 *     asked for becomes this
 * @param pageCountBits in how many bits it counts the pages of a range, 1 to 64 (R-DT-48)
 * @param reportsOnlyInside whether a report must lie within one tracked range (R-DT-48); else there
 *     is nothing to report beyond
 */
public record DeviceLimits(
    int maxRanges,
    int minSizeBits,
    int maxSizeBits,
    long minPageSize,
    long maxPageSize,
    int pageCountBits,
    boolean reportsOnlyInside) {

  /** No limits. */
  public static final DeviceLimits NONE =
      new DeviceLimits(0, 0, 64, 4096, Long.MIN_VALUE, 64, false);

  private static final Comparator<AddressRange> BY_START =
      (a, b) -> U64.compare(a.first(), b.first());

  /**
   * Checks that there is a size and a page that fit.
   *
   * @throws IllegalArgumentException if not
   */
  public DeviceLimits {
    boolean sizes = 0 <= minSizeBits && minSizeBits <= maxSizeBits && maxSizeBits <= 64;
    boolean pages =
        Long.bitCount(minPageSize) == 1
            && Long.bitCount(maxPageSize) == 1
            && U64.lessOrEqual(4096, minPageSize)
            && U64.lessOrEqual(minPageSize, maxPageSize);
    if (maxRanges < 0 || !sizes || !pages || pageCountBits < 1 || pageCountBits > 64) {
      throw new IllegalArgumentException(
          "at most "
              + maxRanges
              + " ranges of 2^"
              + minSizeBits
              + " to 2^"
              + maxSizeBits
              + " bytes in pages of "
              + U64.decimal(minPageSize)
              + " to "
              + U64.decimal(maxPageSize)
              + " bytes, counted in "
              + pageCountBits
              + " bits, expected 2^0 to 2^64 bytes, pages that are powers of two from 4096 on, the"
              + " lower before the upper, and 1 to 64 bits");
    }
  }

  /** What is tracked when these ranges are asked for, ascending. */
  List<AddressRange> tracked(List<AddressRange> asked) {
    if (maxRanges != 0) {
      return RangeCoalescing.coalesce(asked, maxRanges);
    }
    List<AddressRange> ascending = new ArrayList<>(asked);
    ascending.sort(BY_START);
    return List.copyOf(ascending);
  }

  /** In how many bits a number can be written. */
  private static int bits(long number) {
    return Long.SIZE - Long.numberOfLeadingZeros(number);
  }

  /** The page size that is logged in when this one is asked for. */
  long granted(long pageSize) {
    return U64.min(U64.max(pageSize, minPageSize), maxPageSize);
  }

  /** Why these ranges cannot be tracked in pages of this size; empty if they can. */
  Optional<String> refusal(List<AddressRange> tracked, long pageSize) {
    long sum = 0; // of the sizes, modulo 2^64
    long carried = 0; // how often it was beyond
    for (AddressRange range : tracked) {
      long lastOffset = range.last() - range.first();
      long pages = Long.divideUnsigned(lastOffset, pageSize) + 1;
      if (bits(pages) > pageCountBits) {
        return Optional.of(
            U64.decimal(pages) + " pages in " + range + ", counted in " + pageCountBits + " bits");
      }
      long before = sum;
      sum += lastOffset + 1;
      carried += U64.lessOrEqual(sum, before) ? 1 : 0; // a size is at most 2^64
    }
    long highest = sum == 0 ? carried - 1 : carried; // of the last address, sum - 1
    int bits = tracked.isEmpty() ? 0 : highest == 0 ? bits(sum - 1) : Long.SIZE + bits(highest);
    return bits < minSizeBits || bits > maxSizeBits
        ? Optional.of(
            "an address space of 2^"
                + bits
                + " bytes, expected 2^"
                + minSizeBits
                + " to 2^"
                + maxSizeBits)
        : Optional.empty();
  }
}
