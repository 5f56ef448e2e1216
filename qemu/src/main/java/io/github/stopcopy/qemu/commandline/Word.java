package io.github.stopcopy.qemu.commandline;

/**
 * A word of a command line.
 *
 * @param text the word without quotes and escapes; what is not known of it stands in it as {@link
 *     OpenText} marks it
 * @param source the file it stands in
 * @param line the line in which it began, counted from 1; 0 if the words came without lines
 */
record Word(String text, String source, int line) {

  /** Whether it looks like an option. */
  boolean isOption() {
    return text.length() > 1 && text.charAt(0) == '-';
  }

  /** What stands behind the last slash. */
  String baseName() {
    return text.substring(text.lastIndexOf('/') + 1);
  }
}
