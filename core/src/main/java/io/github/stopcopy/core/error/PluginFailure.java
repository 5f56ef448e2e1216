package io.github.stopcopy.core.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plugin threw, or answered what no plugin may. The message names it and what it was asked; the
 * cause is what it threw, if it did. {@link PluginGuard} makes these.
 */
public final class PluginFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private PluginFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  static PluginFailure of(String plugin, String problem, @Nullable Throwable cause) {
    return new PluginFailure(plugin + " failed: " + problem, cause);
  }

  /** A plugin that refuses what it accepted before, e.g. parameters for another device. */
  public static PluginFailure refused(InputException refusal) {
    return new PluginFailure(refusal.getMessage(), refusal);
  }

  /** What it threw, else what is wrong with its answer; one line without its name. */
  public String reason() {
    Throwable cause = getCause();
    return PluginGuard.describe(cause != null ? cause : this);
  }

  /** The same as bad input: a line for the user who chose the plugin. */
  public InputException asInput() {
    return InputException.of(Objects.requireNonNull(getMessage()));
  }
}
