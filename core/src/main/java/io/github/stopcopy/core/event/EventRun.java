package io.github.stopcopy.core.event;

import java.util.Objects;

/**
 * Events that follow each other and tell the same of one page after the other. Immutable.
 *
 * @param first the event of the first page
 * @param pageSize how many bytes further on the next page lies
 * @param size how many events there are, from 1 on
 */
public record EventRun(PageEvent first, long pageSize, int size) {

  /** Checks that there are events. */
  public EventRun {
    if (size < 1) {
      throw new IllegalArgumentException("a run of " + size + " events, expected 1 or more");
    }
  }

  /**
   * One of the events.
   *
   * @param index which, from 0 on and below the size
   */
  public PageEvent get(int index) {
    Objects.checkIndex(index, size);
    return index == 0 ? first : first.moved(index * pageSize);
  }
}
