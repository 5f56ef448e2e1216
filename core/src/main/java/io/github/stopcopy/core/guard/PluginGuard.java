package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calls code that somebody else wrote. This is the one place that says what becomes of what it
 * throws: everything, checked or not, errors of the JVM too, is a {@link PluginFailure} that names
 * the plugin. A plugin that was compiled against something else, that recurses without end or asks
 * for more memory than there is must not look like a bug of the model. Only the failure of another
 * plugin that this one called passes as it is.
 *
 * <p>Also what the model throws through a plugin becomes a failure of the plugin, because nobody
 * can tell from outside who threw it: that QEMU ends is a state of the VM, not an exception.
 *
 * <p>Thread-safe, if the watch is.
 */
public final class PluginGuard {

  private final String plugin;
  private final PluginWatch watch;

  /** What only guards can throw. */
  private static final class Failure extends PluginFailure {

    private static final long serialVersionUID = 1L;

    Failure(String plugin, String problem, String reason, @Nullable Throwable cause) {
      super(plugin + " failed: " + problem, reason, cause);
    }
  }

  /**
   * What a plugin is asked.
   *
   * @param <T> the type of its answer
   */
  @FunctionalInterface
  public interface Question<T> {

    /**
     * Asks it.
     *
     * @throws Throwable anything; code in other languages may throw what it does not declare
     */
    @Nullable T ask() throws Throwable;
  }

  /**
   * A guard around a plugin.
   *
   * @param plugin what it is and its name, e.g. {@code dirty tracker mlx5}
   * @param watch is told of every call
   */
  public PluginGuard(String plugin, PluginWatch watch) {
    this.plugin = plugin;
    this.watch = watch;
  }

  /**
   * Asks the plugin for something.
   *
   * @param call the name of the method, for the message
   * @return the answer, never null
   * @throws PluginFailure if it throws or answers null
   */
  public <T> T call(String call, Question<T> question) {
    T answer;
    watch.asked(plugin, call);
    try {
      answer = question.ask();
    } catch (Failure ofAnother) {
      throw ofAnother;
    } catch (Throwable broken) {
      String reason = PluginText.describe(broken);
      throw new Failure(plugin, call + " threw " + reason, reason, broken);
    } finally {
      watch.answered();
    }
    if (answer == null) {
      throw failure(call + " answered null");
    }
    return answer;
  }

  /**
   * Asks the plugin why not; the answer is in one line.
   *
   * @param call the name of the method, for the message
   * @throws PluginFailure if it throws or answers null
   */
  public Optional<QemuError> callForError(String call, Question<Optional<QemuError>> question) {
    return call(
        call,
        () -> {
          Optional<QemuError> error = question.ask();
          return error == null ? null : error.map(PluginText::oneLine);
        });
  }

  /**
   * Tells the plugin something.
   *
   * @param call the name of the method, for the message
   * @throws PluginFailure if it throws
   */
  public void run(String call, Runnable telling) {
    call(
        call,
        () -> {
          telling.run();
          return plugin;
        });
  }

  /** A failure of this plugin: an answer that makes no sense. */
  public PluginFailure failure(String problem) {
    return new Failure(plugin, problem, problem, null);
  }
}
