package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.PluginText;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the listeners of one provider. What they throw, whatever it is, must not reach the
 * model they only look at: after the first time they are not called any more.
 */
final class ListenerGuard {

  private final String name;
  private final PluginWatch watch;
  private @Nullable String problem;

  /** What a listener or its provider is asked. */
  @FunctionalInterface
  interface Question<T> {
    @Nullable T ask() throws Throwable;
  }

  /**
   * A guard.
   *
   * @param name of the listener
   * @param watch is told of every call
   */
  ListenerGuard(String name, PluginWatch watch) {
    this.name = name;
    this.watch = watch;
  }

  String name() {
    return name;
  }

  /** What it threw, in a line that names it; empty if it did not. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Its answer; empty once it has thrown, or if it answers null. */
  <T> Optional<T> ask(String call, Question<T> question) {
    if (problem != null) {
      return Optional.empty();
    }
    watch.asked("memory listener " + name, call);
    try {
      T answer = question.ask();
      if (answer == null) {
        failed(call + " answered null");
      }
      return Optional.ofNullable(answer);
    } catch (PluginFailure known) { // of its provider, which has a guard of its own
      failed(call + (known.getCause() == null ? ": " : " threw ") + known.reason());
      return Optional.empty();
    } catch (Throwable broken) { // also what our own code throws to end QEMU or to name a plugin
      failed(call + " threw " + PluginText.describe(broken));
      return Optional.empty();
    } finally {
      watch.answered();
    }
  }

  void tell(String call, Runnable telling) {
    ask(
        call,
        () -> {
          telling.run();
          return true;
        });
  }

  private void failed(String how) {
    problem = "memory listener " + name + " failed and is left out: " + how;
  }
}
