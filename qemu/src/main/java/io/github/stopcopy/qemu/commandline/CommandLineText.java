package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the one QEMU command line that a text holds, whatever form it has.
 *
 * @param words its words without the program
 * @param release the release of QEMU that the text names
 */
record CommandLineText(List<Word> words, Optional<String> release) {

  /** How {@code cat -v} and editors show the character between words. */
  private static final String SHOWN_ZERO = "^@";

  /** Copies the words. */
  CommandLineText {
    words = List.copyOf(words);
  }

  /**
   * Reads a text.
   *
   * @throws InputException with source and line, if it holds no command line of QEMU or several
   */
  static CommandLineText find(String source, String text) throws InputException {
    if (text.indexOf('\0') >= 0) {
      return of(source, ShellScript.unwrapped(source, betweenZeros(source, text)));
    }
    if (JsonWords.isArray(text)) {
      return of(source, ShellScript.unwrapped(source, JsonWords.read(source, text)));
    }
    if (PythonWords.isList(text)) {
      return of(source, ShellScript.unwrapped(source, PythonWords.read(source, text)));
    }
    if (text.contains(SHOWN_ZERO + "-")) {
      return of(source, betweenZeros(source, text.replace(SHOWN_ZERO, "\0")));
    }
    Optional<LibvirtLog> log = LibvirtLog.lastStart(source, text);
    String body = log.map(LibvirtLog::command).orElseGet(() -> Pasted.plain(text));
    int line = log.map(LibvirtLog::line).orElse(1);
    List<Word> words =
        ProcessListing.isOne(body)
            ? ProcessListing.read(source, body, line)
            : ShellScript.read(source, body, line);
    CommandLineText found = of(source, words);
    return new CommandLineText(found.words, log.flatMap(LibvirtLog::release));
  }

  private static CommandLineText of(String source, List<Word> words) throws InputException {
    if (words.isEmpty()) {
      throw InputException.at(source, 0, "no words, expected a QEMU command line");
    }
    for (Word word : words) {
      if (word.text().endsWith("\u2026") || word.text().matches("\\.\\.\\.|\\[\\.\\.\\.\\]")) {
        throw InputException.at(
            source,
            word.line(),
            "something is left out at "
                + Quote.of(word.text())
                + ", expected the whole command line");
      }
    }
    return new CommandLineText(QemuProgram.arguments(words), Optional.empty());
  }

  /** The words as Linux shows them in {@code /proc/PID/cmdline}. */
  private static List<Word> betweenZeros(String source, String text) {
    List<String> parts = new ArrayList<>(Arrays.asList(text.split("\0", -1)));
    if (parts.get(parts.size() - 1).isBlank()) {
      parts.remove(parts.size() - 1);
    }
    return parts.stream().map(part -> new Word(part, source, 1)).toList();
  }
}
