package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A realized virtio-iommu whose driver in the guest does nothing: no device is attached to a
 * domain, so all of them are bypassed or none is (R-VIO-41).
 */
final class VirtioIommu implements VirtualIommu {

  private final MachineFacts machine;
  private final VirtioBehaviour behaviour;
  private final int addressBits;
  private final PageSizes pageSizes;
  private final Map<PciAddress, VirtioDevice> devices = new LinkedHashMap<>();
  private boolean bypass;

  VirtioIommu(
      MachineFacts machine,
      VirtioBehaviour behaviour,
      int addressBits,
      PageSizes pageSizes,
      boolean bypass) {
    this.machine = machine;
    this.behaviour = behaviour;
    this.addressBits = addressBits;
    this.pageSizes = pageSizes;
    this.bypass = bypass;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    VirtioDevice known = devices.get(requester);
    if (known == null) {
      String name = "virtio-iommu-memory-region-" + devices.size() + "-" + requester.devfn();
      known = new VirtioDevice(name, machine, pageSizes);
      devices.put(requester, known);
      known.setBypassed(bypass);
    }
    return known.addressSpace();
  }

  /** The page sizes of the host must fit (R-VIO-43). */
  @Override
  public Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    return behaviour.asksHostAtAttach()
        ? pageSizes.offer("virtio-iommu", host.pageSizes())
        : Optional.empty();
  }

  /**
   * Fixes the granule. In 8.1 a vIOMMU in bypass leaves it before for a moment, so that every
   * container shows an IOMMU section and offers its page sizes (R-VIO-43, R-OBS-16).
   */
  @Override
  public Optional<QemuError> machineDone(List<PciAddress> assigned) {
    if (behaviour.leavesBypassAtMachineDone() && bypass) {
      setBypass(false);
      setBypass(true);
    }
    pageSizes.freeze();
    return Optional.empty();
  }

  @Override
  public ActionResult guest(GuestAction action) {
    return new ActionResult.Unsupported(
        "requests of a guest's virtio-iommu driver are not modelled; only boot-bypass is");
  }

  /** It can always translate: the guest may end the bypass (spec 06 §6). */
  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(true, addressBits);
  }

  private void setBypass(boolean on) {
    bypass = on;
    for (VirtioDevice device : devices.values()) {
      device.setBypassed(on);
    }
  }
}
