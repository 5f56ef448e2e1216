package io.github.stopcopy.core.error;

/**
 * Is told which plugin is asked what, so that a program can tell of one that never answers: the
 * model has no clock and no thread of its own, and waits. Give it to {@code load} of {@link
 * io.github.stopcopy.core.plugin.Plugins}. What comes with this project is not watched.
 *
 * <p>Called on the thread that asks; whoever shares plugins between threads needs a thread-safe
 * one. Must not throw.
 */
public interface PluginWatch {

  /** Watches nobody. */
  PluginWatch NONE =
      new PluginWatch() {
        @Override
        public void asked(String plugin, String call) {}

        @Override
        public void answered() {}
      };

  /**
   * A plugin is asked. While it answers, another may be asked: questions nest.
   *
   * @param plugin what it is and its name, e.g. {@code dirty tracker mlx5}
   * @param call the name of the method
   */
  void asked(String plugin, String call);

  /** The plugin that was asked last has answered, or thrown. */
  void answered();
}
