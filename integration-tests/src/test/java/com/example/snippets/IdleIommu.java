package com.example.snippets;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.HashMap;
import java.util.Map;

// @start region=viommu
/** Remaps interrupts and never DMA: every device sees system memory, in a space of its own. */
final class IdleIommu implements VirtualIommu {

  private final MachineFacts machine;
  private final Map<PciAddress, AddressSpace> spaces = new HashMap<>();

  IdleIommu(MachineFacts machine) {
    this.machine = machine;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return spaces.computeIfAbsent(requester, this::newSpace);
  }

  private AddressSpace newSpace(PciAddress requester) {
    GuestMemory memory = machine.memory();
    MemoryRegion system = machine.system().root();
    String name = "idle-" + requester.slotAndFunction();
    return memory.addressSpace(name, memory.alias(name, system, 0, system.size()));
  }

  @Override
  public ActionResult guest(GuestAction action) {
    return new ActionResult.Unsupported("idle-iommu translates nothing");
  }

  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(false, 48);
  }
}
// @end
