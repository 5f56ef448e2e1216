package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Inputs of the kinds that people have, each with what is expected of {@code check}: {@code
 * field/expect.json} says how, the cases stand beside it. The form of an input follows from the end
 * of its name.
 */
class FieldCasesTest {

  private static final Path FOLDER = Path.of("src", "test", "resources", "field");
  private static final Path CASES = FOLDER.resolve("cases");
  private static final Set<String> EXPECTATIONS =
      Set.of(
          "options",
          "exit",
          "verdict",
          "reasons",
          "no-reasons",
          "devices",
          "json-has",
          "says",
          "never",
          "note",
          "input",
          "base");

  @TestFactory
  Stream<DynamicTest> everyCaseIsAnsweredAsExpected() throws IOException {
    return expected().properties().stream()
        .map(each ->
            DynamicTest.dynamicTest(each.getKey(), () -> check(each.getKey(), each.getValue())));
  }

  @Test
  void noExpectationIsMistyped() throws IOException {
    for (JsonNode each : expected()) {
      assertThat(each.fieldNames()).toIterable().isSubsetOf(EXPECTATIONS);
      assertThat(each.size()).isPositive();
    }
  }

  private static JsonNode expected() throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve("expect.json").toFile());
  }

  private static void check(String name, JsonNode expected) throws IOException {
    List<String> words = new ArrayList<>(List.of("check"));
    words.addAll(options(expected));
    words.addAll(input(expected.path("input").asText(name), expected));
    CommandLineRun text = CommandLineRun.of(words.toArray(String[]::new));
    words.addAll(List.of("--format", "json"));
    CommandLineRun json = CommandLineRun.of(words.toArray(String[]::new));

    JsonNode answer = new ObjectMapper().readTree(json.out());
    String said = (text.out() + text.err()).replaceAll("\\s+", " ");
    SoftAssertions that = new SoftAssertions();
    that.assertThat(text.exitCode()).as("exit code with JSON").isEqualTo(json.exitCode());
    if (expected.has("exit")) {
      that.assertThat(texts(expected.get("exit")))
          .as("exit code: %s", said)
          .contains(String.valueOf(json.exitCode()));
    }
    if (expected.has("verdict")) {
      that.assertThat(texts(expected.get("verdict")))
          .as("verdict")
          .contains(answer.path("verdict").asText());
    }
    that.assertThat(answer.path("reasons").findValuesAsText("code"))
        .as("reasons")
        .containsAll(texts(expected.path("reasons")))
        .doesNotContainAnyElementsOf(orNone(texts(expected.path("no-reasons"))));
    if (expected.has("devices")) {
      that.assertThat(devices(answer)).as("devices").hasSize(expected.get("devices").asInt());
    }
    texts(expected.path("json-has"))
        .forEach(part -> that.assertThat(json.out()).containsPattern(part));
    texts(expected.path("says")).forEach(part -> that.assertThat(said).containsPattern(any(part)));
    texts(expected.path("never"))
        .forEach(part -> that.assertThat(said).doesNotContainPattern(any(part)));
    that.assertAll();
  }

  private static Pattern any(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  private static List<String> orNone(List<String> codes) {
    return codes.isEmpty() ? List.of("NONE") : codes;
  }

  private static List<String> options(JsonNode expected) {
    List<String> options = new ArrayList<>();
    if (!expected.has("options")) {
      return List.of("--host", FOLDER.resolve("host.json").toString());
    }
    for (String option : texts(expected.get("options"))) {
      options.add(
          option.equals("HOST")
              ? FOLDER.resolve("host.json").toString()
              : option.startsWith("@") ? CASES.resolve(option.substring(1)).toString() : option);
    }
    return options;
  }

  private static List<String> input(String name, JsonNode expected) {
    String path = CASES.resolve(name).toString();
    assertThat(Files.exists(Path.of(path))).as(path).isTrue();
    if (name.startsWith("mtree-")) {
      String base = CASES.resolve(expected.path("base").asText("base.args")).toString();
      return List.of("--qemu-args", base, "--mtree", path);
    }
    String form =
        name.endsWith(".xml")
            ? "--libvirt"
            : name.endsWith(".jsonl") ? "--scenario" : "--qemu-args";
    return List.of(form, path);
  }

  /** A value or the values of an array. */
  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(each -> texts.add(each.asText()));
    } else if (!node.isMissingNode()) {
      texts.add(node.asText());
    }
    return texts;
  }

  private static Set<String> devices(JsonNode answer) {
    Set<String> devices = new HashSet<>();
    for (JsonNode step : answer.path("steps")) {
      step.path("dma-logging-start").forEach(start -> devices.add(start.path("device").asText()));
    }
    return devices;
  }
}
