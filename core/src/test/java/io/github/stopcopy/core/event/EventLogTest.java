package io.github.stopcopy.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the model tells while it plays. */
class EventLogTest {

  @Test
  void errorsHintsAndWarningsAreEventsInOrder() {
    List<ModelEvent> events = new ArrayList<>();
    EventLog log = events::add;
    log.warning("careful");
    log.error(QemuError.of("broken").withHint("try this").withHint("or that"));
    assertThat(events)
        .extracting(ModelEvent::describe)
        .containsExactly("warning: careful", "error: broken", "error: try this", "error: or that");
  }
}
