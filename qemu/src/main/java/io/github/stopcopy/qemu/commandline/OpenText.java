package io.github.stopcopy.qemu.commandline;

/**
 * Marks what a script leaves open, such as a variable that is set elsewhere, inside the text around
 * it. The mark is a character that no input may hold.
 */
final class OpenText {

  private static final char MARK = '\0';

  private OpenText() {}

  /** The text of something that is not known, e.g. {@code $DISK}. */
  static String mark(String shown) {
    return MARK + shown.replace(MARK, ' ') + MARK;
  }

  /** Whether something in the text is not known. */
  static boolean isOpen(String text) {
    return text.indexOf(MARK) >= 0;
  }

  /** The text as the script has it. */
  static String shown(String text) {
    return text.replace(String.valueOf(MARK), "");
  }

  /** Whether the text is nothing but one open part, so that it may be several words or none. */
  static boolean isWholly(String text) {
    return text.length() > 2
        && text.charAt(0) == MARK
        && text.indexOf(MARK, 1) == text.length() - 1;
  }

  /** Whether it stands for the arguments with which the script is called. */
  static boolean isArguments(String text) {
    String shown = shown(text);
    return shown.equals("$@")
        || shown.equals("$*")
        || shown.matches("\\$\\{[@*]\\}|\\$\\{?[1-9]\\}?");
  }
}
