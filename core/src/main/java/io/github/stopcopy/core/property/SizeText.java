package io.github.stopcopy.core.property;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as QEMU writes them: {@code 2G}, {@code 1.5M}, {@code 0x1000} (R-PROP-6). Thread-safe. */
public final class SizeText {

  private static final Pattern DECIMAL =
      Pattern.compile("([0-9]+(?:\\.[0-9]*)?)([BbKkMmGgTtPpEe]?)");
  private static final Pattern HEX = Pattern.compile("0[xX]([0-9a-fA-F]+)");
  private static final String SUFFIXES = "BKMGTPE";
  private static final int LONGEST = 64;

  /** So many digits with a suffix up to this one are far below 2^64, and are most sizes. */
  private static final int FEW_DIGITS = 9;

  private static final int LAST_SMALL_STEP = 3;

  private SizeText() {}

  /**
   * Reads a size.
   *
   * @param text decimal digits with an optional fraction and suffix (each step is 1024 times the
   *     one before), or hexadecimal digits
   * @param defaultSuffix the unit of a number without suffix: one of {@code BKMGTPE}
   * @return bytes, unsigned; empty if the text is no size or reaches 2^64
   * @throws IllegalArgumentException if the default suffix is no unit
   */
  public static Optional<Long> parse(String text, char defaultSuffix) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    int digits = digits(text);
    if (digits > 0 && digits <= FEW_DIGITS && text.length() <= digits + 1) {
      char suffix = text.length() > digits ? text.charAt(digits) : defaultSuffix;
      int step = SUFFIXES.indexOf(Character.toUpperCase(suffix));
      if (step >= 0 && step <= LAST_SMALL_STEP) {
        return Optional.of((long) Integer.parseInt(text, 0, digits, 10) << 10 * step);
      }
    }
    Matcher hex = HEX.matcher(text);
    if (hex.matches()) {
      BigInteger value = new BigInteger(hex.group(1), 16).multiply(unit(defaultSuffix));
      return value.bitLength() > 64 ? Optional.empty() : Optional.of(value.longValue());
    }
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      return Optional.empty();
    }
    String suffix = decimal.group(2);
    BigInteger unit = unit(suffix.isEmpty() ? defaultSuffix : suffix.charAt(0));
    String number = decimal.group(1);
    if (number.contains(".") && unit.equals(BigInteger.ONE)) {
      return Optional.empty();
    }
    BigInteger value =
        new BigDecimal(number.endsWith(".") ? number + "0" : number)
            .multiply(new BigDecimal(unit))
            .setScale(0, RoundingMode.DOWN)
            .toBigInteger();
    return value.bitLength() > 64 ? Optional.empty() : Optional.of(value.longValue());
  }

  /** How many decimal digits a text begins with. */
  private static int digits(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    return digits;
  }

  private static BigInteger unit(char suffix) {
    int step = SUFFIXES.indexOf(Character.toUpperCase(suffix));
    if (step < 0) {
      throw new IllegalArgumentException("no unit '" + suffix + "', expected one of " + SUFFIXES);
    }
    return BigInteger.ONE.shiftLeft(10 * step);
  }
}
