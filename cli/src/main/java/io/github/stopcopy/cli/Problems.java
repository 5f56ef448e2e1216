package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.PluginText;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.RuleSets;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One-line messages about what is wrong. */
final class Problems {

  private static final int MIB = 1 << 20;
  private static final int MOST_REMEMBERED = 1000;

  private Problems() {}

  /** Tells something in one line, whatever is in it. */
  static void tell(PrintWriter err, String message) {
    err.println("stopcopy: " + VisibleText.of(message));
  }

  /**
   * Tells what ended the work on an input, in one line.
   *
   * @param place the input with its line and a colon, or nothing
   * @return the exit code for it
   */
  static int tell(PrintWriter err, String place, Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      long most = Runtime.getRuntime().maxMemory() / MIB;
      tell(
          err,
          place
              + "needs more memory than the "
              + most
              + " MiB that Java may take here, expected a smaller input; JAVA_TOOL_OPTIONS=-Xmx4g"
              + " allows 4 GiB");
      return ExitCode.BAD_INPUT;
    }
    tell(
        err,
        place
            + "internal error, please report it with your input: "
            + PluginText.describe(failure));
    return ExitCode.INTERNAL;
  }

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

  /** Tells which plugins could not be loaded, and returns what was told. */
  static Set<String> printPlugins(PrintWriter err, Plugins plugins, RuleSets rules) {
    List<String> problems = new ArrayList<>(ClassPathFiles.problems());
    problems.addAll(plugins.problems());
    problems.addAll(rules.problems());
    printPlugins(err, problems);
    return new HashSet<>(problems);
  }

  /** Tells which plugins are broken, a line each. */
  static void printPlugins(PrintWriter err, List<String> problems) {
    problems.forEach(problem -> tell(err, problem));
    err.flush();
  }

  /** Tells problems that were not told before, a line each, and adds them to those that were. */
  static void printNew(PrintWriter err, List<String> problems, Set<String> told) {
    printPlugins(err, problems.stream().filter(problem -> isNew(problem, told)).toList());
  }

  /**
   * Whether a line was not told before; it is remembered. A batch without end may have new ones
   * without end, so those that come after the first thousand may be told again.
   */
  static boolean isNew(String line, Set<String> told) {
    return !told.contains(line) && (told.size() >= MOST_REMEMBERED || told.add(line));
  }
}
