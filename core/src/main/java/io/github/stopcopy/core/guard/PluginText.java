package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.QemuError;
import java.util.Objects;

/** Texts that plugins give, as they may be printed: in one line, and nothing a terminal obeys. */
public final class PluginText {

  private static final int LONGEST = 400;
  private static final int LONGEST_NAME = 100;

  private PluginText() {}

  /** The text in one line: white space is one blank, control characters are escaped. */
  public static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    boolean blank = false;
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (line.length() > LONGEST) {
        return line.append("...").toString();
      }
      if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
        blank = !line.isEmpty();
        continue;
      }
      if (blank) {
        line.append(' ');
        blank = false;
      }
      VisibleText.append(line, c);
    }
    return line.toString();
  }

  /** The same error in one line. */
  public static QemuError oneLine(QemuError error) {
    return new QemuError(
        oneLine(error.text()),
        Objects.requireNonNull(error.errno(), "errno"),
        error.hints().stream().map(PluginText::oneLine).toList());
  }

  /**
   * What was thrown, in one line: the simple name of its class and its message, if they can be had.
   */
  public static String describe(Throwable broken) {
    Class<?> type = broken.getClass();
    String name = type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
    String message;
    try {
      message = broken.getMessage();
    } catch (Throwable alsoBroken) { // it is somebody else's code as well
      message = null;
    }
    String line = message == null ? "" : oneLine(message);
    return line.isEmpty() ? oneLine(name) : oneLine(name) + ": " + line;
  }

  /**
   * A name by which a plugin can be chosen and listed.
   *
   * @param owner who gives it, for the message
   * @throws IllegalArgumentException if it is none
   */
  public static void checkName(String owner, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(owner + " has no name");
    }
    boolean good = name.length() <= LONGEST_NAME && name.equals(name.strip());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      good &= isPlain(c) && c != ',' && c != '=';
    }
    if (!good) {
      throw new IllegalArgumentException(
          owner
              + " is named '"
              + VisibleText.of(name.substring(0, Math.min(name.length(), LONGEST_NAME)))
              + "', expected at most "
              + LONGEST_NAME
              + " characters, no comma or '=' and no control character among them");
    }
  }

  /** A name is of characters that show alike everywhere. */
  private static boolean isPlain(char c) {
    int type = Character.getType(c);
    return type != Character.PRIVATE_USE
        && type != Character.UNASSIGNED
        && (type == Character.SURROGATE || VisibleText.isVisible(c));
  }
}
