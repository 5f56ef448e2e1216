package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The recorded scenarios without their memory dump: what cannot be known then is named, and what is
 * answered is what QEMU did.
 */
class WithoutLayoutTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNode NO_CONTAINERS = MAPPER.createObjectNode();

  @TestFactory
  Stream<DynamicTest> nothingIsGuessed() throws IOException, InputException {
    ScenarioRunner runner = new ScenarioRunner();
    return Vector.recorded().stream()
        .filter(vector -> vector.scenario().hasNonNull("mtree"))
        .map(vector -> DynamicTest.dynamicTest(vector.id(), () -> check(vector, runner)));
  }

  private static void check(Vector vector, ScenarioRunner runner)
      throws IOException, InputException {
    ObjectNode scenario = vector.scenario().deepCopy();
    scenario.remove("mtree");
    JsonNode answers = MAPPER.readTree(runner.answer(scenario.toString())).get("steps");
    JsonNode recorded = vector.json().get("expected").get("steps");
    for (int i = 0; i < recorded.size(); i++) {
      JsonNode answer = answers.path(i);
      if (answer.has("dma-map")) {
        JsonNode maps = recorded.get(i).path("dma-map");
        assertThat(answer.get("dma-map")).isEqualTo(maps.isMissingNode() ? NO_CONTAINERS : maps);
      }
      List<JsonNode> starts = new ArrayList<>();
      recorded.get(i).path("dma-logging-start").forEach(starts::add);
      for (int start = 0; start < starts.size(); start++) {
        compare(starts.get(start), answer.path("dma-logging-start").path(start));
      }
    }
  }

  private static void compare(JsonNode recorded, JsonNode answer) {
    assertThat(answer.path("device")).isEqualTo(recorded.get("device"));
    if (answer.has("unknown")) {
      assertThat(recorded.get("ranges")).containsAll(answer.get("ranges"));
    } else {
      assertThat(answer.get("ranges")).isEqualTo(recorded.get("ranges"));
    }
    if (answer.get("errno").asInt() != 0) {
      assertThat(answer.get("errno")).isEqualTo(recorded.get("errno"));
    }
  }
}
