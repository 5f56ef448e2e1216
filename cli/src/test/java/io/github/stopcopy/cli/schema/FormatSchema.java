package io.github.stopcopy.cli.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.stopcopy.json.VerdictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The schemas as the jar of the module json has them. */
public enum FormatSchema {
  /** HOST. */
  HOST("host"),
  /** A scenario, on its own or in an object. */
  SCENARIO("scenario"),
  /** A line of {@code run}. */
  ANSWER("answer"),
  /** What {@code check} prints. */
  VERDICT("verdict"),
  /** What {@code check --qemu-version all} prints. */
  PROFILES("profiles");

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(textsById()));

  private final String file;
  private final String text;
  private final JsonNode json;

  FormatSchema(String name) {
    file = name + ".schema.json";
    text = resource(file);
    try {
      json = new ObjectMapper().readTree(text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static String resource(String file) {
    try (InputStream in = VerdictJson.class.getResourceAsStream("schema/" + file)) {
      assertThat(in).as(file).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static Map<String, String> textsById() {
    Map<String, String> texts = new HashMap<>();
    for (FormatSchema each : values()) {
      texts.put(each.json.get("$id").textValue(), each.text);
    }
    return texts;
  }

  /** Its name under {@code docs/schema}. */
  public String file() {
    return file;
  }

  /** Its text. */
  public String text() {
    return text;
  }

  /** The schema itself. */
  public JsonNode json() {
    return json;
  }

  /** Fails if the value is not as the schema says. */
  public void assertValid(JsonNode value) {
    assertThat(errors(value)).as("%s of %s", file, value).isEmpty();
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
    Schema schema = REGISTRY.getSchema(SchemaLocation.of(json.get("$id").textValue()));
    return schema.validate(value);
  }
}
