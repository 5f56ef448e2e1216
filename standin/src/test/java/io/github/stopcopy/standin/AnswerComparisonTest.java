package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.standin.Recording.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What counts as a difference between a recording and an answer of the model, and what does not.
 */
class AnswerComparisonTest {

  private static List<String> aspects(String qemu, Outcome outcome, String verdict, String model)
      throws Exception {
    return aspects(qemu, outcome, verdict, model, List.of());
  }

  private static List<String> aspects(
      String qemu, Outcome outcome, String verdict, String model, List<String> notes)
      throws Exception {
    Recording recording =
        new Recording(
            QmpValue.parse("{\"id\":\"x\",\"mtree\":\"FlatView\"}"),
            QmpValue.parse(qemu).elements(),
            outcome,
            notes);
    QmpValue answer = QmpValue.parse("{\"verdict\":\"" + verdict + "\",\"steps\":" + model + "}");
    return AnswerComparison.compare(recording, answer).stream()
        .map(AnswerComparison.Difference::aspect)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "errors | [\"a\",\"b\"] | [\"b\",\"a\"]",
        "errors | [\"a\"] | []",
        "warnings | [] | [\"a\"]",
        "command-error | \"no\" | \"No\"",
        "error-desc | \"no\" | null",
        "status | \"completed\" | \"failed\"",
        "blocked-reasons | [\"a\",\"b\"] | [\"b\",\"a\"]",
        "dma-logging-start | [{\"device\":\"d\",\"page-size\":4096,\"ranges\":[],\"errno\":95}] |"
            + " [{\"device\":\"d\",\"page-size\":4096,\"ranges\":[]}]",
        "iommu-sections | [[\"0x0\",\"0xf\"]] | [[\"0x0\",\"0xff\"]]",
        "exit-code | 1 | 0",
        "container-dirty | [\"start\"] | []",
        "device-states | [{\"device\":\"d\",\"from\":\"RUNNING\",\"to\":\"STOP\"}] | []",
        "dma-map | {\"2\":[[\"0x0\",\"0x1000\",\"rw\"]]} | {\"2\":[[\"0x0\",\"0x1000\",\"ro\"]]}",
        "dma-map | {} | {\"2\":[]}"
      })
  void eachAspectIsCompared(String aspect, String qemu, String model) throws Exception {
    String left = "[{\"do\":\"migrate\",\"" + aspect + "\":" + qemu + "}]";
    String right = "[{\"do\":\"migrate\",\"" + aspect + "\":" + model + "}]";
    assertThat(aspects(left, Outcome.COMPLETED, "migratable", right)).containsExactly(aspect);
    assertThat(aspects(left, Outcome.COMPLETED, "migratable", left)).isEmpty();
  }

  @Test
  void numbersAreComparedAsNumbersAndContainersByWhatTheyMap() throws Exception {
    assertThat(
            aspects(
                "[{\"do\":\"migrate\",\"dma-logging-start\":[{\"device\":\"d\",\"page-size\":4096,"
                    + "\"ranges\":[{\"iova\":0,\"length\":4096}],\"errno\":0}],"
                    + "\"dma-map\":{\"2\":[[\"0x0\",\"0x1000\",\"rw\"]]}}]",
                Outcome.COMPLETED,
                "conditional",
                "[{\"do\":\"migrate\",\"dma-logging-start\":[{\"device\":\"d\",\"page-size\":4096,"
                    + "\"ranges\":[{\"iova\":\"0x0\",\"length\":\"0x1000\"}]}],"
                    + "\"dma-map\":{\"1\":[[\"0x0\",\"0x1000\",\"rw\"]]}}]"))
        .isEmpty();
  }

  @Test
  void statesAndSwitchesAreComparedOverTheWholeScenario() throws Exception {
    String state = "\"device-states\":[{\"device\":\"d\",\"from\":\"RUNNING\",\"to\":\"STOP\"}]";
    assertThat(
            aspects(
                "[{\"do\":\"migrate\"},{\"do\":\"snapshot\"," + state + "}]",
                Outcome.COMPLETED,
                "migratable",
                "[{\"do\":\"migrate\"," + state + "},{\"do\":\"snapshot\"}]"))
        .isEmpty();
  }

  @Test
  void atBootNobodyAsksAboutMigrations() throws Exception {
    assertThat(
            aspects(
                "[{\"do\":\"boot\"}]",
                Outcome.NO_MIGRATION,
                "blocked",
                "[{\"do\":\"boot\",\"status\":\"none\",\"blocked-reasons\":[\"a\"]}]"))
        .isEmpty();
  }

  @Test
  void whatIsRecordedAsUncheckedIsNotCompared() throws Exception {
    String state = "\"device-states\":[{\"device\":\"d\",\"from\":\"RUNNING\",\"to\":\"STOP\"}]";
    String step = "[{\"do\":\"migrate\",\"unchecked\":true,\"status\":\"failed\"," + state + "}]";
    assertThat(aspects(step, Outcome.COMPLETED, "migratable", "[{\"do\":\"migrate\"}]")).isEmpty();
  }

  @Test
  void mapsAreNotComparedWithoutALayout() throws Exception {
    Recording recording =
        new Recording(
            QmpValue.parse("{\"id\":\"x\",\"mtree\":\"\"}"),
            QmpValue.parse("[{\"do\":\"migrate\",\"dma-map\":{\"2\":[]}}]").elements(),
            Outcome.COMPLETED,
            List.of());
    QmpValue answer =
        QmpValue.parse("{\"verdict\":\"migratable\",\"steps\":[{\"do\":\"migrate\"}]}");
    assertThat(AnswerComparison.compare(recording, answer)).isEmpty();
  }

  @Test
  void anAnswerWithoutStepsDiffersInAllThatWasRecorded() throws Exception {
    String qemu =
        "[{\"do\":\"migrate\",\"errors\":[\"e\"],\"status\":\"completed\",\"warnings\":[\"w\"]}]";
    assertThat(aspects(qemu, Outcome.COMPLETED, "migratable", "[]"))
        .containsExactlyInAnyOrder("errors", "status", "warnings");
  }

  @Test
  void withoutATraceSectionsAreNotCompared() throws Exception {
    String model = "[{\"do\":\"boot\",\"iommu-sections\":[[\"0x0\",\"0xff\"]]}]";
    assertThat(aspects("[{\"do\":\"boot\"}]", Outcome.NO_MIGRATION, "migratable", model))
        .containsExactly("iommu-sections");
    assertThat(
            aspects(
                "[{\"do\":\"boot\"}]",
                Outcome.NO_MIGRATION,
                "migratable",
                model,
                List.of(ScenarioRecorder.NO_TRACE)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETED, migratable, true",
    "COMPLETED, blocked, false",
    "CANCELLED, conditional, true",
    "BLOCKED, blocked, true",
    "BLOCKED, failed, false",
    "FAILED, failed, true",
    "REALIZE_ERROR, refused, true",
    "REALIZE_ERROR, blocked, false",
    "QEMU_DIED, refused, true",
    "QEMU_DIED, migratable, false",
    "HUNG, migratable, false",
    "HUNG, refused, false",
    "NO_MIGRATION, blocked, true"
  })
  void theVerdictIsWhatTheOutcomeMeans(Outcome outcome, String verdict, boolean agrees)
      throws Exception {
    assertThat(aspects("[{\"do\":\"boot\"}]", outcome, verdict, "[{\"do\":\"boot\"}]"))
        .isEqualTo(agrees ? List.of() : List.of("verdict"));
  }
}
