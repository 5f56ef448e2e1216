package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits text into words as a shell does, without running anything: quotes, backslashes and
 * comments are understood, and a line break separates words like a blank. What a shell would
 * expand, redirect or run is refused.
 */
final class ShellWords {

  private static final String CONSTRUCTS = "|&;<>()`";
  private static final String ESCAPED_IN_QUOTES = "$`\"\\";
  private static final String SPECIAL_VARIABLES = "{(_?*@#$!-";

  private final String source;
  private final String text;
  private final List<Word> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int wordLine = 1;
  private int line = 1;
  private int at;

  private ShellWords(String source, String text) {
    this.source = source;
    this.text = text;
  }

  static List<Word> split(String source, String text) throws InputException {
    ShellWords splitter = new ShellWords(source, text);
    splitter.run();
    return splitter.words;
  }

  private void run() throws InputException {
    if (text.startsWith("\ufeff")) {
      at = 1;
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      check(c);
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        endWord();
        line += c == '\n' ? 1 : 0;
        at++;
      } else if (c == '#' && !inWord) {
        skipComment();
      } else if (c == '\\') {
        backslash();
      } else if (c == '\'') {
        singleQuotes();
      } else if (c == '"') {
        doubleQuotes();
      } else if (CONSTRUCTS.indexOf(c) >= 0 || c == '$' && (startsVariable() || startsQuote())) {
        throw construct(c);
      } else {
        append(c);
        at++;
      }
    }
    endWord();
  }

  private void endWord() {
    if (inWord) {
      words.add(new Word(word.toString(), wordLine));
      word.setLength(0);
      inWord = false;
    }
  }

  private void beginWord() {
    if (!inWord) {
      inWord = true;
      wordLine = line;
    }
  }

  private void append(char c) {
    beginWord();
    word.append(c);
  }

  private void skipComment() throws InputException {
    while (at < text.length() && text.charAt(at) != '\n') {
      check(text.charAt(at));
      at++;
    }
  }

  /** A backslash outside quotes: joins lines or takes the next character as it is. */
  private void backslash() throws InputException {
    at++;
    if (at == text.length()) {
      return;
    }
    if (joinsLines()) {
      return;
    }
    check(text.charAt(at));
    append(text.charAt(at));
    at++;
  }

  private boolean joinsLines() {
    int end = text.startsWith("\r\n", at) ? at + 1 : at;
    if (end < text.length() && text.charAt(end) == '\n') {
      at = end + 1;
      line++;
      return true;
    }
    return false;
  }

  private void singleQuotes() throws InputException {
    beginWord();
    int opened = line;
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      check(c);
      if (c == '\'') {
        return;
      }
      keep(c);
    }
    throw unbalanced('\'', opened);
  }

  private void doubleQuotes() throws InputException {
    beginWord();
    int opened = line;
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      check(c);
      if (c == '`' || c == '$' && startsVariable()) {
        throw construct(c);
      }
      at++;
      if (c == '"') {
        return;
      } else if (c == '\\' && at < text.length()) {
        if (joinsLines()) {
          continue;
        }
        char next = text.charAt(at);
        check(next);
        if (ESCAPED_IN_QUOTES.indexOf(next) >= 0) {
          word.append(next);
          at++;
        } else {
          word.append(c);
        }
      } else {
        keep(c);
      }
    }
    throw unbalanced('"', opened);
  }

  private void keep(char c) {
    line += c == '\n' ? 1 : 0;
    word.append(c);
  }

  private boolean startsVariable() {
    if (at + 1 >= text.length()) {
      return false;
    }
    char next = text.charAt(at + 1);
    return next < 0x80 && Character.isLetterOrDigit(next) || SPECIAL_VARIABLES.indexOf(next) >= 0;
  }

  /** The shell's {@code $'...'} and {@code $"..."}. */
  private boolean startsQuote() {
    return text.startsWith("$'", at) || text.startsWith("$\"", at);
  }

  private void check(char c) throws InputException {
    boolean control = c < ' ' && c != '\t' && c != '\n' && c != '\r';
    if (control || c == 0x7f || c == '\ufffd') {
      throw InputException.at(
          source,
          line,
          "character 0x" + Integer.toHexString(c) + ", expected the text of a QEMU command line");
    }
  }

  private InputException construct(char c) {
    String shown = c == '$' ? text.substring(at, at + 2) : String.valueOf(c);
    return InputException.at(
        source,
        line,
        "'"
            + shown
            + "' is for a shell and nothing is run or expanded here, expected plain words;"
            + " put it in single quotes if it is meant literally");
  }

  private InputException unbalanced(char quote, int opened) {
    return InputException.at(
        source, opened, "the quote " + quote + " is never closed, expected another " + quote);
  }
}
