package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.RuleSets;
import java.io.PrintWriter;

/** One-line messages about what is wrong. */
final class Problems {

  private Problems() {}

  /** The message with the place it concerns; a place inside the line is kept in front. */
  static String locate(InputException wrong, String file, int line) {
    if (wrong.source().equals(file)) {
      return wrong.getMessage();
    }
    String inner = wrong.source().isEmpty() ? "" : wrong.source() + (wrong.line() > 0 ? " line " + wrong.line() : "") + ": ";
    return InputException.at(file, line, inner + wrong.problem()).getMessage();
  }

  /** Tells which plugins could not be loaded. */
  static void printPlugins(PrintWriter err, Plugins plugins, RuleSets rules) {
    plugins.problems().forEach(problem -> err.println("stopcopy: " + problem));
    rules.problems().forEach(problem -> err.println("stopcopy: " + problem));
    err.flush();
  }
}
