package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import java.util.List;

/** Text for people in lines of 80 columns, if no word is longer. */
public final class Paragraphs {

  static final int WIDTH = 80;

  private Paragraphs() {}

  /** Writes a paragraph; lines behind the first are indented as far as its prefix. */
  public static void write(StringBuilder text, String prefix, String paragraph) {
    write(text, prefix, paragraph.split(" "), WIDTH);
  }

  /** Writes words, which are not broken, in the same way. */
  public static void write(StringBuilder text, String prefix, String[] words) {
    write(text, prefix, words, WIDTH);
  }

  /** Writes what others say in one line, however long it is, so that it can be found. */
  public static void unbroken(StringBuilder text, String prefix, String said) {
    write(text, prefix, new String[] {said}, WIDTH);
  }

  /** Writes words in lines of another length. */
  static void write(StringBuilder text, String prefix, String[] words, int width) {
    StringBuilder current = new StringBuilder(prefix);
    String indent = " ".repeat(prefix.length());
    boolean empty = true;
    for (String each : words) {
      String word = VisibleText.of(each);
      if (!empty && current.length() + 1 + word.length() > width) {
        text.append(current).append('\n');
        current = new StringBuilder(indent);
        empty = true;
      }
      current.append(empty ? "" : " ").append(word);
      empty = false;
    }
    text.append(current).append('\n');
  }

  /** Writes warnings under a heading; nothing if there are none. */
  static void warnings(StringBuilder text, List<String> warnings) {
    if (warnings.isEmpty()) {
      return;
    }
    text.append("\nWarnings\n");
    warnings.forEach(warning -> write(text, "  - ", warning));
  }
}
