package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.core.profile.QemuProfile;
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
}
