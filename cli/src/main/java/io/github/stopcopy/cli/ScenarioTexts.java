package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.ScenarioJson;
import java.util.Optional;

/** The scenarios of a file as text: one on every line, or a single one over several lines. */
final class ScenarioTexts {

  private final InputText input;
  private boolean begun;
  private boolean isOver;

  ScenarioTexts(InputText input) {
    this.input = input;
  }

  /**
   * The next scenario; empty at the end.
   *
   * @throws InputException if a line is too long or no text; the next call goes on behind it
   */
  Optional<String> next() throws InputException {
    while (!isOver) {
      Optional<String> line = input.nextLine();
      if (line.isEmpty()) {
        isOver = true;
      } else if (!line.get().isBlank()) {
        boolean first = !begun;
        begun = true;
        return first && ScenarioJson.isUnfinished(line.get())
            ? Optional.of(whole(line.get()))
            : line;
      }
    }
    return Optional.empty();
  }

  /**
   * An object that the first line only begins goes on over all others. If one of them is a scenario
   * by itself, the first is a broken line.
   */
  private String whole(String first) throws InputException {
    Optional<String> rest = input.peekRest();
    if (rest.isEmpty()
        || rest.get().isBlank()
        || rest.get().lines().anyMatch(ScenarioTexts::looksLikeScenario)) {
      return first;
    }
    isOver = true;
    return first + "\n" + rest.get();
  }

  private static boolean looksLikeScenario(String line) {
    return line.startsWith("{") && line.contains("\"argv\"");
  }
}
