package io.github.stopcopy.cli.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.stopcopy.json.JsonSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The schemas with a validator of another make. */
public enum FormatSchema {
  /** HOST. */
  HOST(JsonSchema.HOST),
  /** A scenario, on its own or in an object. */
  SCENARIO(JsonSchema.SCENARIO),
  /** A line of {@code run}. */
  ANSWER(JsonSchema.ANSWER),
  /** What {@code check} prints. */
  VERDICT(JsonSchema.VERDICT),
  /** What {@code check --qemu-version all} prints. */
  PROFILES(JsonSchema.PROFILES),
  /** What {@code check --format condition} prints. */
  CONDITION(JsonSchema.CONDITION),
  /** What {@code what-if} prints. */
  WHAT_IF(JsonSchema.WHAT_IF),
  /** A line that {@code fleet} reads. */
  FLEET_INPUT(JsonSchema.FLEET_INPUT),
  /** A line that {@code fleet} prints. */
  FLEET(JsonSchema.FLEET);

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(textsById()));

  private final JsonSchema schema;
  private final JsonNode json;

  FormatSchema(JsonSchema schema) {
    this.schema = schema;
    try {
      json = new ObjectMapper().readTree(schema.text());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static Map<String, String> textsById() {
    Map<String, String> texts = new HashMap<>();
    for (FormatSchema each : values()) {
      texts.put(each.json.get("$id").textValue(), each.text());
    }
    return texts;
  }

  /** Its name under {@code docs/schema}. */
  public String file() {
    return schema.fileName();
  }

  /** Its text. */
  public String text() {
    return schema.text();
  }

  /** The schema itself. */
  public JsonNode json() {
    return json;
  }

  /** Fails if the value is not as the schema says. */
  public void assertValid(JsonNode value) {
    assertThat(errors(value)).as("%s of %s", file(), value).isEmpty();
  }

  /** Fails if the text is not as the schema says. */
  public void assertValid(String value) {
    try {
      assertValid(MAPPER.readTree(value));
    } catch (IOException broken) {
      throw new AssertionError("no JSON: " + value, broken);
    }
  }

  /** Where the value is not as the schema says. */
  public List<Error> errors(JsonNode value) {
    Schema checked = REGISTRY.getSchema(SchemaLocation.of(json.get("$id").textValue()));
    return checked.validate(value);
  }
}
