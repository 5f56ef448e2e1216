package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.profile.QemuProfile;

/**
 * The machine that a device is put into.
 *
 * @param profile the release
 * @param machineType the machine, e.g. {@code q35}
 * @param accelerator what runs the guest
 * @param irqchip where interrupt controllers are emulated
 * @param vcpus how many virtual CPUs there may be
 * @param memory all guest memory, to make regions and address spaces with
 * @param system the address space of the processor, named "memory"
 * @param events takes what QEMU prints
 */
public record MachineFacts(
    QemuProfile profile,
    String machineType,
    Accelerator accelerator,
    KernelIrqchip irqchip,
    int vcpus,
    GuestMemory memory,
    AddressSpace system,
    EventLog events) {

  /** Whether it is a PC, which x86 vIOMMUs need (R-VIO-2). */
  public boolean isPc() {
    return MachineTypes.isPc(machineType);
  }
}
