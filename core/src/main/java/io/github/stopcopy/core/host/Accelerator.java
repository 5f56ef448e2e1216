package io.github.stopcopy.core.host;

/** What runs the guest's instructions. */
public enum Accelerator {
  /** The host's processor. */
  KVM,
  /** QEMU's translator. */
  TCG
}
