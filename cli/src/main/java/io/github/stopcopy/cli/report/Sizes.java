package io.github.stopcopy.cli.report;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Sizes for people. */
public final class Sizes {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private static final BigDecimal STEP = BigDecimal.valueOf(1024);

  private Sizes() {}

  /**
   * The size with at most two decimals, in the greatest unit of which it then has at least one:
   * what is rounded up to 1024 of a unit is 1 of the next.
   */
  public static String text(BigInteger bytes) {
    int unit = 0;
    BigDecimal value = new BigDecimal(bytes);
    while (unit + 1 < UNITS.length && value.compareTo(STEP) >= 0) {
      unit++;
      value =
          new BigDecimal(bytes)
              .divide(new BigDecimal(BigInteger.ONE.shiftLeft(10 * unit)), 2, RoundingMode.HALF_UP);
    }
    return value.stripTrailingZeros().toPlainString() + " " + UNITS[unit];
  }
}
