package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerComparisonTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final String VECTOR =
      """
      {"scenario": {"mtree": "something"}, "outcome": "completed", "expected": {"steps": [
        {"do": "boot", "warnings": ["w"]},
        {"do": "migrate", "status": "completed", "error-desc": null, "blocked-reasons": ["b1", "b2"],
         "errors": ["e1", "e2"], "container-dirty": ["start"],
         "dma-logging-start": [{"device": "d", "page-size": 4096, "errno": 0,
            "ranges": [{"iova": "0x0", "length": "0x1000"}]}],
         "device-states": [{"device": "d", "from": "RUNNING", "to": "STOP", "errno": 0}],
         "iommu-sections": [["0x0", "0xffff"]],
         "dma-map": {"0": [["0x0", "0x1000", "rw"], ["0x1000", "0x1000", "ro"]], "7": []}},
        {"do": "viommu", "container-dirty": ["stop"],
         "device-states": [{"device": "d", "from": "STOP", "to": "RUNNING", "errno": 0}]}]}}
      """;

  private static final String ANSWER =
      """
      {"verdict": "conditional", "steps": [
        {"do": "boot", "warnings": ["w"]},
        {"do": "migrate", "status": "completed", "blocked-reasons": ["b1", "b2"],
         "errors": ["e1", "e2"],
         "dma-logging-start": [{"device": "d", "page-size": 4096, "errno": 0,
            "ranges": [{"iova": 0, "length": "4096"}]}],
         "device-states": [{"device": "d", "from": "RUNNING", "to": "STOP", "errno": 5}],
         "iommu-sections": [["0x0", "0xffff"]],
         "dma-map": {"1": [], "0": [["0x1000", "0x1000", "ro"], ["0x0", "0x1000", "rw"]]}},
        {"do": "viommu", "status": "nobody asked", "container-dirty": ["start", "stop"],
         "device-states": [{"device": "d", "from": "STOP", "to": "RUNNING", "errno": 0}]}]}
      """;

  @Test
  void spellingOrderOfMapsAndWhereASequenceIsCutDoNotMatter() throws IOException {
    assertThat(AnswerComparison.differences(MAPPER.readTree(VECTOR), MAPPER.readTree(ANSWER)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "verdict           | \"conditional\"           | \"blocked\"",
        "warnings          | [\"w\"]                   | [\"W\"]",
        "warnings          | \"warnings\": [\"w\"]     | \"warnings\": []",
        "errors            | [\"e1\", \"e2\"]          | [\"e2\", \"e1\"]",
        "blocked-reasons   | [\"b1\", \"b2\"]          | [\"b1\"]",
        "status            | \"completed\"             | \"failed\"",
        "command-error     | \"do\": \"migrate\"       | \"do\": \"migrate\", \"command-error\":"
            + " \"x\"",
        "error-desc        | \"do\": \"migrate\"       | \"do\": \"migrate\", \"error-desc\":"
            + " \"x\"",
        "exit-code         | \"do\": \"boot\"          | \"do\": \"boot\", \"exit-code\": 1",
        "dma-logging-start | \"length\": \"4096\"      | \"length\": \"8192\"",
        "dma-logging-start | \"page-size\": 4096, \"errno\": 0 | \"page-size\": 4096, \"errno\":"
            + " 95",
        "iommu-sections    | [[\"0x0\", \"0xffff\"]]   | []",
        "container-dirty   | [\"start\", \"stop\"]     | [\"stop\", \"start\"]",
        "device-states     | \"from\": \"STOP\"        | \"from\": \"RUNNING\"",
        "dma-map           | \"0x1000\", \"0x1000\", \"ro\" | \"0x1000\", \"0x1000\", \"rw\"",
        "dma-map           | \"dma-map\"               | \"dma-nap\""
      })
  void everyAspectIsHeldAgainstTheRecord(String aspect, String right, String wrong)
      throws IOException {
    assertThat(ANSWER).contains(right);
    JsonNode changed = MAPPER.readTree(ANSWER.replace(right, wrong));
    assertThat(AnswerComparison.differences(MAPPER.readTree(VECTOR), changed))
        .singleElement()
        .asString()
        .startsWith(aspect);
  }

  @Test
  void anAnswerThatIsNotThereDiffers() throws IOException {
    assertThat(AnswerComparison.differences(MAPPER.readTree(VECTOR), MAPPER.readTree("{}")))
        .hasSizeGreaterThan(5);
  }

  @Test
  void uncheckedStepsAndMapsWithoutALayoutAreLeftOut() throws IOException {
    JsonNode unchecked = MAPPER.readTree(VECTOR.replace("\"do\"", "\"unchecked\": true, \"do\""));
    JsonNode nothing = MAPPER.readTree("{\"verdict\": \"migratable\"}");
    assertThat(AnswerComparison.differences(unchecked, nothing)).isEmpty();
    JsonNode noLayout = MAPPER.readTree(VECTOR.replace("something", ""));
    JsonNode noMaps = MAPPER.readTree(ANSWER.replace("dma-map", "dma-nap"));
    assertThat(AnswerComparison.differences(noLayout, noMaps)).isEmpty();
  }
}
