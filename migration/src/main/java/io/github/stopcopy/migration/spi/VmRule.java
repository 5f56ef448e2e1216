package io.github.stopcopy.migration.spi;

import java.util.List;
import java.util.Optional;

/**
 * Looks at a VM as a whole after it was played and says what is worth changing. It gives advice
 * only. No state, thread-safe, never blocks.
 */
public interface VmRule {

  /**
   * What was found, and where.
   *
   * @param device the name of the host's device; empty if it concerns the VM
   * @param finding what it is
   */
  record Found(Optional<String> device, Finding finding) {}

  /** All that the rule finds, in the order in which it is to be told. */
  List<Found> apply(PlayedVm vm);
}
