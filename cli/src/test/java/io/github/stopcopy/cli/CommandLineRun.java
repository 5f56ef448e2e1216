package io.github.stopcopy.cli;

import io.github.stopcopy.cli.schema.FormatSchema;
import io.github.stopcopy.cli.schema.SarifSchema;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs the command inside this JVM and keeps what it printed. Answers in JSON must be as their
 * schema says.
 */
record CommandLineRun(int exitCode, String out, String err) {

  static final Path EXAMPLES = Path.of("..", "examples");

  static CommandLineRun of(String... args) {
    CommandLineRun run = command(args);
    run.assertFormat(List.of(args));
    return run;
  }

  /** What it printed in one line, with single blanks, wherever lines were broken. */
  String flowing() {
    return out.replaceAll("\\s+", " ");
  }

  /** The same without a look at the format of the answers, which takes far longer than they do. */
  static CommandLineRun command(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        StopcopyCommand.run(watchdog(), new VisibleWriter(out), new VisibleWriter(err), args);
    return new CommandLineRun(code, out.toString(), err.toString());
  }

  private void assertFormat(List<String> args) {
    if (args.contains("run") && !args.contains("--trace") && !args.contains("--help")) {
      out.lines().forEach(FormatSchema.ANSWER::assertValid);
    } else if (args.contains("fleet") && args.contains("--format") && !args.contains("text")) {
      out.lines().forEach(FormatSchema.FLEET::assertValid);
    } else if (args.contains("host") && !args.contains("text") && out.startsWith("{")) {
      FormatSchema.HOST.assertValid(out);
    } else if (args.contains("what-if") && args.contains("json") && !out.isEmpty()) {
      FormatSchema.WHAT_IF.assertValid(out);
    } else if (args.contains("check") && args.contains("condition") && !out.isEmpty()) {
      FormatSchema.CONDITION.assertValid(out);
    } else if (args.contains("check") && args.contains("sarif") && !out.isEmpty()) {
      SarifSchema.assertValid(out);
    } else if (args.contains("check") && args.contains("json") && !out.isEmpty()) {
      boolean several =
          args.contains("all")
              || args.stream().anyMatch(word -> word.matches("[0-9.]+(,[0-9.]+)+"));
      (several ? FormatSchema.PROFILES : FormatSchema.VERDICT).assertValid(out);
    }
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
