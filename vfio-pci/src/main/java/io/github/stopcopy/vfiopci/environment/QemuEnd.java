package io.github.stopcopy.vfiopci.environment;

import io.github.stopcopy.core.error.QemuAbort;

/**
 * Whether QEMU has ended on the spot. Only this counts: anybody can throw or catch anything. Not
 * thread-safe.
 */
public final class QemuEnd {

  private boolean aborted;

  /** QEMU ends on the spot, for a reason that is among the events; throw what this answers. */
  QemuAbort abort() {
    aborted = true;
    return new QemuAbort();
  }

  /** Whether it has. */
  public boolean hasAborted() {
    return aborted;
  }
}
