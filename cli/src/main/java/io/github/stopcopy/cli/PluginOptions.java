package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.RuleSets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds plugins, and the option {@code --plugin-timeout} that says how long one may take. */
final class PluginOptions {

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,5}");
  private static final int MOST_SECONDS = 86_400;

  @Option(
      names = "--plugin-timeout",
      paramLabel = "SECONDS",
      description =
          "how long a plugin may take for one answer before it is given up; 60 by default")
  private @Nullable String timeout;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** All that the command may need of plugins. */
  record Found(Plugins plugins, RuleSets rules) {}

  /**
   * Looks for plugins.
   *
   * @throws InputException if two have one name, or the option is no number of seconds
   */
  Found load() throws InputException {
    PluginWatchdog watchdog = ((StopcopyCommand) spec.root().userObject()).watchdog();
    watchdog.allow(seconds());
    // Asked for once: a plugin may set another for this thread.
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context != null ? context : PluginOptions.class.getClassLoader();
    return new Found(Plugins.load(loader, watchdog), RuleSets.load(loader, watchdog));
  }

  private int seconds() throws InputException {
    if (timeout == null) {
      return PluginWatchdog.DEFAULT_SECONDS;
    }
    int seconds = SECONDS.matcher(timeout).matches() ? Integer.parseInt(timeout) : 0;
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw InputException.of(
          "--plugin-timeout is '" + timeout + "', expected seconds from 1 to " + MOST_SECONDS);
    }
    return seconds;
  }
}
