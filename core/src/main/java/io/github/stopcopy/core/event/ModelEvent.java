package io.github.stopcopy.core.event;

/**
 * Something the model did that can be seen from outside. Each part of the model has its own events;
 * reports are made from the events of a step, and a trace prints every one.
 */
public interface ModelEvent {

  /** The event in one readable line, without a line end. */
  String describe();
}
