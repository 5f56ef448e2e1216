package io.github.stopcopy.live.qmp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Events that nobody has asked for yet. Of too many the oldest are dropped. */
final class EventQueue {

  private static final long MOST_CHARACTERS = 4 << 20;

  private record Kept(QmpEvent event, int length) {}

  private final Deque<Kept> events = new ArrayDeque<>();
  private long characters;
  private long lost;

  void add(QmpEvent event, QmpValue message) {
    Kept kept = new Kept(event, message.toString().length());
    events.addLast(kept);
    characters += kept.length;
    while (characters > MOST_CHARACTERS) {
      characters -= events.removeFirst().length;
      lost++;
    }
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  Optional<QmpEvent> poll() {
    Kept first = events.pollFirst();
    if (first == null) {
      return Optional.empty();
    }
    characters -= first.length;
    return Optional.of(first.event);
  }

  long lost() {
    return lost;
  }
}
