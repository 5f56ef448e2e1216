package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;

/** Reads the words of a command line from a list as Python prints it: {@code ['qemu', '-m']}. */
final class PythonWords {

  private static final String ESCAPED = "\\'\"abfnrtv";
  private static final String MEANT = "\\'\"\u0007\b\f\n\r\t\u000b";

  private final String source;
  private final String text;
  private int at;
  private int line = 1;

  private PythonWords(String source, String text) {
    this.source = source;
    this.text = text;
  }

  static boolean isList(String text) {
    String start = text.stripLeading();
    return start.startsWith("[") && start.substring(1).stripLeading().startsWith("'");
  }

  static List<Word> read(String source, String text) throws InputException {
    return new PythonWords(source, text).words();
  }

  private List<Word> words() throws InputException {
    List<Word> words = new ArrayList<>();
    skipBlanks();
    at++;
    skipBlanks();
    while (next() != ']') {
      words.add(new Word(string(), source, line));
      skipBlanks();
      if (next() == ',') {
        at++;
        skipBlanks();
      } else if (next() != ']') {
        throw wrong("expected a comma or the closing ]");
      }
    }
    at++;
    skipBlanks();
    if (at < text.length()) {
      throw wrong("more behind the list, expected one list of words");
    }
    return words;
  }

  private String string() throws InputException {
    char quote = next();
    if (quote != '\'' && quote != '"') {
      throw wrong("expected a word in quotes");
    }
    StringBuilder word = new StringBuilder();
    at++;
    while (next() != quote) {
      char c = text.charAt(at++);
      if (c == '\n' || c == 0) {
        throw wrong("expected the closing " + quote);
      }
      word.append(c == '\\' ? escaped() : c);
    }
    at++;
    return word.toString();
  }

  private char escaped() throws InputException {
    char c = next();
    int plain = ESCAPED.indexOf(c);
    at++;
    if (plain >= 0) {
      return MEANT.charAt(plain);
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
    if (digits == 0 || at + digits > text.length()) {
      throw wrong("expected an escape of Python behind the backslash");
    }
    try {
      int code = Integer.parseUnsignedInt(text, at, at + digits, 16);
      at += digits;
      if (code != 0) {
        return (char) code;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong("expected the number of a character behind \\" + c);
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      line += text.charAt(at) == '\n' ? 1 : 0;
      at++;
    }
  }

  private char next() throws InputException {
    if (at >= text.length()) {
      throw wrong("the list ends too early, expected a closing quote or ]");
    }
    return text.charAt(at);
  }

  private InputException wrong(String what) {
    return InputException.at(
        source, line, "no list of words at character " + (at + 1) + ": " + what);
  }
}
