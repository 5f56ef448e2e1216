package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.SizeText;

/** Reads the numbers of options that QEMU needs before it looks at any device. */
final class Numbers {

  /** No machine has more memory, and sums of a few such sizes still fit 64 bits. */
  private static final long MOST_BYTES = 1L << 61;

  private Numbers() {}

  /** A number within bounds, both inclusive. */
  static int count(String name, String text, int least, int most) throws InputException {
    String expected = ", expected a whole number from " + least + " to " + most;
    try {
      long value = U64.parse(text);
      if (U64.less(value, least) || U64.less(most, value)) {
        throw InputException.of(name + "=" + text + " is out of range" + expected);
      }
      return (int) value;
    } catch (NumberFormatException e) {
      throw InputException.of(name + ": " + e.getMessage() + expected);
    }
  }

  /** A size in bytes, at least 1; {@code defaultSuffix} is the unit of a number without one. */
  static long size(String name, String text, char defaultSuffix) throws InputException {
    long bytes =
        SizeText.parse(text, defaultSuffix)
            .orElseThrow(() ->
                InputException.of(
                    name
                        + ": "
                        + Quote.of(text)
                        + " is not a size below 2^64,"
                        + " expected a number and one of the suffixes B K M G T P E"));
    if (bytes == 0) {
      throw InputException.of(name + " is 0, expected a size of at least one byte");
    }
    if (U64.less(MOST_BYTES, bytes)) {
      throw InputException.of(name + "=" + text + " is too much, expected at most 2E");
    }
    return bytes;
  }
}
