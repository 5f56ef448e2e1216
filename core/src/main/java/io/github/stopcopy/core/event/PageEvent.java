package io.github.stopcopy.core.event;

/**
 * An event that tells what was done to a page, and that others may follow which tell the same of
 * the next pages: an {@link EventRun}. Nobody decides by these events; what decides comes one by
 * one.
 */
public interface PageEvent extends ModelEvent {

  /** The same event of the page that lies so many bytes further on, modulo 2^64. */
  PageEvent moved(long bytes);
}
