package io.github.stopcopy.migration;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.vfiopci.IovaRange;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * What a device was asked to track at the start of the migration (R-DT-10).
 *
 * @param device its name
 * @param pageSize bytes per page of the log
 * @param ranges what to track
 * @param unknown the buckets that depend on BAR addresses nobody told
 * @param errno why the device refused; empty if it did not
 */
public record DeviceTracking(
    String device,
    long pageSize,
    List<IovaRange> ranges,
    List<String> unknown,
    Optional<Errno> errno) {

  private static final BigInteger WHOLE_SPACE = BigInteger.ONE.shiftLeft(64);

  /** How many bytes of address space are tracked; a length of 0 is the whole space. */
  public BigInteger trackedBytes() {
    BigInteger sum = BigInteger.ZERO;
    for (IovaRange range : ranges) {
      sum = sum.add(range.length() == 0 ? WHOLE_SPACE : U64.toBigInteger(range.length()));
    }
    return sum;
  }

  /** How many bytes a bitmap over the tracked ranges takes, a bit per page (R-DT-50). */
  public BigInteger bitmapBytes() {
    return LayoutCost.bitmapBytes(trackedBytes(), pageSize);
  }
}
