package io.github.stopcopy.cli.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds an answer of {@code stopcopy run} against what a real QEMU did, aspect by aspect. Texts,
 * blockers and ranges are compared step by step; the switching of container tracking and the states
 * of each device as sequences over the whole scenario; maps as sets, whatever the containers are
 * called.
 */
final class AnswerComparison {

  private static final List<String> ASPECTS =
      List.of(
          "errors",
          "warnings",
          "command-error",
          "error-desc",
          "status",
          "blocked-reasons",
          "dma-logging-start",
          "iommu-sections");

  /** Recorded only at steps that end with {@code query-migrate}. */
  private static final Set<String> QUERIED = Set.of("status", "error-desc", "blocked-reasons");

  private static final Set<String> NOT_QUERIED = Set.of("boot", "viommu", "memory-add");

  private static final Map<String, Set<String>> VERDICTS =
      Map.of(
          "completed", Set.of("migratable", "conditional"),
          "cancelled", Set.of("migratable", "conditional"),
          "blocked", Set.of("blocked"),
          "failed", Set.of("failed"),
          "realize_error", Set.of("refused"),
          "qemu_died", Set.of("refused", "failed"));

  private final List<String> differences = new ArrayList<>();

  private AnswerComparison() {}

  /** What is different, an entry each; empty if the answer agrees. */
  static List<String> differences(JsonNode vector, JsonNode answer) {
    AnswerComparison comparison = new AnswerComparison();
    JsonNode expected = vector.path("expected").path("steps");
    JsonNode steps = answer.path("steps");
    boolean hasLayout = !isNothing(vector.path("scenario").path("mtree"));
    for (int i = 0; i < expected.size(); i++) {
      if (!isUnchecked(expected.get(i))) {
        comparison.compareStep(i, expected.get(i), steps.path(i), hasLayout);
      }
    }
    comparison.compareSequences(expected, steps);
    Set<String> fitting = VERDICTS.get(vector.path("outcome").asText());
    String verdict = answer.path("verdict").asText();
    if (fitting != null && !fitting.contains(verdict)) {
      comparison.differences.add(
          "verdict: QEMU " + vector.path("outcome").asText() + ", model " + verdict);
    }
    return comparison.differences;
  }

  private void compareStep(int step, JsonNode expected, JsonNode actual, boolean hasLayout) {
    for (String aspect : ASPECTS) {
      boolean applies =
          !QUERIED.contains(aspect) || !NOT_QUERIED.contains(expected.get("do").textValue());
      if (applies) {
        expect(
            aspect,
            step,
            normal(aspect, expected.path(aspect)),
            normal(aspect, actual.path(aspect)));
      }
    }
    expect(
        "exit-code",
        step,
        expected.path("exit-code").asInt() != 0,
        actual.path("exit-code").asInt() != 0);
    if (expected.has("dma-map") && hasLayout) {
      expect(
          "dma-map",
          step,
          maps(expected.path("dma-map")),
          actual.has("dma-map") ? maps(actual.path("dma-map")) : "not answered");
    }
  }

  private void compareSequences(JsonNode expected, JsonNode actual) {
    List<String> switchedExpected = new ArrayList<>();
    List<String> switchedActual = new ArrayList<>();
    Map<String, List<String>> statesExpected = new TreeMap<>();
    Map<String, List<String>> statesActual = new TreeMap<>();
    for (int i = 0; i < expected.size(); i++) {
      JsonNode step = expected.get(i);
      if (!isUnchecked(step) && !step.get("do").textValue().equals("boot")) {
        collect(step, switchedExpected, statesExpected);
        collect(actual.path(i), switchedActual, statesActual);
      }
    }
    expect("container-dirty", -1, switchedExpected, switchedActual);
    expect("device-states", -1, statesExpected, statesActual);
  }

  private static void collect(
      JsonNode step, List<String> switched, Map<String, List<String>> states) {
    step.path("container-dirty").forEach(word -> switched.add(word.textValue()));
    for (JsonNode state : step.path("device-states")) {
      states
          .computeIfAbsent(state.get("device").textValue(), name -> new ArrayList<>())
          .add(state.get("from").textValue() + "->" + state.get("to").textValue());
    }
  }

  /** The value in a form in which different spellings of a number are equal. */
  private static Object normal(String aspect, JsonNode value) {
    if (isNothing(value)) {
      return "nothing";
    }
    List<String> all = new ArrayList<>();
    switch (aspect) {
      case "dma-logging-start" -> {
        for (JsonNode start : value) {
          List<String> ranges = new ArrayList<>();
          start
              .get("ranges")
              .forEach(range -> ranges.add(number(range, "iova") + "+" + number(range, "length")));
          all.add(
              start.get("device").textValue()
                  + " page-size "
                  + number(start, "page-size")
                  + " "
                  + ranges
                  + " errno "
                  + start.path("errno").asInt());
        }
        return all;
      }
      case "iommu-sections" -> {
        value.forEach(section -> all.add(number(section.get(0)) + "-" + number(section.get(1))));
        return all;
      }
      default -> {
        return value;
      }
    }
  }

  /** The maps of all containers, whatever their names and their order. */
  private static List<List<String>> maps(JsonNode containers) {
    List<List<String>> all = new ArrayList<>();
    for (JsonNode container : containers) {
      List<String> maps = new ArrayList<>();
      for (JsonNode map : container) {
        maps.add(number(map.get(0)) + "+" + number(map.get(1)) + " " + map.get(2).textValue());
      }
      Collections.sort(maps);
      all.add(maps);
    }
    all.sort((a, b) -> a.toString().compareTo(b.toString()));
    return all;
  }

  private static String number(JsonNode parent, String key) {
    return number(parent.get(key));
  }

  /** A size of 2^64 is the only number that does not fit 64 bits. */
  private static String number(JsonNode value) {
    String text = value.asText();
    return text.equals("0x10000000000000000") ? text : U64.hex(U64.parse(text));
  }

  private static boolean isUnchecked(JsonNode step) {
    return step.path("unchecked").asBoolean();
  }

  private static boolean isNothing(JsonNode value) {
    return value instanceof MissingNode
        || value.isNull()
        || value.isContainerNode() && value.isEmpty()
        || value.isTextual() && value.textValue().isEmpty();
  }

  private void expect(String aspect, int step, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      String where = step < 0 ? "" : ", step " + step;
      differences.add(aspect + where + ": QEMU " + expected + ", model " + actual);
    }
  }
}
