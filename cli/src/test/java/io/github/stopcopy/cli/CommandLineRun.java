package io.github.stopcopy.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** Runs the command inside this JVM and keeps what it printed. */
record CommandLineRun(int exitCode, String out, String err) {

  static final Path EXAMPLES = Path.of("..", "examples");

  static CommandLineRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        StopcopyCommand.run(watchdog(), new PrintWriter(out), new PrintWriter(err, true), args);
    return new CommandLineRun(code, out.toString(), err.toString());
  }

  /** One that nobody needs, as plugins of this JVM answer. */
  static PluginWatchdog watchdog() {
    return new PluginWatchdog(late -> {
      throw new AssertionError(late);
    });
  }

  static String example(String name, String file) {
    return EXAMPLES.resolve(name).resolve(file).toString();
  }
}
