package io.github.stopcopy.vfiopci.device;

/**
 * QEMU ends on the spot, from wherever it is. Thrown inside the model only; the VM that is played
 * catches it at the step in which it happens and is dead from then on.
 */
public final class QemuAbort extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An end whose reason was already recorded as messages. */
  public QemuAbort() {
    super("QEMU ended", null, false, false);
  }
}
