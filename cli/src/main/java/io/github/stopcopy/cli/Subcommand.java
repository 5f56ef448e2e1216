package io.github.stopcopy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** A command behind {@code stopcopy}: it has options, and is called once they are read. */
interface Subcommand extends Callable<Integer> {

  /** How it is described to who asks for help, and what it takes. */
  CommandSpec spec();
}
