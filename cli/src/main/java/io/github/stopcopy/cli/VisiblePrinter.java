package io.github.stopcopy.cli;

import io.github.stopcopy.cli.report.RenewedLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Prints what can be shown, and on a terminal lines that renew themselves. Thread-safe. */
final class VisiblePrinter extends PrintWriter {

  private final VisibleWriter visible;

  VisiblePrinter(VisibleWriter visible, boolean flushesLines) {
    super(visible, flushesLines);
    this.visible = visible;
  }

  /**
   * The way back to the beginning of a line.
   *
   * @param printer what is printed to
   * @param descriptor the number of the process's stream that it ends in
   * @return empty where nobody looks on: it is no terminal, or Linux does not tell
   */
  static Optional<RenewedLine> onTerminal(PrintWriter printer, int descriptor) {
    return printer instanceof VisiblePrinter visible && isTerminal(descriptor)
        ? Optional.of(new RenewedLine(printer, visible::restartLine))
        : Optional.empty();
  }

  /** Puts what is printed next at the beginning of the line that stands there. */
  void restartLine() {
    try {
      visible.restartLine();
    } catch (IOException kept) {
      setError(); // the writer keeps why, and refuses what comes after
    }
  }

  /** Whether a stream of the process is a terminal; where Linux does not tell, none is. */
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
