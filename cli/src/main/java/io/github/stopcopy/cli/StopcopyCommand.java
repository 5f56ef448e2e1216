package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code stopcopy}. */
public final class StopcopyCommand {

  /** How picocli begins some messages. */
  private static final String ERROR = "Error: ";

  /** In the order in which they are told. */
  private static final List<String> COMMANDS =
      List.of("check", "run", "what-if", "fleet", "host", "watch", "explain", "verify", "plugins");

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
    CommandLine command = new CommandLine(spec(watchdog, args));
    // Or it would read and show whatever file an argument names behind an @.
    command.setExpandAtFiles(false);
    command.setOut(out);
    command.setErr(err);
    if (args.length == 0) {
      Problems.tell(
          err,
          "no command, expected "
              + String.join(" or ", command.getSubcommands().keySet())
              + "; see stopcopy --help");
      return ExitCode.BAD_INPUT;
    }
    try {
      ParseResult parsed = command.parseArgs(args);
      Integer helped = CommandLine.executeHelpRequest(parsed);
      return helped != null ? helped : asked(command, parsed).call();
    } catch (ParameterException wrong) {
      Problems.tell(err, oneLine(wrong.getMessage()));
      return ExitCode.BAD_INPUT;
    } catch (InputException wrong) {
      Problems.tell(err, wrong.getMessage());
      return ExitCode.BAD_INPUT;
    } catch (Throwable failure) { // errors too
      return Problems.tell(err, "", failure);
    }
  }

  /** Called here and not by picocli: its handlers are of classes that no class archive can hold. */
  private static Subcommand asked(CommandLine command, ParseResult parsed) {
    if (!parsed.hasSubcommand()) {
      throw new ParameterException(command, "Missing required subcommand");
    }
    return (Subcommand) parsed.subcommand().commandSpec().userObject();
  }

  /** All but the command that is asked for would only take time; without one all are told. */
  private static CommandSpec spec(PluginWatchdog watchdog, String... args) {
    CommandSpec spec =
        Options.command(
                new StopcopyCommand(watchdog),
                "Can this VM with VFIO devices and a virtual IOMMU be live-migrated, and why not?")
            .name("stopcopy")
            .versionProvider(new VersionProvider());
    spec.usageMessage().footer("Exit codes: 0 yes, 1 no, 2 bad input or usage, 3 internal error.");
    Options.addStandard(spec);
    boolean isOneAsked = args.length > 0 && COMMANDS.contains(args[0]);
    for (String name : isOneAsked ? List.of(args[0]) : COMMANDS) {
      spec.addSubcommand(name, new CommandLine(command(name).spec()));
    }
    return spec;
  }

  private static Subcommand command(String name) {
    return switch (name) {
      case "check" -> new CheckCommand();
      case "run" -> new RunCommand();
      case "what-if" -> new WhatIfCommand();
      case "fleet" -> new FleetCommand();
      case "host" -> new HostCommand();
      case "watch" -> new WatchCommand();
      case "explain" -> new ExplainCommand();
      case "verify" -> new VerifyCommand();
      case "plugins" -> new PluginsCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** The message with each end of a line, and the white space around it, as one blank. */
  private static String oneLine(@Nullable String text) {
    String message = String.valueOf(text);
    String joined = String.join(" ", message.lines().map(String::strip).toList());
    return joined.startsWith(ERROR) ? joined.substring(ERROR.length()) : joined;
  }
}
