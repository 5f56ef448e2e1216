package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.stopcopy.cli.explain.Example;
import io.github.stopcopy.migration.message.MessageFinder;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The examples of every code, wrong and right, have the verdicts that they say. */
class ExplainExamplesTest {

  /** What is a warning and never the reason of a verdict. */
  private static final Set<ReasonCode> WARNINGS =
      Set.of(ReasonCode.VIOMMU_RELAXED, ReasonCode.DIRTY_RATE_ABORTS);

  /** What these tell is QEMU's text of another reason: that of the start, or of the other VM. */
  private static final Set<String> OF_OTHERS =
      Set.of("DESTINATION_DOES_NOT_START", "VM_MAY_DIFFER");

  @TempDir private Path folder;

  private JsonNode play(Example example) throws IOException {
    for (Map.Entry<String, List<String>> file : example.files().entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    List<String> words = new ArrayList<>();
    for (String word : example.command().split(" ")) {
      words.add(example.files().containsKey(word) ? folder.resolve(word).toString() : word);
    }
    words.addAll(List.of("--format", "json"));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    return new ObjectMapper().readTree(run.out());
  }

  private static boolean tells(JsonNode answer, ReasonCode code) {
    if (WARNINGS.contains(code)) {
      Cause cause = code.causes().get(0);
      String begin = cause.text().substring(0, 40);
      return answer.path("warnings").toString().contains(begin)
          || answer.path("warnings").toString().contains("Migration maybe blocked");
    }
    for (JsonNode reason : answer.get("reasons")) {
      if (reason.get("code").textValue().equals(code.name())) {
        return true;
      }
    }
    return false;
  }

  /** What QEMU says of a reason is a message that is known to stand for it. */
  private static void textsLeadToTheirCodes(JsonNode answer) {
    for (JsonNode reason : answer.get("reasons")) {
      String text = reason.path("qemu-text").asText();
      if (!text.isEmpty() && !OF_OTHERS.contains(reason.get("code").textValue())) {
        assertThat(new MessageFinder().in(text))
            .as(text)
            .anyMatch(found ->
                found.message().codes().stream()
                    .anyMatch(code -> code.name().equals(reason.get("code").textValue())));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongHasTheReasonAndRightHasNot(ReasonCode code) throws Exception {
    Example.Pair examples = Example.of(code);

    JsonNode wrong = play(examples.wrong());
    assertThat(wrong.get("verdict").textValue()).isEqualTo(examples.wrong().verdict());
    assertThat(tells(wrong, code)).as("%s", wrong).isTrue();
    textsLeadToTheirCodes(wrong);

    JsonNode right = play(examples.right());
    assertThat(right.get("verdict").textValue())
        .isEqualTo(examples.right().verdict())
        .isIn("migratable", "conditional");
    assertThat(tells(right, code)).as("%s", right).isFalse();
  }
}
