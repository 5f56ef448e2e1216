package io.github.stopcopy.core.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plugin threw, or answered what no plugin may. The message names it and what it was asked; the
 * cause is what it threw, if it did. Only the guards around plugins make these: one that a plugin
 * throws itself is a failure of that plugin.
 */
public class PluginFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * For guards.
   *
   * @param message one line that names the plugin
   * @param reason the same without the plugin and what it was asked
   * @param cause what the plugin threw
   */
  protected PluginFailure(String message, String reason, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** A plugin that refuses what it accepted before, e.g. parameters for another device. */
  public static PluginFailure refused(InputException refusal) {
    return new PluginFailure(refusal.getMessage(), refusal.getMessage(), refusal);
  }

  /** What it threw, else what is wrong with its answer; one line without its name. */
  public final String reason() {
    return reason;
  }

  /** The same as bad input: a line for the user who chose the plugin. */
  public final InputException asInput() {
    return InputException.of(Objects.requireNonNull(getMessage()));
  }
}
