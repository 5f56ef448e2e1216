package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code stopcopy}. */
@Command(
    name = "stopcopy",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description =
        "Can this VM with VFIO devices and a virtual IOMMU be live-migrated, and why not?",
    footer = "Exit codes: 0 yes, 1 no, 2 bad input or usage, 3 internal error.")
public final class StopcopyCommand {

  /** How picocli begins some messages. */
  private static final String ERROR = "Error: ";

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

  /**
   * Runs the command with these streams and answers its exit code. An answer that could not be
   * written is none, unless its reader has read enough.
   */
  static int run(PluginWatchdog watchdog, VisibleWriter out, VisibleWriter err, String... args) {
    PrintWriter answers = new VisiblePrinter(out, false);
    PrintWriter errors = new VisiblePrinter(err, true);
    int code = answer(watchdog, answers, errors, args);
    answers.flush();
    Optional<String> lost = out.failure();
    if (lost.isEmpty() || out.isReaderGone()) {
      return code;
    }
    Problems.tell(errors, "the answer could not be written: " + lost.get());
    return ExitCode.INTERNAL;
  }

  private static int answer(
      PluginWatchdog watchdog, PrintWriter out, PrintWriter err, String... args) {
    CommandLine command = new CommandLine(new StopcopyCommand(watchdog));
    addCommands(command, args);
    // Or it would read and show whatever file an argument names behind an @.
    command.setExpandAtFiles(false);
    command.setOut(out);
    command.setErr(err);
    command.setParameterExceptionHandler((wrong, words) -> {
      Problems.tell(err, oneLine(wrong.getMessage()));
      return ExitCode.BAD_INPUT;
    });
    command.setExecutionExceptionHandler((failure, line, parsed) -> {
      if (failure instanceof InputException wrong) {
        Problems.tell(err, wrong.getMessage());
        return ExitCode.BAD_INPUT;
      }
      return Problems.tell(err, "", failure);
    });
    if (args.length == 0) {
      Problems.tell(
          err,
          "no command, expected "
              + String.join(" or ", command.getSubcommands().keySet())
              + "; see stopcopy --help");
      return ExitCode.BAD_INPUT;
    }
    try {
      return command.execute(args);
    } catch (Throwable failure) { // errors, which picocli lets pass
      return Problems.tell(err, "", failure);
    }
  }

  /** The commands in the order in which they are told, and how each is made. */
  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("check", CheckCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("what-if", WhatIfCommand::new);
    commands.put("fleet", FleetCommand::new);
    commands.put("host", HostCommand::new);
    commands.put("watch", WatchCommand::new);
    commands.put("explain", ExplainCommand::new);
    commands.put("verify", VerifyCommand::new);
    commands.put("plugins", PluginsCommand::new);
    return commands;
  }

  /** The command that is asked for, else all: to read the options of one takes milliseconds. */
  private static void addCommands(CommandLine command, String... args) {
    Map<String, Supplier<Object>> commands = commands();
    if (args.length > 0 && commands.containsKey(args[0])) {
      commands.keySet().retainAll(Set.of(args[0]));
    }
    commands.forEach((name, made) -> command.addSubcommand(name, made.get()));
  }

  /** The message with each end of a line, and the white space around it, as one blank. */
  private static String oneLine(@Nullable String text) {
    String message = String.valueOf(text);
    String joined = String.join(" ", message.lines().map(String::strip).toList());
    return joined.startsWith(ERROR) ? joined.substring(ERROR.length()) : joined;
  }
}
