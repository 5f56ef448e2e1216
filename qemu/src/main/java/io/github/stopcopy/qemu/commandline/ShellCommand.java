package io.github.stopcopy.qemu.commandline;

import java.util.List;

/**
 * One command of a shell's text.
 *
 * @param words its words, redirections left out
 * @param end what ended it: a line break, an operator of the shell, or 0 at the end of the text
 * @param line the line in which it ended, counted from 1
 */
record ShellCommand(List<Word> words, char end, int line) {

  /** Copies the words. */
  ShellCommand {
    words = List.copyOf(words);
  }

  /** Whether an operator of the shell ended it. */
  boolean endsWithOperator() {
    return end != '\n' && end != 0;
  }
}
