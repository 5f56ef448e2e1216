package io.github.stopcopy.migration.vm;

import java.util.List;
import java.util.Optional;

/**
 * What a memory listener tells of one address space.
 *
 * @param listener the name of the listener
 * @param device the name of the device whose address space it followed; empty: the processor's
 * @param lines what it tells, for people
 */
public record ListenerReport(String listener, Optional<String> device, List<String> lines) {

  /** Copies the lines. */
  public ListenerReport {
    lines = List.copyOf(lines);
  }
}
