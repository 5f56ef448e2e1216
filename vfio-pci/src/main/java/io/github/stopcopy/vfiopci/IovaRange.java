package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;

/**
 * A range as a device is asked to log it. Both numbers are unsigned; the length is modulo 2^64, so
 * that a range over the whole space has length 0 (R-DT-10).
 *
 * @param iova the first I/O virtual address
 * @param length bytes
 */
public record IovaRange(long iova, long length) {

  /** The range with these inclusive ends. */
  public static IovaRange ofEnds(long first, long last) {
    return new IovaRange(first, last - first + 1);
  }

  /** The last I/O virtual address, inclusive. */
  public long last() {
    return iova + length - 1;
  }

  /**
   * The same range with inclusive ends.
   *
   * @throws IllegalArgumentException if it reaches beyond 2^64-1
   */
  public AddressRange inclusive() {
    return new AddressRange(iova, last());
  }

  @Override
  public String toString() {
    return "[" + U64.hex(iova) + ",+" + U64.hex(length) + "]";
  }
}
