package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.standin.StandinSession;
import java.io.IOException;

/** What is started for a command, and ended with it, however it ends: at Ctrl-C too. */
final class PlayedSession implements AutoCloseable {

  private final StandinSession session;
  private final Thread hook;

  private PlayedSession(StandinSession session) {
    this.session = session;
    hook = new Thread(session::close, "end of what was started");
  }

  /** Begins. */
  static PlayedSession open() throws InputException {
    try {
      PlayedSession opened = new PlayedSession(StandinSession.open());
      Runtime.getRuntime().addShutdownHook(opened.hook);
      return opened;
    } catch (IOException failed) {
      throw InputException.of("the run cannot be prepared: " + failed.getMessage());
    }
  }

  StandinSession session() {
    return session;
  }

  /** If the JVM ends already, as on Ctrl-C, the hook cleans up, and must not be cut short. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endsAlready) {
      boolean isOver = false;
      while (!isOver) {
        try {
          hook.join();
          isOver = true;
        } catch (InterruptedException cleaningComesFirst) {
          isOver = false;
        }
      }
    }
    session.close();
  }
}
