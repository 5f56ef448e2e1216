package io.github.stopcopy.core.host;

/** The states of a VFIO device, named and numbered as in the kernel (spec 07 §3). */
public enum VfioDeviceState {
  /** Broken until it is reset. */
  ERROR,
  /** Stopped. */
  STOP,
  /** Running. */
  RUNNING,
  /** Stopped, and its state can be read. */
  STOP_COPY,
  /** Stopped, and a state can be written to it. */
  RESUMING,
  /** Running, but not starting transfers to other devices. */
  RUNNING_P2P,
  /** Running, and its state can be read. */
  PRE_COPY,
  /** As PRE_COPY, but not starting transfers to other devices. */
  PRE_COPY_P2P;

  /** Whether the device still does its work. */
  public boolean isRunning() {
    return this == RUNNING || this == RUNNING_P2P || isPreCopy();
  }

  /** Whether the state can be read while the device runs. */
  public boolean isPreCopy() {
    return this == PRE_COPY || this == PRE_COPY_P2P;
  }
}
