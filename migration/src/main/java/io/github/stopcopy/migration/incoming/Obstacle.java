package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.spi.Finding;
import java.util.Optional;

/**
 * Something about the destination that makes a migration fail, or makes it conditional.
 *
 * @param outcome what it does to the VM; {@link LoadOutcome#LOADED} for a condition
 * @param finding what was found
 * @param device the name of the source's device; empty if it concerns the VM
 */
public record Obstacle(LoadOutcome outcome, Finding finding, Optional<String> device) {

  /** A failure if it keeps the VM from running there as it did, else a condition. */
  public ReasonKind kind() {
    return outcome.isLoaded() ? ReasonKind.CONDITION : ReasonKind.FAILURE;
  }
}
