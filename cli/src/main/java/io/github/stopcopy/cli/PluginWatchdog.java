package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.PluginWatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which plugin is asked what and since when, and tells of the first that takes too long. The
 * thread that looks starts with a question and ends soon after the last answer, so there is none
 * without plugins of others. Thread-safe.
 */
final class PluginWatchdog implements PluginWatch {

  /** How long a plugin may take, in seconds, unless the user says otherwise. */
  static final int DEFAULT_SECONDS = 60;

  /** How long the thread stays when nobody is asked; at most the least that a plugin may take. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Call(Thread thread, String plugin, String method, long since) {}

  private final Consumer<String> tooLate;
  private final Deque<Call> calls = new ArrayDeque<>();
  private int seconds = DEFAULT_SECONDS;
  private @Nullable Thread looking;

  /**
   * A watchdog.
   *
   * @param tooLate takes the line that names the plugin, once, on another thread
   */
  PluginWatchdog(Consumer<String> tooLate) {
    this.tooLate = tooLate;
  }

  synchronized void allow(int wanted) {
    seconds = wanted;
    notifyAll();
  }

  @Override
  public synchronized void asked(String plugin, String call) {
    calls.push(new Call(Thread.currentThread(), plugin, call, System.nanoTime()));
    if (looking == null) {
      looking = new Thread(this::look, "plugin watchdog");
      looking.setDaemon(true);
      looking.start();
    }
  }

  /** Forgets the question; an interrupt that the plugin left behind is nobody's wish here. */
  @Override
  public synchronized void answered() {
    Thread here = Thread.currentThread();
    boolean isFound = false;
    for (Iterator<Call> all = calls.iterator(); all.hasNext() && !isFound; ) {
      isFound = all.next().thread.equals(here);
      if (isFound) {
        all.remove();
      }
    }
    Thread.interrupted();
  }

  /** The plugin that is asked now: by this thread, else by any. */
  synchronized Optional<String> current() {
    return ofThisThread().or(() -> Optional.ofNullable(calls.peek())).map(Call::plugin);
  }

  /** Whether this thread asks a plugin. */
  synchronized boolean isAsking() {
    return ofThisThread().isPresent();
  }

  /** What this thread asked last and has no answer to. */
  private Optional<Call> ofThisThread() {
    Thread here = Thread.currentThread();
    return calls.stream().filter(call -> call.thread.equals(here)).findFirst();
  }

  private void look() {
    Optional<String> late = awaitLate();
    late.ifPresent(tooLate);
  }

  /**
   * Waits until an answer is too late, which is told once. Nothing if nobody was asked for a while;
   * the next question starts another thread then.
   */
  private synchronized Optional<String> awaitLate() {
    boolean lingered = false;
    while (true) {
      Optional<String> late = late();
      if (late.isPresent()) {
        return late;
      }
      if (calls.isEmpty() && lingered) {
        looking = null;
        return late;
      }
      lingered = calls.isEmpty();
      try {
        TimeUnit.NANOSECONDS.timedWait(this, nanosToLook());
      } catch (InterruptedException byAPlugin) {
        lingered = false;
      }
    }
  }

  /**
   * Until the oldest question is too old, as one that comes meanwhile is later; but at most until
   * the thread may end.
   */
  private long nanosToLook() {
    Call oldest = calls.peekLast();
    if (oldest == null) {
      return LINGER_NANOS;
    }
    long tooOld = oldest.since + TimeUnit.SECONDS.toNanos(seconds);
    return Math.max(1, Math.min(tooOld - System.nanoTime(), LINGER_NANOS));
  }

  /** The innermost question that is too old: what it asked itself may have begun just now. */
  private synchronized Optional<String> late() {
    long now = System.nanoTime();
    for (Call call : calls) {
      if (now - call.since >= TimeUnit.SECONDS.toNanos(seconds)) {
        return Optional.of(
            call.plugin
                + " did not answer within "
                + seconds
                + (seconds == 1 ? " second" : " seconds")
                + " (it was asked for "
                + call.method
                + "), given up; --plugin-timeout SECONDS allows more");
      }
    }
    return Optional.empty();
  }
}
