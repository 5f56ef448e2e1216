package com.example.viommu;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A vIOMMU with addresses of 44 bits, like no real one. It looks at what the guest has written when
 * it is turned on and at every invalidation, and never in between.
 */
final class ToyIommu implements VirtualIommu {

  static final int ADDRESS_BITS = 44;

  private final MachineFacts machine;
  private final Map<PciAddress, ToyDevice> devices = new LinkedHashMap<>();
  private boolean on;

  ToyIommu(MachineFacts machine) {
    this.machine = machine;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return device(requester).addressSpace();
  }

  private ToyDevice device(PciAddress requester) {
    return devices.computeIfAbsent(requester, address -> new ToyDevice(address, machine));
  }

  /** Refuses a host that cannot map what the guest could ask for. */
  @Override
  public Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    return host.addressBits() < ADDRESS_BITS
        ? Optional.of(
            QemuError.of(
                "toy-iommu has " + ADDRESS_BITS + " address bits, the host " + host.addressBits()))
        : Optional.empty();
  }

  @Override
  public ActionResult guest(GuestAction action) {
    if (action instanceof GuestAction.WriteContext write) {
      if (write.mode() == ContextMode.TRANSLATE && write.addressBits() != ADDRESS_BITS) {
        return new ActionResult.Unsupported(
            "its tables have " + ADDRESS_BITS + " bits, not " + write.addressBits());
      }
      device(write.device()).write(write.mode());
      return new ActionResult.Done();
    }
    if (action instanceof GuestAction.Map map) {
      return device(map.device()).map(map.iova(), map.guestAddress(), map.pages());
    }
    if (action instanceof GuestAction.Unmap unmap) {
      ActionResult result = device(unmap.device()).unmap(unmap.iova(), unmap.pages());
      if (result instanceof ActionResult.Done) {
        takeUp();
      }
      return result;
    }
    if (action instanceof GuestAction.Enable) {
      on = true;
    } else if (action instanceof GuestAction.Disable) {
      on = false;
    } else if (action instanceof GuestAction.Attach || action instanceof GuestAction.Detach) {
      return new ActionResult.Unsupported("toy-iommu has no domains");
    }
    takeUp();
    return new ActionResult.Done();
  }

  private void takeUp() {
    devices.values().forEach(device -> device.takeUp(on));
  }

  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(true, ADDRESS_BITS);
  }
}
