package io.github.stopcopy.vfiopci.mapping;

/** What QEMU warns of once, whichever container it happens in. Not thread-safe. */
public final class VmWarnings {

  private boolean p2pFailureSeen;
  private boolean discardWarned;
  private boolean dmaBufWarned;

  /** Nothing was warned of yet. */
  public VmWarnings() {}

  /** Whether no BAR failed to map before (R-LST-62). */
  boolean isFirstP2pFailure() {
    boolean first = !p2pFailureSeen;
    p2pFailureSeen = true;
    return first;
  }

  /** Whether no translation led to discardable RAM before (R-LST-72). */
  boolean isFirstTranslationToDiscardedRam() {
    boolean first = !discardWarned;
    discardWarned = true;
    return first;
  }

  /** Whether no device was without dma-buf before (R-OBS-101). */
  public boolean isFirstWithoutDmaBuf() {
    boolean first = !dmaBufWarned;
    dmaBufWarned = true;
    return first;
  }
}
