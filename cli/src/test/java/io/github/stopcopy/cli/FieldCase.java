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
import org.assertj.core.api.SoftAssertions;

/**
 * An input and what is expected of {@code check}. The form of an input follows from the end of its
 * name; one that begins with {@code mtree-} goes with the command line {@code base.args}.
 *
 * @param name the name of the case
 * @param expected the expectations, keys as in {@link #EXPECTATIONS}
 * @param cases the folder with the inputs
 * @param host the facts about the host for cases that name none
 */
record FieldCase(String name, JsonNode expected, Path cases, Path host) {

  static final Set<String> EXPECTATIONS =
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

  void check() throws IOException {
    List<String> words = new ArrayList<>(List.of("check"));
    words.addAll(options());
    words.addAll(input(expected.path("input").asText(name)));
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
    if (json.exitCode() == ExitCode.BAD_INPUT) {
      that.assertThat(text.err().lines()).as("one line says what is wrong").hasSize(1);
    }
    that.assertAll();
  }

  private static Pattern any(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  private static List<String> orNone(List<String> codes) {
    return codes.isEmpty() ? List.of("NONE") : codes;
  }

  private List<String> options() {
    List<String> options = new ArrayList<>();
    if (!expected.has("options")) {
      return List.of("--host", host.toString());
    }
    for (String option : texts(expected.get("options"))) {
      options.add(
          option.equals("HOST")
              ? host.toString()
              : option.startsWith("@") ? cases.resolve(option.substring(1)).toString() : option);
    }
    return options;
  }

  private List<String> input(String file) {
    String path = cases.resolve(file).toString();
    assertThat(Files.exists(Path.of(path))).as(path).isTrue();
    if (file.startsWith("mtree-")) {
      String base = cases.resolve(expected.path("base").asText("base.args")).toString();
      return List.of("--qemu-args", base, "--mtree", path);
    }
    String form =
        file.endsWith(".xml")
            ? "--libvirt"
            : file.endsWith(".jsonl") ? "--scenario" : "--qemu-args";
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
