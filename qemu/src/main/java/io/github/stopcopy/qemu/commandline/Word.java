package io.github.stopcopy.qemu.commandline;

/**
 * A word of a command line.
 *
 * @param text the word without quotes and escapes
 * @param line the line in which it began, counted from 1; 0 if the words came without lines
 */
record Word(String text, int line) {

  /** Whether it looks like an option. */
  boolean isOption() {
    return text.length() > 1 && text.charAt(0) == '-';
  }
}
