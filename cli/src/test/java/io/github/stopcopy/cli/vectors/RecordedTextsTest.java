package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.message.FoundMessage;
import io.github.stopcopy.migration.message.MessageFinder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every text that a binary printed in a recording is known, and said by its release. */
class RecordedTextsTest {

  private static final List<String> KEYS =
      List.of("errors", "warnings", "command-error", "error-desc", "blocked-reasons");

  private static void texts(JsonNode value, Set<String> into) {
    for (String key : KEYS) {
      JsonNode said = value.path(key);
      if (said.isTextual()) {
        into.add(said.textValue());
      }
      said.forEach(each -> into.add(each.textValue()));
    }
    for (JsonNode step : value.path("steps")) {
      texts(step, into);
    }
  }

  private static Map<String, Set<String>> byProfile() throws IOException {
    Map<String, Set<String>> all = new LinkedHashMap<>();
    for (Vector vector : Vector.recorded()) {
      Set<String> texts = all.computeIfAbsent(vector.profile(), profile -> new TreeSet<>());
      texts(vector.json().get("expected"), texts);
    }
    return all;
  }

  @Test
  void everyRecordedTextIsKnownAndSaidByItsRelease() throws Exception {
    MessageFinder finder = new MessageFinder();
    List<String> unknown = new ArrayList<>();
    int texts = 0;
    for (Map.Entry<String, Set<String>> said : byProfile().entrySet()) {
      QemuProfile profile = QemuProfile.choose(said.getKey()).profile();
      for (String text : said.getValue()) {
        texts++;
        List<FoundMessage> found = finder.in(text);
        if (found.stream().noneMatch(each -> each.message().isSaidBy(profile))) {
          unknown.add(profile + ": " + text + " " + found);
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(texts).isGreaterThan(150);
  }

  /** What the model gives as QEMU's text of a reason leads to the code of that reason. */
  @Test
  void theTextOfEveryReasonLeadsToItsCode() throws Exception {
    MessageFinder finder = new MessageFinder();
    Plugins plugins = Plugins.load();
    RuleSets rules = RuleSets.load();
    Set<String> wrong = new TreeSet<>();
    Set<String> codes = new TreeSet<>();
    for (Vector vector : Vector.recorded()) {
      Verdict verdict =
          MigrationCheck.of(Scenarios.read("scenarios", 1, vector.line()).scenario())
              .plugins(plugins)
              .ruleSets(rules)
              .countLaterRefusals(true)
              .remedies(false)
              .decide();
      for (Reason reason : verdict.reasons()) {
        if (!reason.qemuText().isEmpty()) {
          codes.add(reason.code());
          if (finder.in(reason.qemuText()).stream()
              .flatMap(found -> found.message().codes().stream())
              .noneMatch(code -> code.name().equals(reason.code()))) {
            wrong.add(reason.code() + ": " + reason.qemuText());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(codes).hasSizeGreaterThan(15);
  }
}
