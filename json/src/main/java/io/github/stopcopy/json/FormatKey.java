package io.github.stopcopy.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key of one of the formats, as its schema has it.
 *
 * @param format the format it is in
 * @param path the keys that lead to it from the outside, with dots: {@code
 *     host.devices.dma-logging}. Lists, and objects in which every key is a name, are passed over
 * @param value what values it takes, in words
 * @param otherwise its value where it is left out, as JSON; empty if there is none
 * @param isNeeded whether it must be there
 * @param description what it means
 * @param examples values, as JSON
 */
public record FormatKey(
    JsonSchema format,
    String path,
    String value,
    Optional<String> otherwise,
    boolean isNeeded,
    String description,
    List<String> examples) {

  /** Copies the list. */
  public FormatKey {
    examples = List.copyOf(examples);
  }

  /** All keys of a format, in the order of its schema. */
  public static List<FormatKey> of(JsonSchema format) {
    Walk walk = new Walk(format);
    walk.object(
        walk.top,
        walk.top,
        format.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        new HashSet<>());
    return List.copyOf(walk.keys.values());
  }

  /** A schema without a reference, and the file that it is in. */
  private record Node(Map<?, ?> schema, Map<?, ?> file) {}

  /** Goes through a schema, following references but none inside itself. */
  private static final class Walk {
    private final JsonSchema format;
    private final Map<?, ?> top;

    /** By path and description: steps have keys of the same name that mean different things. */
    private final Map<List<String>, FormatKey> keys = new LinkedHashMap<>();

    Walk(JsonSchema format) {
      this.format = format;
      this.top = SchemaTree.read(format);
    }

    /** A schema, in the file in which its own references are found. */
    void object(Object schema, Map<?, ?> file, String path, Set<Object> within) {
      Node node = resolved(schema, file);
      Map<?, ?> object = node.schema;
      Map<?, ?> root = node.file;
      if (!within.add(object)) {
        return;
      }
      if (object.get("properties") instanceof Map<?, ?> properties) {
        Object needed = object.get("required");
        properties.forEach((name, inner) -> {
          if (!isIgnored(inner)) {
            boolean isNeeded = needed instanceof List<?> all && all.contains(name);
            key(inner, root, path + "." + name, isNeeded, within);
          }
        });
      }
      for (String inside : List.of("items", "additionalProperties")) {
        if (object.get(inside) instanceof Map<?, ?> inner) {
          object(inner, root, path, within);
        }
      }
      for (String choice : List.of("oneOf", "anyOf", "allOf")) {
        if (object.get(choice) instanceof List<?> choices) {
          choices.forEach(each -> object(each, root, path, within));
        }
      }
      within.remove(object);
    }

    private void key(
        Object schema, Map<?, ?> root, String path, boolean isNeeded, Set<Object> within) {
      Map<?, ?> own = (Map<?, ?>) schema;
      Map<?, ?> whole = resolved(schema, root).schema;
      if (!whole.containsKey("const") && !(isDescribed(path) && !own.containsKey("description"))) {
        String description = text(own.get("description"), text(whole.get("description"), ""));
        List<String> examples = new ArrayList<>();
        if (own.get("examples") instanceof List<?> values) {
          values.forEach(value -> examples.add(SchemaTree.write(value)));
        }
        keys.putIfAbsent(
            List.of(path, description),
            new FormatKey(
                format,
                path,
                values(own, root),
                own.containsKey("default")
                    ? Optional.of(SchemaTree.write(own.get("default")))
                    : Optional.empty(),
                isNeeded,
                description,
                examples));
      }
      object(schema, root, path, within);
    }

    /** A schema may say more of a key that it has described before. */
    private boolean isDescribed(String path) {
      return keys.keySet().stream().anyMatch(key -> key.get(0).equals(path));
    }

    private static String text(@Nullable Object value, String otherwise) {
      return value instanceof String text ? text : otherwise;
    }

    /** Keys for people and other tools, which every object may have. */
    private static boolean isIgnored(Object schema) {
      return reference(schema).map(name -> name.equals("ignored")).orElse(false);
    }

    private static Optional<String> reference(Object schema) {
      return schema instanceof Map<?, ?> map && map.get("$ref") instanceof String reference
          ? Optional.of(reference.substring(reference.lastIndexOf('/') + 1))
          : Optional.empty();
    }

    /** The schema that another one refers to, in this file or the file of another format. */
    private static Node resolved(@Nullable Object schema, Map<?, ?> file) {
      if (!(schema instanceof Map<?, ?> map)) {
        return new Node(Map.of(), file);
      }
      if (!(map.get("$ref") instanceof String reference)) {
        return new Node(map, file);
      }
      int local = reference.indexOf('#');
      Map<?, ?> in = file;
      for (JsonSchema other : JsonSchema.values()) {
        if (local != 0 && reference.contains(other.fileName())) {
          in = SchemaTree.read(other);
        }
      }
      @Nullable Object at = in;
      for (String name : local < 0 ? new String[0] : reference.substring(local + 1).split("/")) {
        if (!name.isEmpty() && at instanceof Map<?, ?> object) {
          at = object.get(name);
        }
      }
      return resolved(at, in);
    }

    /** What values a key takes, in words. */
    private static String values(Map<?, ?> schema, Map<?, ?> root) {
      if (schema.get("enum") instanceof List<?> words) {
        return String.join(", ", words.stream().map(SchemaTree::write).toList());
      }
      Optional<String> named = reference(schema);
      if (named.isPresent()) {
        return switch (named.get()) {
          case "u64" -> "a number";
          case "size" -> "a size";
          case "errno" -> "an errno";
          default -> {
            Node node = resolved(schema, root);
            yield values(node.schema, node.file);
          }
        };
      }
      if (schema.get("oneOf") instanceof List<?> choices) {
        Set<String> words = new LinkedHashSet<>();
        choices.forEach(choice -> words.add(values((Map<?, ?>) choice, root)));
        return String.join(" or ", words);
      }
      return switch (text(schema.get("type"), "")) {
        case "boolean" -> "true or false";
        case "array" ->
            schema.get("items") instanceof Map<?, ?> items && items.containsKey("enum")
                ? "a list of " + values(items, root)
                : "a list";
        case "integer", "number" -> "a number";
        case "string" -> "a string";
        case "null" -> "null";
        default -> "an object";
      };
    }
  }
}
