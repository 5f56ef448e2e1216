package io.github.stopcopy.migration.cost;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import io.github.stopcopy.core.spi.StartResult;
import java.math.BigInteger;
import java.util.List;

/**
 * What it costs a device to track one layout.
 *
 * @param layout what it is asked to track
 * @param ranges the ranges of the request, ascending
 * @param unknown the buckets that depend on BAR addresses nobody told; their ranges are missing
 * @param neededBytes how many of the bytes are RAM that the device can write
 * @param answer what the device would say to the request; refused without ranges
 */
public record LayoutCost(
    TrackedLayout layout,
    List<AddressRange> ranges,
    List<String> unknown,
    BigInteger neededBytes,
    StartResult answer) {

  /** Copies the lists. */
  public LayoutCost {
    ranges = List.copyOf(ranges);
    unknown = List.copyOf(unknown);
  }

  /** How many bytes of address space are tracked. */
  public BigInteger trackedBytes() {
    return bytes(ranges);
  }

  /** How many bytes a bitmap over the ranges takes, a bit per page and whole words (R-DT-50). */
  public BigInteger bitmapBytes(long pageSize) {
    return bitmapBytes(trackedBytes(), pageSize);
  }

  /** How many bytes are tracked for nothing. */
  public BigInteger needlessBytes() {
    return trackedBytes().subtract(neededBytes);
  }

  /** How many bytes a device tracks that coalesces to so many ranges, at least 1 (R-DT-45). */
  public BigInteger trackedBytes(int mostRanges) {
    return bytes(RangeCoalescing.coalesce(ranges, mostRanges));
  }

  /** How many bytes a device tracks that rounds the sum up to a power of two (R-DT-47). */
  public BigInteger trackedBytesAsPowerOfTwo() {
    BigInteger sum = trackedBytes();
    return sum.signum() == 0
        ? sum
        : BigInteger.ONE.shiftLeft(sum.subtract(BigInteger.ONE).bitLength());
  }

  /** How many bytes a bitmap over so many bytes of address space takes (R-DT-50). */
  public static BigInteger bitmapBytes(BigInteger bytes, long pageSize) {
    BigInteger page = BigInteger.valueOf(pageSize);
    BigInteger pages = bytes.add(page).subtract(BigInteger.ONE).divide(page);
    BigInteger words = pages.add(BigInteger.valueOf(63)).shiftRight(6);
    return words.shiftLeft(3);
  }

  /** The sum of the sizes of ranges that do not overlap. */
  static BigInteger bytes(List<AddressRange> ranges) {
    BigInteger sum = BigInteger.ZERO;
    for (AddressRange range : ranges) {
      sum = sum.add(U64.toBigInteger(range.last() - range.first())).add(BigInteger.ONE);
    }
    return sum;
  }
}
