package io.github.stopcopy.live.qmp;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a QEMU answered when it was asked, kept in a text: a line {@code {"request": ..., "answer":
 * ...}} for each command, both as they went over the socket. The script {@code
 * docs/record/record-qmp.sh} writes such a text. Immutable, thread-safe.
 */
public final class QmpRecord implements QmpSource {

  private final String name;
  private final Map<QmpCommand, QmpAnswer> answers;

  private QmpRecord(String name, Map<QmpCommand, QmpAnswer> answers) {
    this.name = name;
    this.answers = answers;
  }

  /** A record of these answers, in their order. */
  public static QmpRecord of(String name, Map<QmpCommand, QmpAnswer> answers) {
    return new QmpRecord(name, new LinkedHashMap<>(answers));
  }

  /**
   * Reads a record. Of a command that was asked twice the last answer counts.
   *
   * @param source the name of the text, for messages
   * @param text one exchange a line; empty lines are passed over
   * @throws InputException with source and line, if a line is something else
   */
  public static QmpRecord read(String source, String text) throws InputException {
    Map<QmpCommand, QmpAnswer> answers = new LinkedHashMap<>();
    int line = 0;
    for (String each : text.split("\n", -1)) {
      line++;
      if (!each.isBlank()) {
        exchange(source, line, each, answers);
      }
    }
    if (answers.isEmpty()) {
      throw InputException.at(
          source, 0, "no answer of QEMU in it, expected lines {\"request\": ..., \"answer\": ...}");
    }
    return new QmpRecord(source, answers);
  }

  private static void exchange(
      String source, int line, String text, Map<QmpCommand, QmpAnswer> answers)
      throws InputException {
    QmpValue exchange;
    try {
      exchange = QmpJson.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException malformed) {
      throw InputException.at(
          source, line, "no valid JSON: " + malformed.getMessage() + ", expected one exchange");
    }
    QmpValue request = exchange.get("request").orElse(QmpValue.NO_KEYS);
    Optional<String> name = request.text("execute");
    if (name.isEmpty()) {
      throw InputException.at(
          source, line, "key 'request' names no command, expected {\"execute\": ...}");
    }
    QmpCommand command =
        new QmpCommand(name.get(), request.get("arguments").orElse(QmpValue.NO_KEYS));
    QmpAnswer answer =
        exchange
            .get("answer")
            .flatMap(QmpAnswer::of)
            .orElseThrow(() ->
                InputException.at(
                    source,
                    line,
                    "key 'answer' is no answer to "
                        + name.get()
                        + ", expected {\"return\": ...} or {\"error\": ...}"));
    answers.put(command, answer);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public QmpAnswer ask(QmpCommand command) throws InputException {
    if (!command.isReadOnly()) {
      throw new IllegalArgumentException(command.name() + " does more than read");
    }
    QmpAnswer answer = answers.get(command);
    if (answer == null) {
      throw InputException.at(
          name, 0, "has no answer to " + command + ", expected one; was the recording cut short?");
    }
    return answer;
  }

  /** What was asked and answered, in this order. */
  public Map<QmpCommand, QmpAnswer> answers() {
    return Collections.unmodifiableMap(answers);
  }

  /** The record as text, a line for each answer. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<QmpCommand, QmpAnswer> each : answers.entrySet()) {
      Map<String, QmpValue> answer = new LinkedHashMap<>();
      each.getValue().value().ifPresent(value -> answer.put("return", value));
      each.getValue()
          .error()
          .ifPresent(error ->
              answer.put(
                  "error",
                  QmpValue.of(
                      Map.of("class", QmpValue.of("GenericError"), "desc", QmpValue.of(error)))));
      Map<String, QmpValue> exchange = new LinkedHashMap<>();
      exchange.put("request", each.getKey().request());
      exchange.put("answer", QmpValue.of(answer));
      text.append(QmpValue.of(exchange)).append('\n');
    }
    return text.toString();
  }
}
