package io.github.stopcopy.cli.explain;

import io.github.stopcopy.cli.report.Paragraphs;
import io.github.stopcopy.json.FormatKey;
import io.github.stopcopy.json.JsonSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Explains keys of the formats. */
public final class KeyText {

  private final List<FormatKey> keys = new ArrayList<>();

  /** Reads the schemas. */
  public KeyText() {
    for (JsonSchema format : JsonSchema.values()) {
      keys.addAll(FormatKey.of(format));
    }
  }

  /**
   * What there is to say of a key, lines ended; empty if no format has it.
   *
   * @param path the keys that lead to it, with dots; the first ones may be left out
   */
  public Optional<String> of(String path) {
    String wanted = path.toLowerCase(Locale.ROOT);
    List<FormatKey> found = keys.stream().filter(key -> key.path().equals(wanted)).toList();
    if (found.isEmpty()) {
      found = keys.stream().filter(key -> key.path().endsWith("." + wanted)).toList();
    }
    if (found.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (FormatKey key : found) {
      if (text.length() > 0) {
        text.append('\n');
      }
      write(text, key);
    }
    return Optional.of(text.toString());
  }

  private static void write(StringBuilder text, FormatKey key) {
    text.append(key.path()).append('\n');
    Paragraphs.write(text, "  Meaning:  ", key.description());
    Paragraphs.write(text, "  Value:    ", key.value());
    if (key.isNeeded()) {
      text.append("  Default:  none, it is needed\n");
    }
    key.otherwise().ifPresent(value -> Paragraphs.write(text, "  Default:  ", value));
    if (!key.examples().isEmpty()) {
      Paragraphs.write(text, "  Examples: ", String.join(", ", key.examples()));
    }
    text.append("  Schema:   docs/schema/").append(key.format().fileName()).append('\n');
  }

  /** All paths, each once, to compare with. */
  Set<String> paths() {
    Set<String> paths = new LinkedHashSet<>();
    keys.forEach(key -> paths.add(key.path()));
    return paths;
  }
}
