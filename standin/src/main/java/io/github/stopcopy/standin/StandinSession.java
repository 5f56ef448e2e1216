package io.github.stopcopy.standin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Everything that is started and written while scenarios are played: one private folder, and the
 * processes that still run. {@link #close} ends these processes, each by its own id, and deletes
 * the folder; whoever must not leave anything behind also calls it from a shutdown hook. Two
 * sessions at once do not disturb each other. Thread-safe.
 */
public final class StandinSession implements AutoCloseable {

  private static final int END_SECONDS = 10;
  private static final int DELETE_ATTEMPTS = 20;
  private static final int DELETE_PAUSE_MILLIS = 50;

  private final Path folder;
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  private StandinSession(Path folder) {
    this.folder = folder;
  }

  /**
   * Begins.
   *
   * @throws IOException if no folder can be made
   */
  public static StandinSession open() throws IOException {
    return new StandinSession(PrivateFolder.make());
  }

  /** A new folder for one scenario. */
  Path newFolder() throws IOException {
    synchronized (running) {
      if (isClosed) {
        throw new IOException("the session is closed");
      }
      return Files.createTempDirectory(folder, "");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(DELETE_PAUSE_MILLIS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts a process that is ended with this session at the latest. */
  Process start(ProcessBuilder builder) throws IOException {
    synchronized (running) {
      if (isClosed) {
        throw new IOException("the session is closed");
      }
      Process process = builder.start();
      running.add(process);
      return process;
    }
  }

  /** Ends a process of this session if it still runs, with what it started itself. */
  void end(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    running.remove(process);
  }

  /** Ends what still runs and deletes all files; what comes later is refused. */
  @Override
  public void close() {
    List<Process> left;
    synchronized (running) {
      isClosed = true;
      left = List.copyOf(running);
    }
    left.forEach(this::end);
    for (int attempt = 0; attempt < DELETE_ATTEMPTS; attempt++) {
      try {
        PrivateFolder.delete(folder);
        return;
      } catch (IOException stillWrittenTo) {
        // whoever played in there is about to notice that its QEMU has gone: once again
        pause();
      }
    }
  }
}
