package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inputs of the kinds that people have, each with what is expected of {@code check}: {@code
 * field/expect.json} of those that stand beside it, and {@code field/kinds.json}, which holds more
 * of every kind together with their texts.
 */
class FieldCasesTest {

  private static final Path FOLDER = Path.of("src", "test", "resources", "field");

  @TempDir private static Path written;

  @TestFactory
  Stream<DynamicTest> everyCaseIsAnsweredAsExpected() throws IOException {
    Path host = FOLDER.resolve("host.json");
    return read("expect.json").properties().stream()
        .map(each -> new FieldCase(each.getKey(), each.getValue(), FOLDER.resolve("cases"), host))
        .map(each -> DynamicTest.dynamicTest(each.name(), each::check));
  }

  @TestFactory
  Stream<DynamicTest> everyCaseOfAKindIsAnsweredAsExpected() throws IOException {
    JsonNode kinds = read("kinds.json");
    for (Map.Entry<String, JsonNode> file : kinds.get("files").properties()) {
      Files.writeString(written.resolve(file.getKey()), file.getValue().asText());
    }
    for (Map.Entry<String, JsonNode> each : kinds.get("cases").properties()) {
      Files.writeString(written.resolve(each.getKey()), each.getValue().get("text").asText());
    }
    return kinds.get("cases").properties().stream()
        .map(each ->
            new FieldCase(each.getKey(), each.getValue(), written, written.resolve("host.json")))
        .map(each -> DynamicTest.dynamicTest(each.name(), each::check));
  }

  @Test
  void noExpectationIsMistyped() throws IOException {
    for (JsonNode each : read("expect.json")) {
      assertThat(each.fieldNames()).toIterable().isSubsetOf(FieldCase.EXPECTATIONS);
      assertThat(each.size()).isPositive();
    }
    for (JsonNode each : read("kinds.json").get("cases")) {
      assertThat(each.fieldNames())
          .toIterable()
          .contains("text")
          .filteredOn(key -> !key.equals("text"))
          .isSubsetOf(FieldCase.EXPECTATIONS);
      assertThat(each.has("exit") || each.has("verdict")).isTrue();
    }
  }

  private static JsonNode read(String file) throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve(file).toFile());
  }
}
