package io.github.stopcopy.core.event;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.MessageEvent.Severity;

/**
 * Takes the events of the model in the order in which they happen. Called on the model's thread.
 */
@FunctionalInterface
public interface EventLog {

  /** Takes one event. */
  void record(ModelEvent event);

  /** Takes a run of events; this default takes one after the other. */
  default void record(EventRun run) {
    for (int i = 0; i < run.size(); i++) {
      record(run.get(i));
    }
  }

  /** Records an error line. */
  default void error(String text) {
    record(new MessageEvent(Severity.ERROR, text));
  }

  /** Records an error and its hints, a line each. */
  default void error(QemuError error) {
    error(error.text());
    error.hints().forEach(this::error);
  }

  /** Records a warning line. */
  default void warning(String text) {
    record(new MessageEvent(Severity.WARNING, text));
  }
}
