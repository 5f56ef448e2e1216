package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.RuleSets;
import java.io.PrintWriter;
import java.util.List;

/** One-line messages about what is wrong. */
final class Problems {

  private Problems() {}

  /** The message with the place it concerns; a place inside the line is kept in front. */
  static String locate(InputException wrong, String file, int line) {
    if (wrong.source().equals(file)) {
      return wrong.getMessage();
    }
    return InputException.at(file, line, described(wrong)).getMessage();
  }

  private static String described(InputException wrong) {
    String line = wrong.line() > 0 ? " line " + wrong.line() : "";
    return (wrong.source().isEmpty() ? "" : wrong.source() + line + ": ") + wrong.problem();
  }

  /** Tells which plugins could not be loaded. */
  static void printPlugins(PrintWriter err, Plugins plugins, RuleSets rules) {
    printPlugins(err, ClassPathFiles.problems());
    printPlugins(err, plugins.problems());
    printPlugins(err, rules.problems());
  }

  /** Tells which plugins are broken, a line each. */
  static void printPlugins(PrintWriter err, List<String> problems) {
    problems.forEach(problem -> err.println("stopcopy: " + problem));
    err.flush();
  }
}
