package io.github.stopcopy.core.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The number of a QEMU release.
 *
 * @param major the first part
 * @param minor the second part
 * @param micro the third part; 50 and more are versions on the way to the next release
 */
record ReleaseNumber(int major, int minor, int micro) {

  private static final int FIRST_DEVELOPMENT_MICRO = 50;
  private static final int PARTS = 3;

  /** Distributions add a part at times; what has more is no release. */
  private static final int MOST_PARTS = 4;

  private static final int MOST_DIGITS = 9;
  private static final int LIBVIRT_MAJOR = 1_000_000;
  private static final int LIBVIRT_MINOR = 1_000;

  /**
   * The first number with a dot in a text, whatever stands around it, or libvirt's number, which is
   * the whole text. Reads the text once, whatever it holds.
   */
  static Optional<ReleaseNumber> find(String text) {
    String trimmed = text.trim();
    int at = 0;
    while (at < trimmed.length()) {
      if (!isDigit(trimmed, at)) {
        at++;
        continue;
      }
      List<Integer> parts = new ArrayList<>();
      int count = 0;
      int end = at;
      while (isDigit(trimmed, end)) {
        int first = end;
        while (isDigit(trimmed, end)) {
          end++;
        }
        count++;
        if (parts.size() < PARTS) {
          parts.add(number(trimmed, first, end));
        }
        if (end < trimmed.length() && trimmed.charAt(end) == '.') {
          end++;
        }
      }
      if (at == 0 && end == trimmed.length() && parts.size() == 1) {
        return ofLibvirt(parts.get(0));
      }
      if (parts.size() > 1 && count <= MOST_PARTS && !isInsideWord(trimmed, at)) {
        return Optional.of(
            new ReleaseNumber(
                parts.get(0), parts.get(1), parts.size() == PARTS ? parts.get(2) : 0));
      }
      at = end;
    }
    return Optional.empty();
  }

  private static Optional<ReleaseNumber> ofLibvirt(int number) {
    return number < LIBVIRT_MAJOR
        ? Optional.empty()
        : Optional.of(
            new ReleaseNumber(
                number / LIBVIRT_MAJOR,
                number % LIBVIRT_MAJOR / LIBVIRT_MINOR,
                number % LIBVIRT_MINOR));
  }

  /** Whether it is a version on the way to the next release. */
  boolean isDevelopment() {
    return micro >= FIRST_DEVELOPMENT_MICRO;
  }

  /** Whether it is of an older release; stable versions of one release are alike. */
  boolean isBefore(int otherMajor, int otherMinor) {
    return major < otherMajor || major == otherMajor && minor < otherMinor;
  }

  /** A digit in the middle of a word belongs to the word, as in {@code el9.2}; not so in v9.2. */
  private static boolean isInsideWord(String text, int at) {
    if (at == 0 || !Character.isLetter(text.charAt(at - 1))) {
      return false;
    }
    boolean afterV = text.charAt(at - 1) == 'v' || text.charAt(at - 1) == 'V';
    return !afterV || at > 1 && Character.isLetter(text.charAt(at - 2));
  }

  private static boolean isDigit(String text, int at) {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  /** A part of a number; more digits than any release has count as very large. */
  private static int number(String text, int first, int end) {
    return end - first > MOST_DIGITS
        ? Integer.MAX_VALUE
        : Integer.parseInt(text.substring(first, end));
  }

  @Override
  public String toString() {
    return major + "." + minor + (micro == 0 ? "" : "." + micro);
  }
}
