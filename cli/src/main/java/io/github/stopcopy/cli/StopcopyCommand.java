package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.PluginText;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code stopcopy}. */
@Command(
    name = "stopcopy",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = {CheckCommand.class, RunCommand.class, WatchCommand.class, PluginsCommand.class},
    description =
        "Can this VM with VFIO devices and a virtual IOMMU be live-migrated, and why not?",
    footer = "Exit codes: 0 yes, 1 no, 2 bad input or usage, 3 internal error.")
public final class StopcopyCommand {

  private final PluginWatchdog watchdog;

  private StopcopyCommand(PluginWatchdog watchdog) {
    this.watchdog = watchdog;
  }

  PluginWatchdog watchdog() {
    return watchdog;
  }

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    CommandProcess.run(args);
  }

  /** Runs the command with these streams and answers its exit code. */
  static int run(PluginWatchdog watchdog, PrintWriter out, PrintWriter err, String... args) {
    CommandLine command = new CommandLine(new StopcopyCommand(watchdog));
    command.setOut(out);
    command.setErr(err);
    command.setParameterExceptionHandler((wrong, words) -> {
      err.println("stopcopy: " + oneLine(wrong.getMessage()));
      return ExitCode.BAD_INPUT;
    });
    command.setExecutionExceptionHandler((failure, line, parsed) -> {
      if (failure instanceof InputException wrong) {
        err.println("stopcopy: " + wrong.getMessage());
        return ExitCode.BAD_INPUT;
      }
      return internal(err, failure);
    });
    if (args.length == 0) {
      err.println(
          "stopcopy: no command, expected "
              + String.join(" or ", command.getSubcommands().keySet())
              + "; see stopcopy --help");
      return ExitCode.BAD_INPUT;
    }
    int code;
    try {
      code = command.execute(args);
    } catch (Throwable failure) { // errors, which picocli lets pass
      code = internal(err, failure);
    }
    out.flush();
    return code;
  }

  private static int internal(PrintWriter err, Throwable failure) {
    err.println(
        "stopcopy: internal error, please report it with your input: "
            + PluginText.describe(failure));
    return ExitCode.INTERNAL;
  }

  private static String oneLine(@Nullable String text) {
    return String.valueOf(text).replaceAll("\\s*\\R\\s*", " ").replaceFirst("^Error: ", "");
  }
}
