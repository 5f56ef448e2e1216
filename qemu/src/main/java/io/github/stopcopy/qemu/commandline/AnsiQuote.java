package io.github.stopcopy.qemu.commandline;

/** Reads the inside of the shell's {@code $'...'}. */
final class AnsiQuote {

  private static final String LETTERS = "abefnrtv";
  private static final String CHARACTERS = "\u0007\b\u001b\f\n\r\t\u000b";

  private AnsiQuote() {}

  /** Adds what stands there and returns where the text goes on; -1 if the quote is never closed. */
  static int read(String text, int from, StringBuilder into) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\'') {
        return at;
      } else if (c != '\\' || at == text.length()) {
        into.append(c);
        continue;
      }
      char escaped = text.charAt(at++);
      int letter = LETTERS.indexOf(escaped);
      if (letter >= 0) {
        into.append(CHARACTERS.charAt(letter));
      } else if (escaped == 'x') {
        at = number(text, at, 2, 16, into);
      } else if (escaped >= '0' && escaped <= '7') {
        at = number(text, at - 1, 3, 8, into);
      } else {
        into.append(escaped);
      }
    }
    return -1;
  }

  private static int number(String text, int from, int most, int radix, StringBuilder into) {
    int at = from;
    int value = 0;
    while (at < text.length() && at < from + most && Character.digit(text.charAt(at), radix) >= 0) {
      value = value * radix + Character.digit(text.charAt(at++), radix);
    }
    into.append((char) value);
    return at;
  }
}
