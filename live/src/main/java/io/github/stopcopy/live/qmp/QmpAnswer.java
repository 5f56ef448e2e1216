package io.github.stopcopy.live.qmp;

import java.util.Optional;

/**
 * What QEMU answers to a command: a value, or an error of its own. Immutable.
 *
 * @param value what it returns; empty for an error
 * @param error why not, in QEMU's words; empty if it returns something
 */
public record QmpAnswer(Optional<QmpValue> value, Optional<String> error) {

  /** The answer in a message that has {@code return} or {@code error}; empty for another. */
  static Optional<QmpAnswer> of(QmpValue message) {
    Optional<QmpValue> value = message.get("return");
    if (value.isPresent()) {
      return Optional.of(new QmpAnswer(value, Optional.empty()));
    }
    return message
        .get("error")
        .map(error -> new QmpAnswer(Optional.empty(), Optional.of(error.text("desc").orElse(""))));
  }
}
