package io.github.stopcopy.live.qmp;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened in QEMU (R-LIVE, B2).
 *
 * @param name e.g. {@code MIGRATION_PASS}
 * @param time when, by QEMU's clock; empty if the event does not say
 * @param data what belongs to it, an object
 */
public record QmpEvent(String name, Optional<Instant> time, QmpValue data) {

  /** The event in a message; empty if it is none. */
  static Optional<QmpEvent> of(QmpValue message) {
    return message
        .text("event")
        .map(name ->
            new QmpEvent(name, time(message), message.get("data").orElse(QmpValue.NO_KEYS)));
  }

  private static Optional<Instant> time(QmpValue message) {
    QmpValue stamp = message.get("timestamp").orElse(QmpValue.NO_KEYS);
    try {
      return stamp
          .number("seconds")
          .map(seconds ->
              Instant.ofEpochSecond(seconds)
                  .plusNanos(1000 * (stamp.number("microseconds").orElse(0L) % 1_000_000)));
    } catch (DateTimeException outOfRange) {
      return Optional.empty();
    }
  }
}
