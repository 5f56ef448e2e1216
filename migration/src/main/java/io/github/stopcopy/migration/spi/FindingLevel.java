package io.github.stopcopy.migration.spi;

import java.util.Locale;

/** How much something that was found weighs. It never changes the answer about a VM. */
public enum FindingLevel {
  /** Worth knowing; nothing is wrong. */
  NOTE,
  /** Legal, and likely not what is wanted. */
  WARNING,
  /** Legal, and data or the VM can be lost. */
  ERROR;

  /** The stable word for programs. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
