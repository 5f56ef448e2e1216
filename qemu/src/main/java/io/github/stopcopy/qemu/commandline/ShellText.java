package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits text into commands and words as a shell does, without running anything: quotes,
 * backslashes and comments are understood, and variables that the text itself sets. What else a
 * shell would put in is left open, as {@link OpenText} marks it.
 */
final class ShellText {

  private static final String OPERATORS = "|&;()";
  private static final String ESCAPED_IN_QUOTES = "$`\"\\";

  /** Bounds what variables can blow the text up to. */
  private static final int LONGEST = 16 << 20;

  private final String source;
  private final String text;
  private final List<ShellCommand> commands = new ArrayList<>();
  private final ShellVariables variables = new ShellVariables();
  private List<Word> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private @Nullable String array;
  private int arrayFrom;
  private boolean inWord;
  private boolean skipsWord;
  private int wordLine = 1;
  private int line = 1;
  private int at;
  private long expanded;

  private ShellText(String source, String text, int firstLine) {
    this.source = source;
    this.text = text;
    this.line = firstLine;
  }

  /**
   * The commands of a text.
   *
   * @param commands what could be read
   * @param failure why the rest could not be, if it could not
   */
  record Split(List<ShellCommand> commands, Optional<InputException> failure) {}

  static Split split(String source, String text, int firstLine) {
    ShellText splitter = new ShellText(source, text, firstLine);
    try {
      splitter.run();
    } catch (InputException e) {
      splitter.endCommand((char) 0);
      return new Split(splitter.commands, Optional.of(e));
    }
    return new Split(splitter.commands, Optional.empty());
  }

  private void run() throws InputException {
    if (text.startsWith("\ufeff")) {
      at = 1;
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      check(c);
      if (c == ' ' || c == '\t' || c == '\r') {
        endWord();
        at++;
      } else if (c == '\n') {
        endWord();
        if (array == null) {
          endCommand(c);
        }
        line++;
        at++;
      } else if (c == '#' && !inWord) {
        skipComment();
      } else if (c == '\\') {
        backslash();
      } else if (c == '\'') {
        singleQuotes();
      } else if (c == '"') {
        at++;
        doubleQuotes();
      } else if (c == '$' || c == '`') {
        dollar(false);
      } else if (c == '<' || c == '>' || c == '&' && text.startsWith("&>", at)) {
        redirection();
      } else if (OPERATORS.indexOf(c) >= 0) {
        operator(c);
      } else {
        append(c);
        at++;
      }
    }
    endWord();
    if (array != null) {
      throw InputException.at(source, line, "the array " + array + "( is never closed");
    }
    endCommand((char) 0);
  }

  private void endWord() {
    if (inWord && !skipsWord) {
      words.add(new Word(word.toString(), source, wordLine));
    }
    skipsWord &= !inWord;
    word.setLength(0);
    inWord = false;
  }

  private void endCommand(char end) {
    if (!words.isEmpty() || end != '\n') {
      variables.command(words);
      commands.add(new ShellCommand(words, end, line));
    }
    words = new ArrayList<>();
    skipsWord = false;
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

  /** {@code NAME=(} begins an array; any other operator ends the command. */
  private void operator(char c) {
    if (array == null
        && c == '('
        && inWord
        && word.toString().matches("[A-Za-z_][A-Za-z0-9_]*\\+?=")) {
      array = word.toString();
      arrayFrom = words.size();
      word.setLength(0);
      inWord = false;
    } else if (c == ')' && array != null) {
      endWord();
      List<Word> held = words.subList(arrayFrom, words.size());
      boolean adds = array.endsWith("+=");
      variables.array(
          array.substring(0, array.length() - (adds ? 2 : 1)),
          held.stream().map(Word::text).toList(),
          adds);
      held.clear();
      array = null;
    } else if (array == null) {
      endWord();
      endCommand(c);
    } else {
      append(c);
    }
    at++;
  }

  /** Drops a redirection with the digits before it; what stands behind it is no argument. */
  private void redirection() {
    if (inWord && word.toString().matches("[0-9]+")) {
      word.setLength(0);
      inWord = false;
    }
    endWord();
    while (at < text.length() && "<>&|".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    skipsWord = true;
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

  /** Blanks behind the last backslash of a line are a slip, not a word. */
  private boolean joinsLines() {
    int end = at;
    while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\r')) {
      end++;
    }
    if (end < text.length() && text.charAt(end) == '\n') {
      if (end > at && text.charAt(at) == ' ') {
        endWord();
      }
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
    while (at < text.length()) {
      char c = text.charAt(at);
      check(c);
      if (c == '`' || c == '$') {
        dollar(true);
        continue;
      }
      at++;
      if (c == '"') {
        return;
      } else if (c == '\\' && at < text.length()) {
        if (joinsQuotedLines()) {
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

  private boolean joinsQuotedLines() {
    int end = text.startsWith("\r\n", at) ? at + 1 : at;
    if (end < text.length() && text.charAt(end) == '\n') {
      at = end + 1;
      line++;
      return true;
    }
    return false;
  }

  private void keep(char c) {
    line += c == '\n' ? 1 : 0;
    word.append(c);
  }

  /** What a shell would put in for {@code $...} or a command in backquotes. */
  private void dollar(boolean quoted) throws InputException {
    if (!quoted && text.startsWith("$'", at)) {
      at += 2;
      beginWord();
      at = AnsiQuote.read(text, at, word);
      if (at < 0) {
        throw unbalanced('\'', line);
      }
      return;
    }
    if (!quoted && text.startsWith("$\"", at)) {
      at += 2;
      doubleQuotes();
      return;
    }
    Expansion expansion = Expansion.at(text, at);
    if (expansion.length() == 0) {
      append(text.charAt(at));
      at++;
      return;
    }
    for (int i = at; i < at + expansion.length(); i++) {
      check(text.charAt(i));
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
    at += expansion.length();
    Optional<List<String>> held = expansion.value(variables);
    if (held.isEmpty()) {
      beginWord();
      word.append(OpenText.mark(expansion.shown()));
    } else if (quoted && !expansion.isArray()) {
      put(held.get().isEmpty() ? "" : held.get().get(0));
    } else if (quoted) {
      eachWord(held.get());
    } else {
      for (String value : held.get()) {
        eachWord(List.of(value.strip().split("[ \t\n]+")));
      }
    }
    expanded += held.stream().flatMap(List::stream).mapToLong(String::length).sum();
    if (expanded > LONGEST) {
      throw InputException.at(
          source, line, "the variables hold more than " + LONGEST + " characters in sum");
    }
  }

  /** Puts words in, of which the first and the last join what stands beside them. */
  private void eachWord(List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        endWord();
      }
      if (!values.get(i).isEmpty()) {
        put(values.get(i));
      }
    }
  }

  private void put(String value) {
    beginWord();
    word.append(value);
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

  private InputException unbalanced(char quote, int opened) {
    return InputException.at(
        source, opened, "the quote " + quote + " is never closed, expected another " + quote);
  }
}
