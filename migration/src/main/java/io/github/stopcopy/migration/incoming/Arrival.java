package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.destination.Loading;
import java.util.List;

/**
 * How a VM arrives at its destination.
 *
 * @param loading what becomes of it
 * @param obstacles why, what ends the migration first in front
 * @param unknowns what it rests on that nobody said
 * @param warnings what else there is to know, a line each: mostly about the way back
 */
public record Arrival(
    Loading loading, List<Obstacle> obstacles, List<Unknown> unknowns, List<String> warnings) {

  /** Copies the lists. */
  public Arrival {
    obstacles = List.copyOf(obstacles);
    unknowns = List.copyOf(unknowns);
    warnings = List.copyOf(warnings);
  }

  /** Whether the VM runs there as it ran before, as far as QEMU looks. */
  public boolean isLoaded() {
    return loading.outcome() == LoadOutcome.LOADED;
  }
}
