package io.github.stopcopy.migration.destination;

/**
 * What becomes of a VM that is sent to a destination, in the order in which it is found out: what
 * comes first ends the migration.
 */
public enum LoadOutcome {
  /** The destination gives up while the source still runs; the migration fails, the VM does not. */
  SOURCE_RUNS_ON("source-runs-on"),
  /** The source has completed or can have, and then the destination gives up: the VM is lost. */
  VM_LOST("vm-lost"),
  /** The VM runs there, with a device that was reset and knows nothing of what it did. */
  DEVICE_STATE_LOST("device-state-lost"),
  /** The VM runs there. */
  LOADED("loaded");

  private final String word;

  LoadOutcome(String word) {
    this.word = word;
  }

  /** The stable word in JSON. */
  public String word() {
    return word;
  }

  /** Whether the VM runs there as it ran before. */
  public boolean isLoaded() {
    return this == LOADED;
  }
}
