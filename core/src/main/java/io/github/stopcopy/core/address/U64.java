package io.github.stopcopy.core.address;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Unsigned 64-bit numbers in a {@code long}: the one place for their comparison, checked
 * arithmetic, reading and writing. Static, thread-safe.
 */
public final class U64 {

  /** The greatest unsigned 64-bit number, 2^64-1. */
  public static final long MAX = -1L;

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

  private U64() {}

  /** Compares as unsigned numbers: negative, zero or positive. */
  public static int compare(long a, long b) {
    return Long.compareUnsigned(a, b);
  }

  /** Whether {@code a < b} as unsigned numbers. */
  public static boolean less(long a, long b) {
    return a + Long.MIN_VALUE < b + Long.MIN_VALUE;
  }

  /** Whether {@code a <= b} as unsigned numbers. */
  public static boolean lessOrEqual(long a, long b) {
    return a + Long.MIN_VALUE <= b + Long.MIN_VALUE;
  }

  /** The smaller of two unsigned numbers. */
  public static long min(long a, long b) {
    return less(a, b) ? a : b;
  }

  /** The greater of two unsigned numbers. */
  public static long max(long a, long b) {
    return less(a, b) ? b : a;
  }

  /** Whether {@code a + b} is 2^64 or more. */
  public static boolean addOverflows(long a, long b) {
    return less(a + b, a);
  }

  /** {@code a + b}, at most 2^64-1. */
  public static long addSaturated(long a, long b) {
    return addOverflows(a, b) ? MAX : a + b;
  }

  /**
   * The greatest multiple of {@code alignment}, a power of two, that is not above {@code value}.
   */
  public static long alignDown(long value, long alignment) {
    return value & -alignment;
  }

  /**
   * The smallest multiple of {@code alignment}, a power of two, that is not below {@code value},
   * modulo 2^64.
   */
  public static long alignUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  /** {@code 0x} and lower-case digits without leading zeros. */
  public static String hex(long value) {
    int digits = (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 3) / 4;
    byte[] text = new byte[2 + digits];
    text[0] = '0';
    text[1] = 'x';
    long left = value;
    for (int i = text.length - 1; i >= 2; i--, left >>>= 4) {
      text[i] = DIGITS[(int) left & 0xf];
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The number without limits, for sums that may reach 2^64. */
  public static BigInteger toBigInteger(long value) {
    BigInteger number = BigInteger.valueOf(value & Long.MAX_VALUE);
    return value < 0 ? number.setBit(63) : number;
  }

  /** Decimal digits. */
  public static String decimal(long value) {
    return Long.toUnsignedString(value);
  }

  /**
   * Reads decimal digits or {@code 0x} and hexadecimal digits.
   *
   * @throws NumberFormatException with a message fit for users if the text is no such number or is
   *     greater than 2^64-1
   */
  public static long parse(String text) {
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    String digits = hex ? text.substring(2) : text;
    if (digits.isEmpty()) {
      throw new NumberFormatException("'" + text + "' is not a number");
    }
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c > 'f' || Character.digit(c, hex ? 16 : 10) < 0) {
        throw new NumberFormatException("'" + shorten(text) + "' is not a number");
      }
    }
    int first = 0;
    while (first < digits.length() - 1 && digits.charAt(first) == '0') {
      first++;
    }
    if (digits.length() - first > (hex ? 16 : 20)) {
      throw tooBig(text);
    }
    try {
      return Long.parseUnsignedLong(digits, first, digits.length(), hex ? 16 : 10);
    } catch (NumberFormatException outOfRange) { // of 20 decimal digits
      throw tooBig(text);
    }
  }

  /**
   * The number as a {@code long}.
   *
   * @throws NumberFormatException with a message fit for users if it is negative or greater than
   *     2^64-1
   */
  public static long of(BigInteger value) {
    return ofBig(value, value.bitLength() > 128 ? "the number" : value.toString());
  }

  private static long ofBig(BigInteger value, String text) {
    if (value.signum() < 0) {
      throw new NumberFormatException(shorten(text) + " is negative");
    }
    if (value.compareTo(LIMIT) >= 0) {
      throw tooBig(text);
    }
    return value.longValue();
  }

  private static NumberFormatException tooBig(String text) {
    return new NumberFormatException(shorten(text) + " is greater than 2^64-1");
  }

  private static String shorten(String text) {
    return text.length() <= 40 ? text : text.substring(0, 37) + "...";
  }
}
