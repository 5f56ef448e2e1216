package io.github.stopcopy.cli;

import java.io.IOException;
import java.io.InputStream;

/** Standard input for the command alone: a plugin finds it empty. */
final class OwnInput extends InputStream {

  private final InputStream input;
  private final PluginWatchdog watchdog;
  private final Thread owner = Thread.currentThread();

  OwnInput(InputStream input, PluginWatchdog watchdog) {
    this.input = input;
    this.watchdog = watchdog;
  }

  private boolean isForTheCommand() {
    return Thread.currentThread() == owner && !watchdog.isAsking();
  }

  @Override
  public int read() throws IOException {
    return isForTheCommand() ? input.read() : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return isForTheCommand() ? input.read(bytes, offset, length) : -1;
  }
}
