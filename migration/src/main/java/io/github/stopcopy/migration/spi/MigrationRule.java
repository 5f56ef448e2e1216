package io.github.stopcopy.migration.spi;

/** One step of deciding whether a device can migrate. No state, thread-safe, never blocks. */
public interface MigrationRule {

  /**
   * Whether the device must have its migration object already; it gets it before the first such
   * rule (R-BLK-23).
   */
  default boolean needsMigrationObject() {
    return false;
  }

  /** What the rule says. */
  RuleOutcome apply(VfioDeviceView device, VmView vm);
}
