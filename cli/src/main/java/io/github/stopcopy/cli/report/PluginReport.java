package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.plugin.PluginDescription;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.json.PluginsJson;
import io.github.stopcopy.migration.RuleSets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The plugins that were found.
 *
 * @param plugins a row each, those of a kind together
 * @param problems a line for each that could not be loaded
 */
public record PluginReport(List<Row> plugins, List<String> problems) {

  private static final String UNKNOWN_VERSION = "-";

  /** Copies the lists. */
  public PluginReport {
    plugins = List.copyOf(plugins);
    problems = List.copyOf(problems);
  }

  /** The kinds of plugins in the order of the listing. */
  public enum Kind {
    /** A device type that is no vIOMMU. */
    DEVICE_TYPE("device-type", "Device types"),
    /** A vIOMMU model. */
    VIOMMU("viommu", "vIOMMU models"),
    /** Who logs what a device writes. */
    DIRTY_TRACKER("dirty-tracker", "Dirty trackers"),
    /** Who looks on at what devices can reach. */
    MEMORY_LISTENER("memory-listener", "Memory listeners"),
    /** Rules that give advice, or QEMU's own. */
    RULE_SET("rule-set", "Rule sets");

    private final String word;
    private final String title;

    Kind(String word, String title) {
      this.word = word;
      this.title = title;
    }
  }

  /**
   * One plugin.
   *
   * @param kind what it is
   * @param plugin what is known of it
   * @param description what it says of itself, if its kind does
   */
  public record Row(Kind kind, PluginDescription plugin, Optional<String> description) {

    private String version() {
      return plugin.version().orElse(UNKNOWN_VERSION);
    }
  }

  /**
   * What was loaded and what was not.
   *
   * @param files a line for each file that is no jar
   */
  public static PluginReport of(List<String> files, Plugins plugins, RuleSets rules) {
    List<Row> rows = new ArrayList<>();
    List<String> problems = new ArrayList<>(files);
    problems.addAll(plugins.problems());
    problems.addAll(rules.problems());
    addAll(rows, Kind.DEVICE_TYPE, plugins.deviceTypes().describe());
    addAll(rows, Kind.VIOMMU, plugins.virtualIommus().describe());
    ProviderSet<DirtyTrackerProvider> trackers = plugins.dirtyTrackers();
    for (PluginDescription plugin : trackers.describe()) {
      DirtyTrackerProvider tracker = trackers.find(plugin.name()).orElseThrow();
      Optional<String> words = description("dirty tracker", plugin, tracker::description, problems);
      rows.add(new Row(Kind.DIRTY_TRACKER, plugin, words));
    }
    ProviderSet<MemoryListenerProvider> listeners = plugins.memoryListeners();
    for (PluginDescription plugin : listeners.describe()) {
      MemoryListenerProvider listener = listeners.find(plugin.name()).orElseThrow();
      Optional<String> words =
          description("memory listener", plugin, listener::description, problems);
      rows.add(new Row(Kind.MEMORY_LISTENER, plugin, words));
    }
    addAll(rows, Kind.RULE_SET, rules.providers().describe());
    return new PluginReport(rows, problems);
  }

  /** What it says of itself; that it cannot is a problem. */
  private static Optional<String> description(
      String kind, PluginDescription plugin, Supplier<String> words, List<String> problems) {
    try {
      return Optional.of(words.get());
    } catch (PluginFailure failure) {
      problems.add(
          "the "
              + kind
              + " "
              + plugin.name()
              + " from "
              + plugin.origin()
              + " cannot describe itself: "
              + failure.reason());
      return Optional.empty();
    }
  }

  private static void addAll(List<Row> rows, Kind kind, List<PluginDescription> plugins) {
    plugins.forEach(plugin -> rows.add(new Row(kind, plugin, Optional.empty())));
  }

  /** For people: a table for each kind, its columns as wide as in the others. */
  public String text() {
    int name = 0;
    int version = 0;
    int type = 0;
    for (Row row : plugins) {
      name = Math.max(name, row.plugin.name().length());
      version = Math.max(version, row.version().length());
      type = Math.max(type, row.plugin.className().length());
    }
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      text.append(text.isEmpty() ? "" : "\n").append(kind.title).append('\n');
      boolean none = true;
      for (Row row : plugins) {
        if (row.kind == kind) {
          none = false;
          text.append("  ")
              .append(padded(row.plugin.name(), name))
              .append("  ")
              .append(padded(row.version(), version))
              .append("  ")
              .append(padded(row.plugin.className(), type))
              .append("  ")
              .append(row.plugin.origin())
              .append('\n');
          row.description.ifPresent(words -> text.append("    ").append(words).append('\n'));
        }
      }
      text.append(none ? "  none\n" : "");
    }
    return text.toString();
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  /** For programs: one JSON object. */
  public String json() {
    return PluginsJson.write(
        plugins.stream()
            .map(row -> new PluginsJson.Row(row.kind.word, row.plugin, row.description))
            .toList(),
        problems);
  }
}
