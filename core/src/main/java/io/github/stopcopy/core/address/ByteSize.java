package io.github.stopcopy.core.address;

import org.jspecify.annotations.Nullable;

/**
 * A size in bytes from 0 to 2^64 inclusive; 2^64 is the size of the whole 64-bit space, which no
 * {@code long} can hold.
 *
 * @param lowBits the size modulo 2^64, unsigned
 * @param wholeSpace whether the size is 2^64; then {@code lowBits} is 0
 */
public record ByteSize(long lowBits, boolean wholeSpace) {

  /** 2^64 bytes. */
  public static final ByteSize WHOLE_SPACE = new ByteSize(0, true);

  /** No bytes. */
  public static final ByteSize ZERO = new ByteSize(0, false);

  /** Checks that 2^64 has only one form. */
  public ByteSize {
    if (wholeSpace && lowBits != 0) {
      throw new IllegalArgumentException("more than 2^64 bytes");
    }
  }

  /** A size below 2^64, given as an unsigned number of bytes. */
  public static ByteSize of(long bytes) {
    return bytes == 0 ? ZERO : new ByteSize(bytes, false);
  }

  /** The size of {@code [0, lastOffset]}; at least 1. */
  public static ByteSize ofLastOffset(long lastOffset) {
    return lastOffset == U64.MAX ? WHOLE_SPACE : of(lastOffset + 1);
  }

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ByteSize size
        && lowBits == size.lowBits
        && wholeSpace == size.wholeSpace;
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(lowBits) + Boolean.hashCode(wholeSpace);
  }

  /** Whether this is no byte at all. */
  public boolean isZero() {
    return lowBits == 0 && !wholeSpace;
  }

  /**
   * The offset of the last byte, which always fits 64 bits.
   *
   * @throws IllegalStateException if the size is 0
   */
  public long lastOffset() {
    if (isZero()) {
      throw new IllegalStateException("an empty range has no last byte");
    }
    return lowBits - 1;
  }

  /** The size in hexadecimal, {@code 0x10000000000000000} for 2^64. */
  @Override
  public String toString() {
    return wholeSpace ? "0x10000000000000000" : U64.hex(lowBits);
  }
}
