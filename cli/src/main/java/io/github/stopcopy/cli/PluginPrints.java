package io.github.stopcopy.cli;

import io.github.stopcopy.core.guard.PluginText;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** What plugins print, line by line, with the name of the one that is asked. Thread-safe. */
final class PluginPrints extends OutputStream {

  private static final int LONGEST = 1 << 12;

  private final PrintWriter err;
  private final PluginWatchdog watchdog;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  PluginPrints(PrintWriter err, PluginWatchdog watchdog) {
    this.err = err;
    this.watchdog = watchdog;
  }

  @Override
  public synchronized void write(int next) {
    if (next == '\n') {
      finish();
    } else if (line.size() < LONGEST) {
      line.write(next);
    }
  }

  /** Prints a line that has no end yet. */
  synchronized void finish() {
    String text = PluginText.oneLine(line.toString(StandardCharsets.UTF_8));
    line.reset();
    if (!text.isEmpty()) {
      Problems.tell(err, watchdog.current().orElse("a plugin") + " prints: " + text);
    }
  }
}
