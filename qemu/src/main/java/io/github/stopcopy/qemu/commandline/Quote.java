package io.github.stopcopy.qemu.commandline;

/** Shows in a message what a user wrote. */
final class Quote {

  private static final int LONGEST = 80;

  private Quote() {}

  /** The text in quotes, shortened so that the rest of the message can be seen. */
  static String of(String text) {
    return text.length() <= LONGEST
        ? "'" + text + "'"
        : "'" + text.substring(0, LONGEST - 3) + "...'";
  }
}
