package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.error.QemuError;

/**
 * Why a device could not be put into its group and container.
 *
 * @param cause what is wrong
 * @param error what QEMU says
 */
public record AttachFailure(Cause cause, QemuError error) {

  /** What is wrong. */
  public enum Cause {
    /** The device is attached already (R-PROP-22). */
    ALREADY_ATTACHED,
    /** Its group is attached in another address space (R-OBS-2). */
    GROUP_IN_OTHER_ADDRESS_SPACE,
    /** The container could not be set up (R-LST-60, R-OBS-3). */
    CONTAINER_SETUP
  }

  /** The error's text, without hints. */
  public String text() {
    return error.text();
  }
}
