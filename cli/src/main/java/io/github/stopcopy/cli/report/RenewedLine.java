package io.github.stopcopy.cli.report;

import java.io.PrintWriter;

/** The last line on a terminal, which is written over and over. Not thread-safe. */
public final class RenewedLine {

  private final PrintWriter out;
  private final Runnable restart;
  private int length;

  /**
   * Nothing is written yet.
   *
   * @param out where it is printed
   * @param restart puts what is printed next at the beginning of the line that stands there
   */
  public RenewedLine(PrintWriter out, Runnable restart) {
    this.out = out;
    this.restart = restart;
  }

  /** Writes it anew, over what stood there. */
  void show(String text) {
    over(text);
    length = text.length();
    out.flush();
  }

  /** Takes it away, so that something else can be printed in its place. */
  void clear() {
    if (length > 0) {
      over("");
      restart.run();
      length = 0;
      out.flush();
    }
  }

  private void over(String text) {
    if (length > 0) {
      restart.run();
    }
    out.print(text + " ".repeat(Math.max(0, length - text.length())));
  }
}
