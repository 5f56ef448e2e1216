package io.github.stopcopy.cli;

/** The exit codes of the command. */
final class ExitCode {

  /** Done, and a migration can go well. */
  static final int DONE = 0;

  /** Done, and the answer is blocked, refused or failed. */
  static final int NEGATIVE = 1;

  /** The input or the usage is wrong. */
  static final int BAD_INPUT = 2;

  /** A bug in this program. */
  static final int INTERNAL = 3;

  private ExitCode() {}
}
