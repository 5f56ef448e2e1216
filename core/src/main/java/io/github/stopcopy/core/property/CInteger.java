package io.github.stopcopy.core.property;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whole numbers as C reads them: decimal, {@code 0x} and hexadecimal, {@code 0} and octal. */
final class CInteger {

  private static final Pattern FORM =
      Pattern.compile("([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)");
  private static final int LONGEST = 80;

  private CInteger() {}

  /** The number, or empty if the text is none or longer than any that fits. */
  static Optional<BigInteger> read(String text) {
    if (isPlain(text)) {
      return Optional.of(BigInteger.valueOf(Integer.parseInt(text)));
    }
    Matcher matcher = FORM.matcher(text.length() > LONGEST ? "" : text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigInteger value = digits(matcher.group(2));
    return Optional.of(matcher.group(1).equals("-") ? value.negate() : value);
  }

  /** Whether it is a small decimal number, as most are. */
  private static boolean isPlain(String text) {
    boolean isPlain = !text.isEmpty() && text.length() < 10 && text.charAt(0) != '0';
    for (int i = 0; isPlain && i < text.length(); i++) {
      isPlain = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    return isPlain;
  }

  private static BigInteger digits(String digits) {
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      return new BigInteger(digits.substring(2), 16);
    }
    return digits.startsWith("0") ? new BigInteger(digits, 8) : new BigInteger(digits);
  }
}
