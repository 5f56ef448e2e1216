package io.github.stopcopy.migration.spi;

/** What a rule says about a device. */
public sealed interface RuleOutcome {

  /** Nothing to say; the next rule is asked. */
  record Pass() implements RuleOutcome {}

  /** A warning; the next rule is asked. */
  record Warn(Finding finding) implements RuleOutcome {}

  /**
   * The device blocks migration, or cannot start if it must migrate (R-BLK-10); no further rule is
   * asked.
   */
  record BlockDevice(Finding finding) implements RuleOutcome {}

  /**
   * The VM blocks migration, once for all devices, or the device cannot start if it must migrate
   * (R-BLK-25); the next rule is asked.
   */
  record BlockVm(Finding finding) implements RuleOutcome {}

  /** The device cannot start. */
  record Refuse(Finding finding) implements RuleOutcome {}

  /** The outcome of a rule that has nothing to say. */
  static RuleOutcome pass() {
    return new Pass();
  }
}
