package io.github.stopcopy.core.error;

import org.jspecify.annotations.Nullable;

/**
 * Calls code that somebody else wrote. This is the one place that says what becomes of what it
 * throws: everything, checked or not, errors of the JVM too, is a {@link PluginFailure} that names
 * the plugin. A plugin that was compiled against something else, that recurses without end or asks
 * for more memory than there is must not look like a bug of the model. What the model itself throws
 * through a plugin passes as it is: {@link QemuAbort}, and the failure of another plugin.
 *
 * <p>Thread-safe.
 */
public final class PluginGuard {

  private final String plugin;

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
   */
  public PluginGuard(String plugin) {
    this.plugin = plugin;
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
    try {
      answer = question.ask();
    } catch (QemuAbort | PluginFailure notItsOwn) {
      throw notItsOwn;
    } catch (Throwable broken) {
      throw PluginFailure.of(plugin, call + " threw " + describe(broken), broken);
    }
    if (answer == null) {
      throw failure(call + " answered null");
    }
    return answer;
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
    return PluginFailure.of(plugin, problem, null);
  }

  /**
   * What was thrown, in one line: the simple name of its class and its message, if that can be had.
   */
  public static String describe(Throwable broken) {
    Class<?> type = broken.getClass();
    String name = type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
    String message;
    try {
      message = broken.getMessage();
    } catch (Throwable alsoBroken) { // it is somebody else's code as well
      message = null;
    }
    String line = message == null ? "" : message.replaceAll("\\s+", " ").strip();
    return line.isEmpty() ? name : name + ": " + line;
  }
}
