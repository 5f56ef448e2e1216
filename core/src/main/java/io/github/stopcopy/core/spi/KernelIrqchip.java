package io.github.stopcopy.core.spi;

/** Where interrupt controllers are emulated. */
public enum KernelIrqchip {
  /** In the kernel. */
  ON,
  /** The local ones in the kernel, the rest in QEMU. */
  SPLIT,
  /** In QEMU. */
  OFF
}
