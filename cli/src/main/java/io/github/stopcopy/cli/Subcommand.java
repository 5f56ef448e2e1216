package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import picocli.CommandLine.Model.CommandSpec;

/** A command behind {@code stopcopy}: it has options, and is called once they are read. */
interface Subcommand {

  /** How it is described to who asks for help, and what it takes. */
  CommandSpec spec();

  /**
   * Does what is asked for and answers the exit code.
   *
   * @throws InputException if what is given cannot be used
   */
  int call() throws InputException;
}
