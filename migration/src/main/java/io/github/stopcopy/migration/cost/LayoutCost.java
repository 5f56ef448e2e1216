package io.github.stopcopy.migration.cost;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import io.github.stopcopy.core.spi.StartResult;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * What it costs a device to track one layout.
 *
 * @param layout what it is asked to track
 * @param ranges the ranges of the request, ascending
 * @param unknown the buckets that depend on BAR addresses nobody told; their ranges are missing
 * @param neededBytes how many of the bytes are RAM that the device can write
 * @param uncoveredBytes how many bytes of RAM that the device can write are not among them
 * @param answer what the device would say to the request; refused without ranges
 * @param logged what the device would log, ascending, with the gaps that it has to take in; empty
 *     where it refuses, or does not tell
 * @param meaningless why it says nothing of this VM, in words; empty if it does
 */
public record LayoutCost(
    TrackedLayout layout,
    List<AddressRange> ranges,
    List<String> unknown,
    BigInteger neededBytes,
    BigInteger uncoveredBytes,
    StartResult answer,
    List<AddressRange> logged,
    Optional<String> meaningless) {

  /** Copies the lists. */
  public LayoutCost {
    logged = List.copyOf(logged);
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

  /** How many bytes of address space the device would log. */
  public BigInteger loggedBytes() {
    return bytes(logged);
  }

  /** How many bytes a bitmap over what it logs takes, in the page size that it grants. */
  public BigInteger loggedBitmapBytes() {
    return answer instanceof StartResult.Granted granted
        ? bitmapBytes(loggedBytes(), granted.pageSize())
        : BigInteger.ZERO;
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
    BigInteger page = U64.toBigInteger(pageSize);
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
