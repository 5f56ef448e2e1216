package io.github.stopcopy.cli.report;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Sizes for people. */
final class Sizes {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Sizes() {}

  /** The size in the greatest unit of which it has at least one, with at most two decimals. */
  static String text(BigInteger bytes) {
    int unit = 0;
    BigInteger scale = BigInteger.ONE;
    while (unit + 1 < UNITS.length && bytes.shiftRight(10).compareTo(scale) >= 0) {
      scale = scale.shiftLeft(10);
      unit++;
    }
    BigDecimal value =
        new BigDecimal(bytes)
            .divide(new BigDecimal(scale), 2, RoundingMode.HALF_UP)
            .stripTrailingZeros();
    return value.toPlainString() + " " + UNITS[unit];
  }
}
