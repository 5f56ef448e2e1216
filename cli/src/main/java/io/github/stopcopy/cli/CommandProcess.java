package io.github.stopcopy.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The process that the command is. Plugins run in it with all rights, so it keeps to itself what a
 * caller relies on: what is printed as the answer, what is read as the question, and the exit code.
 */
final class CommandProcess {

  /** A property of the JVM: what is added to exit codes, so that none is one of the JVM's own. */
  private static final String EXIT_CODE_BASE = "stopcopy.exit-code-base";

  private final VisibleWriter out = writer(FileDescriptor.out);
  private final VisibleWriter errors = writer(FileDescriptor.err);
  private final PrintWriter err = new PrintWriter(errors, true);
  private final PluginWatchdog watchdog = new PluginWatchdog(this::tooLate);
  private final PluginPrints prints = new PluginPrints(err, watchdog);
  private final AtomicBoolean decided = new AtomicBoolean();

  private static VisibleWriter writer(FileDescriptor file) {
    return new VisibleWriter(
        new OutputStreamWriter(new FileOutputStream(file), StandardCharsets.UTF_8));
  }

  /** Runs the command and ends the JVM with its exit code. */
  static void run(String[] args) {
    new CommandProcess().runAndEnd(args);
  }

  private void runAndEnd(String[] args) {
    PrintStream toErr = new PrintStream(prints, true, StandardCharsets.UTF_8);
    System.setOut(toErr);
    System.setErr(toErr);
    System.setIn(new OwnInput(System.in, watchdog));
    Runtime.getRuntime().addShutdownHook(new Thread(this::endedByAnother, "end of the command"));
    end(StopcopyCommand.run(watchdog, out, errors, args));
  }

  /** Not with {@link System#exit}: that would wait for whatever plugins still want to do. */
  private void end(int code) {
    if (decided.compareAndSet(false, true)) {
      prints.finish();
      err.flush();
      Runtime.getRuntime().halt(Integer.getInteger(EXIT_CODE_BASE, 0) + code);
    }
  }

  private void tooLate(String problem) {
    Problems.tell(err, problem);
    end(ExitCode.BAD_INPUT);
  }

  /** The JVM is about to end and it was not {@link #end}: by a signal, or because of a plugin. */
  private void endedByAnother() {
    Optional<String> caller = callerOfExit();
    if (caller.isPresent() && !decided.get()) {
      Problems.tell(
          err,
          watchdog.current().orElse("a plugin")
              + " ended the program with an exit code of its own ("
              + caller.get()
              + "), there is no answer");
      end(ExitCode.INTERNAL);
    }
    while (decided.get()) {
      Thread.onSpinWait(); // whoever decided halts the JVM
    }
  }

  /** Who called {@code System.exit} or {@code Runtime.exit}; a signal does not. */
  private static Optional<String> callerOfExit() {
    for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
      boolean exits = false;
      for (StackTraceElement frame : thread.getValue()) {
        boolean ofRuntime = frame.getClassName().startsWith("java.lang.");
        if (exits && !ofRuntime) {
          return Optional.of(frame.getClassName());
        }
        exits |=
            frame.getClassName().equals("java.lang.Runtime")
                && frame.getMethodName().equals("exit");
      }
      if (exits) {
        return Optional.of("a thread of its own");
      }
    }
    return Optional.empty();
  }
}
