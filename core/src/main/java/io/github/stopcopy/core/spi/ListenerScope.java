package io.github.stopcopy.core.spi;

/** Whose address space a memory listener follows. */
public enum ListenerScope {
  /** That of the processor, from before the VM is booted. */
  PROCESSOR,

  /** That of each VFIO device, as long as it is there; each device has a listener of its own. */
  DEVICES
}
