package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.Plugins.Chosen;
import io.github.stopcopy.migration.RuleSets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Finds plugins, and the option {@code --plugin-timeout} that says how long one may take. */
final class PluginOptions {

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,5}");
  private static final int MOST_SECONDS = 86_400;

  private final OptionSpec timeout =
      Options.text(
          "--plugin-timeout",
          "SECONDS",
          "how long a plugin may take for one answer before it is given up; 60 by default");

  private @Nullable CommandSpec spec;

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    this.spec = spec;
    spec.addOption(timeout);
  }

  /** All that the command may need of plugins. */
  record Found(Plugins plugins, RuleSets rules) {}

  /**
   * Looks for plugins of all kinds.
   *
   * @throws InputException if the option is no number of seconds
   */
  Found load() throws InputException {
    return load(EnumSet.allOf(Chosen.class), true);
  }

  /**
   * Looks for device types and vIOMMU models only.
   *
   * @throws InputException if the option is no number of seconds
   */
  Found loadModels() throws InputException {
    return load(EnumSet.noneOf(Chosen.class), false);
  }

  /**
   * Looks for device types and vIOMMU models, and for other plugins where the user names some: one
   * that nobody chose is not even made.
   *
   * @param ruleSets whether rule sets are named
   * @throws InputException if the option is no number of seconds
   */
  Found load(TrackerOptions trackers, ListenerOptions listeners, boolean ruleSets)
      throws InputException {
    Set<Chosen> wanted = EnumSet.noneOf(Chosen.class);
    if (trackers.isGiven()) {
      wanted.add(Chosen.DIRTY_TRACKERS);
    }
    if (listeners.isGiven()) {
      wanted.add(Chosen.MEMORY_LISTENERS);
    }
    return load(wanted, ruleSets);
  }

  private Found load(Set<Chosen> wanted, boolean ruleSets) throws InputException {
    PluginWatchdog watchdog =
        ((StopcopyCommand)
                Objects.requireNonNull(spec, "add the options first").root().userObject())
            .watchdog();
    watchdog.allow(seconds());
    // Asked for once: a plugin may set another for this thread.
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context != null ? context : PluginOptions.class.getClassLoader();
    return new Found(
        Plugins.load(loader, watchdog, wanted),
        ruleSets ? RuleSets.load(loader, watchdog) : RuleSets.of(List.of()));
  }

  private int seconds() throws InputException {
    String asked = Options.value(timeout);
    if (asked == null) {
      return PluginWatchdog.DEFAULT_SECONDS;
    }
    int seconds = SECONDS.matcher(asked).matches() ? Integer.parseInt(asked) : 0;
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw InputException.of(
          "--plugin-timeout is '" + asked + "', expected seconds from 1 to " + MOST_SECONDS);
    }
    return seconds;
  }
}
