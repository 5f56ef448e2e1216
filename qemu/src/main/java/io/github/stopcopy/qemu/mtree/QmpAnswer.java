package io.github.stopcopy.qemu.mtree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Optional;

/** Finds a text of the monitor in QMP's answer to {@code human-monitor-command}. */
final class QmpAnswer {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(100)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private QmpAnswer() {}

  /** What QMP says was wrong, if the text is an answer that holds no more than that. */
  static Optional<String> error(String text) {
    if (!text.stripLeading().startsWith("{") || !text.contains("\"error\"")) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && "desc".equals(parser.currentName())) {
          return Optional.of(parser.getText());
        }
      }
    } catch (IOException broken) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /**
   * The first text that is a {@code return} or stands alone, and holds what is looked for. Empty if
   * there is none, or the text is no JSON as far as it was read.
   */
  static Optional<String> text(String text, String mark) {
    String start = text.stripLeading();
    if (!start.startsWith("{") && !start.startsWith("\"") && !start.startsWith("[")) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        String name = parser.currentName();
        boolean answer = name == null || name.equals("return");
        if (token == JsonToken.VALUE_STRING && answer && parser.getText().contains(mark)) {
          return Optional.of(parser.getText());
        }
      }
    } catch (IOException broken) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
