package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.cli.schema.FormatSchema;
import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** What real QEMUs did with these scenarios, and what we say they do. */
class RecordedVectorsTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static List<Vector> vectors;
  private static ScenarioRunner runner;

  @BeforeAll
  static void read() throws IOException, InputException {
    vectors = Vector.recorded();
    runner = new ScenarioRunner();
  }

  @Test
  void allRecordedVectorsAreThere() {
    assertThat(vectors).hasSize(552 + 132 + 367).doesNotHaveDuplicates();
    assertThat(vectors)
        .extracting(Vector::profile)
        .containsOnly("8.1-iommu-pt", "10.0", "10.2", "11.1");
  }

  @TestFactory
  Stream<DynamicTest> agreesWithQemu() {
    return each(
        vector -> true,
        vector -> {
          String answer = runner.answer(vector.line());
          assertThat(MAPPER.readTree(answer).get("id").textValue()).isEqualTo(vector.id());
          assertThat(vector.differences(answer)).isEmpty();
        });
  }

  @TestFactory
  Stream<DynamicTest> agreesWithQemuInFurtherCases() throws IOException {
    List<Vector> further = Vector.further();
    assertThat(further).hasSize(150 + 150).doesNotHaveDuplicates();
    return further.stream()
        .map(vector ->
            DynamicTest.dynamicTest(
                vector.id(),
                () -> {
                  FormatSchema.SCENARIO.assertValid(vector.scenario());
                  String answer = runner.answer(vector.line());
                  FormatSchema.ANSWER.assertValid(answer);
                  assertThat(vector.differences(answer)).isEmpty();
                }));
  }

  @TestFactory
  Stream<DynamicTest> scenariosAndAnswersAreAsTheSchemasSay() {
    return each(
        vector -> true,
        vector -> {
          FormatSchema.SCENARIO.assertValid(vector.json());
          FormatSchema.SCENARIO.assertValid(vector.scenario());
          FormatSchema.ANSWER.assertValid(runner.answer(vector.line()));
        });
  }

  /** 8.2 answers as its forerunner with the RFC's patch wherever the option is not used. */
  @TestFactory
  Stream<DynamicTest> plain82AnswersAsThePatchedOneWithoutTheOption() {
    return each(
        vector ->
            vector.profile().equals("8.1-iommu-pt")
                && !vector.scenario().get("argv").toString().contains("x-migration-iommu-pt")
                && !vector.scenario().get("steps").toString().contains("x-migration-iommu-pt"),
        vector -> {
          ObjectNode plain = vector.scenario().deepCopy();
          plain.put("profile", "8.2");
          assertThat(withoutRemedies(runner.answer(plain.toString())))
              .isEqualTo(withoutRemedies(runner.answer(vector.line())));
        });
  }

  @TestFactory
  Stream<DynamicTest> theSameScenarioTwiceGivesTheSameBytes() throws InputException {
    ScenarioRunner other = new ScenarioRunner();
    return each(
        vector -> true,
        vector -> assertThat(other.answer(vector.line())).isEqualTo(runner.answer(vector.line())));
  }

  /** Plugins and rule sets are shared; a check is made for each decision. */
  @Test
  void threadsThatDecideAtTheSameTimeDoNotDisturbEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<String>> answers = new ArrayList<>();
      for (Vector vector : vectors) {
        answers.add(threads.submit(() -> runner.answer(vector.line())));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(runner.answer(vectors.get(i).line()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Stream<DynamicTest> each(Predicate<Vector> wanted, ThrowingConsumer<Vector> test) {
    return vectors.stream()
        .filter(wanted)
        .map(vector -> DynamicTest.dynamicTest(vector.id(), () -> test.accept(vector)));
  }

  /** The option itself is a remedy, which only one of the two has. */
  private static JsonNode withoutRemedies(String answer) throws IOException {
    JsonNode json = MAPPER.readTree(answer);
    json.get("reasons").forEach(reason -> ((ObjectNode) reason).remove("remedies"));
    return json;
  }
}
