package io.github.stopcopy.core.guard;

/**
 * Text of others as it may reach a terminal or a log: what these would obey, or not show, stands
 * there as {@code \\uXXXX}. That is what JSON writes inside a string too, with the same meaning.
 */
public final class VisibleText {

  private VisibleText() {}

  /** The text in one line, with what is not visible escaped, ends of lines included. */
  public static String of(String text) {
    int plain = 0;
    while (plain < text.length() && isAscii(text.charAt(plain))) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16).append(text, 0, plain);
    for (int at = plain; at < text.length(); ) {
      int character = text.codePointAt(at);
      append(shown, character);
      at += Character.charCount(character);
    }
    return shown.toString();
  }

  /** Appends a character, or what is shown in its place. */
  public static void append(StringBuilder text, int character) {
    if (isVisible(character)) {
      text.appendCodePoint(character);
      return;
    }
    for (char part : Character.toChars(character)) {
      text.append("\\u").append(Integer.toHexString(0x10000 | part), 1, 5);
    }
  }

  /**
   * Whether a character shows and does nothing else. Control characters (also those from U+0080 to
   * U+009F, which some terminals obey), what turns the direction of text or joins lines, and halves
   * of pairs do not.
   */
  public static boolean isVisible(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }

  /** Whether it is one of the characters that all texts are made of, which are visible. */
  public static boolean isAscii(char c) {
    return c >= ' ' && c <= '~';
  }
}
