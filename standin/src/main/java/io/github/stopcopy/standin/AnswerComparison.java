package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds an answer of the model against what a real QEMU did, aspect by aspect: texts exactly and
 * step by step, how containers are switched and which states devices enter over the whole scenario,
 * mappings whatever their containers are called, of exit codes only whether there is one. A step
 * that a recording calls {@code unchecked} is left out. Not thread-safe.
 */
public final class AnswerComparison {

  private static final List<String> STEPWISE =
      List.of(
          "errors",
          "warnings",
          "command-error",
          "error-desc",
          "status",
          "blocked-reasons",
          "dma-logging-start",
          "iommu-sections");

  /** Asked for only at steps that end with query-migrate. */
  private static final Set<String> QUERIED = Set.of("status", "error-desc", "blocked-reasons");

  private static final Set<String> NOT_QUERIED = Set.of("boot", "viommu", "memory-add");
  private static final QmpValue NOTHING = QmpValue.of(List.of());

  private final Recording recording;
  private final List<QmpValue> model;
  private final List<Difference> differences = new ArrayList<>();

  private AnswerComparison(Recording recording, QmpValue answer) {
    this.recording = recording;
    this.model = answer.list("steps");
  }

  /**
   * One aspect in which the two differ.
   *
   * @param aspect as the answer's key has it
   * @param step the index of the step, from 0; empty if it concerns the whole scenario
   * @param qemu what QEMU did, as JSON; empty text: nothing
   * @param model what the model says, in the same form
   */
  public record Difference(String aspect, OptionalInt step, String qemu, String model) {}

  /**
   * Compares.
   *
   * @param recording what QEMU did
   * @param answer what the model says to the same scenario, as JSON
   * @return where they differ; nothing if they agree
   */
  public static List<Difference> compare(Recording recording, QmpValue answer) {
    AnswerComparison comparison = new AnswerComparison(recording, answer);
    comparison.steps();
    comparison.whole();
    comparison.verdict(answer.text("verdict").orElse(""));
    return List.copyOf(comparison.differences);
  }

  private void steps() {
    for (int i = 0; i < recording.steps().size(); i++) {
      step(i, recording.steps().get(i), i < model.size() ? model.get(i) : QmpValue.NO_KEYS);
    }
  }

  private void step(int index, QmpValue qemu, QmpValue answer) {
    if (isUnchecked(qemu)) {
      return;
    }
    String name = qemu.text("do").orElse("");
    for (String aspect : STEPWISE) {
      boolean isKnown =
          !(QUERIED.contains(aspect) && NOT_QUERIED.contains(name))
              && !(aspect.equals("iommu-sections")
                  && recording.notes().contains(ScenarioRecorder.NO_TRACE));
      if (isKnown && !normal(aspect, qemu.get(aspect)).equals(normal(aspect, answer.get(aspect)))) {
        add(aspect, OptionalInt.of(index), qemu.get(aspect), answer.get(aspect));
      }
    }
    if (ends(qemu) != ends(answer)) {
      add("exit-code", OptionalInt.of(index), qemu.get("exit-code"), answer.get("exit-code"));
    }
    Optional<QmpValue> maps = qemu.get("dma-map");
    if (maps.isPresent()
        && recording.scenario().text("mtree").filter(text -> !text.isEmpty()).isPresent()
        && (answer.get("dma-map").isEmpty()
            || !maps(maps.get()).equals(maps(answer.get("dma-map").get())))) {
      add("dma-map", OptionalInt.of(index), maps, answer.get("dma-map"));
    }
  }

  private static boolean isUnchecked(QmpValue step) {
    return step.bool("unchecked").orElse(false);
  }

  private static boolean ends(QmpValue step) {
    return step.number("exit-code").orElse(0L) != 0;
  }

  /** As it is compared: numbers as numbers, and nothing like an empty list. */
  private static QmpValue normal(String aspect, Optional<QmpValue> value) {
    if (value.isEmpty()) {
      return NOTHING;
    }
    return switch (aspect) {
      case "dma-logging-start" ->
          QmpValue.of(value.get().elements().stream().map(AnswerComparison::start).toList());
      case "iommu-sections" ->
          QmpValue.of(value.get().elements().stream().map(AnswerComparison::numbers).toList());
      default -> value.get();
    };
  }

  private static QmpValue start(QmpValue start) {
    List<QmpValue> ranges = new ArrayList<>();
    for (QmpValue range : start.list("ranges")) {
      ranges.add(
          numbers(
              QmpValue.of(
                  List.of(
                      range.get("iova").orElse(NOTHING), range.get("length").orElse(NOTHING)))));
    }
    return QmpValue.of(
        List.of(
            start.get("device").orElse(NOTHING),
            number(start.get("page-size").orElse(NOTHING)),
            QmpValue.of(ranges),
            QmpValue.of(start.number("errno").orElse(0L))));
  }

  private static QmpValue numbers(QmpValue list) {
    return QmpValue.of(list.elements().stream().map(AnswerComparison::number).toList());
  }

  /** A number, also if it is written as text. */
  private static QmpValue number(QmpValue value) {
    Optional<String> text = value.text();
    if (text.isPresent() && text.get().startsWith("0x")) {
      return QmpValue.of(new BigInteger(text.get().substring(2), 16));
    }
    return value;
  }

  private static List<String> maps(QmpValue containers) {
    List<String> all = new ArrayList<>();
    for (String key : containers.keys()) {
      List<String> rows = new ArrayList<>();
      for (QmpValue row : containers.list(key)) {
        rows.add(numbers(row).toString());
      }
      rows.sort(Comparator.naturalOrder());
      all.add(rows.toString());
    }
    all.sort(Comparator.naturalOrder());
    return all;
  }

  private void whole() {
    List<QmpValue> qemu = new ArrayList<>();
    List<QmpValue> answers = new ArrayList<>();
    for (int i = 0; i < recording.steps().size(); i++) {
      QmpValue step = recording.steps().get(i);
      if (!isUnchecked(step) && !step.text("do").orElse("").equals("boot")) {
        qemu.add(step);
        if (i < model.size()) {
          answers.add(model.get(i));
        }
      }
    }
    List<QmpValue> switched = all(qemu, "container-dirty");
    List<QmpValue> predicted = all(answers, "container-dirty");
    if (!switched.equals(predicted)) {
      add(
          "container-dirty",
          OptionalInt.empty(),
          Optional.of(QmpValue.of(switched)),
          Optional.of(QmpValue.of(predicted)));
    }
    Map<String, List<String>> entered = states(qemu);
    Map<String, List<String>> wanted = states(answers);
    if (!entered.equals(wanted)) {
      differences.add(
          new Difference(
              "device-states", OptionalInt.empty(), entered.toString(), wanted.toString()));
    }
  }

  private static List<QmpValue> all(List<QmpValue> steps, String key) {
    return steps.stream().flatMap(step -> step.list(key).stream()).toList();
  }

  private static Map<String, List<String>> states(List<QmpValue> steps) {
    Map<String, List<String>> all = new TreeMap<>();
    for (QmpValue state : all(steps, "device-states")) {
      all.computeIfAbsent(state.text("device").orElse(""), none -> new ArrayList<>())
          .add(state.text("from").orElse("") + "->" + state.text("to").orElse(""));
    }
    return new LinkedHashMap<>(all);
  }

  private void verdict(String verdict) {
    Set<String> fitting =
        switch (recording.outcome()) {
          case COMPLETED, CANCELLED -> Set.of("migratable", "conditional");
          case BLOCKED -> Set.of("blocked");
          case FAILED -> Set.of("failed");
          case REALIZE_ERROR -> Set.of("refused");
          case QEMU_DIED -> Set.of("refused", "failed");
          case HUNG -> Set.of();
          case NO_MIGRATION -> Set.of(verdict);
        };
    if (!fitting.contains(verdict)) {
      differences.add(
          new Difference("verdict", OptionalInt.empty(), recording.outcome().word(), verdict));
    }
  }

  private void add(
      String aspect, OptionalInt step, Optional<QmpValue> qemu, Optional<QmpValue> answer) {
    differences.add(
        new Difference(
            aspect,
            step,
            qemu.map(QmpValue::toString).orElse(""),
            answer.map(QmpValue::toString).orElse("")));
  }
}
