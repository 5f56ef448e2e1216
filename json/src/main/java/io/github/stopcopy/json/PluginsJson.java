package io.github.stopcopy.json;

import io.github.stopcopy.core.plugin.PluginDescription;
import java.util.List;
import java.util.Optional;

/** Lists of plugins as JSON: what {@code stopcopy plugins --format json} prints. Thread-safe. */
public final class PluginsJson {

  private PluginsJson() {}

  /**
   * One plugin.
   *
   * @param kind a word for the SPI that it implements, e.g. {@code dirty-tracker}
   * @param plugin what is known of it
   * @param description what it says of itself, if its kind does
   */
  public record Row(String kind, PluginDescription plugin, Optional<String> description) {}

  /**
   * One JSON object in one line, without its end.
   *
   * @param plugins in the order to write
   * @param problems a line for each that could not be loaded
   */
  public static String write(List<Row> plugins, List<String> problems) {
    return Fields.object(json -> {
      json.writeArrayFieldStart("plugins");
      for (Row row : plugins) {
        json.writeStartObject();
        json.writeStringField("kind", row.kind());
        json.writeStringField("name", row.plugin().name());
        json.writeStringField("class", row.plugin().className());
        json.writeStringField("origin", row.plugin().origin());
        Fields.optional(json, "version", row.plugin().version());
        Fields.optional(json, "description", row.description());
        json.writeEndObject();
      }
      json.writeEndArray();
      Fields.allTexts(json, "problems", problems);
    });
  }
}
