package io.github.stopcopy.cli.docs;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.cli.schema.Documented;
import io.github.stopcopy.cli.schema.FormatSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * docs/host.md and docs/scenarios.md tell the keys of the input, read off the schemas, of which
 * docs/schema has copies.
 */
class FormatPagesTest {

  private static final String NUMBERS =
      """
      A **number** is an integer, or a string of decimal digits or of `0x` and hexadecimal digits. A **size** is a
      number of bytes, or a string with a unit as QEMU takes it, such as `"4G"`. An **errno** is the number of a Linux
      error; 0 stands for none. A key that is not listed is an error that names it, but `note`, `observed` and `origin`,
      which every object may have for people and other tools and the model does not read.
      """;

  private static final String HOST =
      """
      # Facts of the host

      What only the host knows, as one JSON object: `--host FILE` of `stopcopy check`, the key `host` of a
      [scenario](scenarios.md), and `HostJson` of the library; [`stopcopy host`](live.md) reads it of a host and writes in
      `origin` of each object where its facts come from. Of a fact of a device that comes from the `driver table` or is a
      `default`, `check` tells that it is assumed. This page is generated from [host.schema.json](schema/host.schema.json)
      by a test.

      """;

  private static final String SCENARIOS =
      """
      # Scenarios

      A VM, where and with which release it runs, and what happens to it: a line of `stopcopy run`, `--scenario FILE` of
      `stopcopy check`, and `ScenarioJson` of the library. It is one JSON object, or an object whose key `scenario`
      holds one; whatever stands beside that key is not looked at. This page is generated from
      [scenario.schema.json](schema/scenario.schema.json) by a test; the answers are in
      [answer.schema.json](schema/answer.schema.json).

      """;

  private static final String STEPS =
      """

      # Steps

      Each is an object whose key `do` names it.
      """;

  @Test
  void hostPageIsUpToDate() throws IOException {
    StringBuilder page = new StringBuilder(HOST).append(NUMBERS);
    Documented.of(FormatSchema.HOST).forEach(object -> section(page, object));
    GeneratedPage.check("host.md", page.toString());
  }

  @Test
  void scenariosPageIsUpToDate() throws IOException {
    StringBuilder page = new StringBuilder(SCENARIOS).append(NUMBERS);
    for (Documented object : Documented.of(FormatSchema.SCENARIO)) {
      if (object.title().equals("`boot`")) {
        page.append(STEPS);
      }
      section(page, object);
    }
    GeneratedPage.check("scenarios.md", page.toString());
  }

  /** The jar has them; people look for them here. */
  @ParameterizedTest
  @EnumSource
  void schemaIsTheOneInTheJar(FormatSchema schema) throws IOException {
    GeneratedPage.check("schema/" + schema.file(), schema.text());
  }

  private static void section(StringBuilder page, Documented object) {
    page.append("\n## ").append(object.title()).append("\n\n");
    page.append(object.schema().get("description").textValue()).append("\n");
    JsonNode examples = object.schema().path("examples");
    if (!examples.isEmpty()) {
      page.append("\n```json\n").append(examples.get(0)).append("\n```\n");
    }
    List<String> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> key : object.keys().entrySet()) {
      if (!key.getValue().has("const")) {
        rows.add(row(object, key.getKey(), key.getValue()));
      }
    }
    if (!rows.isEmpty()) {
      page.append("\n| key | value | default | example | meaning |\n|---|---|---|---|---|\n");
      rows.forEach(row -> page.append(row).append('\n'));
    }
  }

  private static String row(Documented object, String key, JsonNode schema) {
    List<String> examples = new ArrayList<>();
    schema.path("examples").forEach(example -> examples.add(code(example)));
    String otherwise =
        object.needs(key) ? "needed" : schema.has("default") ? code(schema.get("default")) : "-";
    return String.join(
        " | ",
        "| `" + key + "`",
        type(schema),
        otherwise,
        String.join(", ", examples),
        schema.get("description").textValue() + " |");
  }

  private static String code(JsonNode value) {
    return "`" + value.toString().replace("|", "\\|") + "`";
  }

  /** A word for the values that a key takes. */
  private static String type(JsonNode schema) {
    if (schema.has("enum")) {
      List<String> words = new ArrayList<>();
      schema.get("enum").forEach(word -> words.add(code(word)));
      return String.join(", ", words);
    }
    String reference = schema.path("$ref").asText();
    if (!reference.isEmpty()) {
      return switch (reference.substring(reference.lastIndexOf('/') + 1)) {
        case "u64" -> "number";
        case "size" -> "size";
        case "errno" -> "errno";
        default -> "object";
      };
    }
    if (schema.has("oneOf")) {
      List<String> words = new ArrayList<>();
      for (JsonNode choice : schema.get("oneOf")) {
        String word = type(choice);
        if (!words.contains(word)) {
          words.add(word);
        }
      }
      return String.join(" or ", words);
    }
    return switch (schema.path("type").asText()) {
      case "boolean" -> "true or false";
      case "array" -> "list";
      case "integer" -> "number";
      default -> schema.path("type").asText();
    };
  }
}
