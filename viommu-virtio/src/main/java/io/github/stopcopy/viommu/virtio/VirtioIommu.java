package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.iova.IovaMapping;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A realized virtio-iommu. The guest's driver attaches devices to domains and maps in them; devices
 * without a domain are bypassed, or none of them is (R-VIO-41). Every request takes effect at once;
 * one that the device refuses changes nothing.
 */
final class VirtioIommu implements VirtualIommu {

  /** The pages that actions count in. */
  private static final long PAGE = 4096;

  private static final Optional<String> NO_DOMAIN =
      Optional.of("the device is in no domain; it has to be attached to one first");

  private final MachineFacts machine;
  private final VirtioBehaviour behaviour;
  private final int addressBits;
  private final PageSizes pageSizes;
  private final Map<PciAddress, VirtioDevice> devices = new LinkedHashMap<>();
  private final Map<Integer, Domain> domains = new HashMap<>();
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
    return device(requester).addressSpace();
  }

  private VirtioDevice device(PciAddress requester) {
    VirtioDevice known = devices.get(requester);
    if (known == null) {
      String name = "virtio-iommu-memory-region-" + devices.size() + "-" + requester.devfn();
      known = new VirtioDevice(name, machine, pageSizes);
      devices.put(requester, known);
      known.setBypass(bypass);
    }
    return known;
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
    Optional<String> refused;
    if (action instanceof GuestAction.Attach attach) {
      refused = attach(device(attach.device()), attach.domain());
    } else if (action instanceof GuestAction.Detach detach) {
      refused = detach(device(detach.device()), detach.domain());
    } else if (action instanceof GuestAction.Map map) {
      refused = map(map);
    } else if (action instanceof GuestAction.Unmap unmap) {
      refused = unmap(unmap);
    } else {
      refused =
          Optional.of(
              "a virtio-iommu has no tables in guest memory and no switch; its guest attaches"
                  + " devices to domains");
    }
    return refused.isPresent()
        ? new ActionResult.Unsupported(refused.get())
        : new ActionResult.Done();
  }

  /** A device that is in a domain, be it this one, leaves that first. */
  private Optional<String> attach(VirtioDevice device, int number) {
    if (number < 0) {
      return Optional.of("domain " + number + ", expected a number from 0 on");
    }
    device.domain().ifPresent(before -> remove(before, device));
    Domain domain = domains.computeIfAbsent(number, Domain::new);
    domain.add(device);
    device.join(domain);
    return Optional.empty();
  }

  private Optional<String> detach(VirtioDevice device, int number) {
    Optional<Domain> domain = device.domain().filter(known -> known.number() == number);
    if (domain.isEmpty()) {
      return Optional.of("the device is not in domain " + number + ", so it cannot leave it");
    }
    remove(domain.get(), device);
    return Optional.empty();
  }

  /** A domain ends with its last device. */
  private void remove(Domain domain, VirtioDevice device) {
    domain.remove(device);
    device.leave(bypass);
    if (domain.devices().isEmpty()) {
      domains.remove(domain.number());
    }
  }

  private Optional<String> map(GuestAction.Map map) {
    Optional<String> unfit = unfit("iova", map.iova(), map.pages());
    if (unfit.isEmpty()) {
      unfit = unfit("gpa", map.guestAddress(), map.pages());
    }
    if (unfit.isPresent()) {
      return unfit;
    }
    Optional<Domain> domain = device(map.device()).domain();
    if (domain.isEmpty()) {
      return NO_DOMAIN;
    }
    long first = map.iova();
    long last = last(first, map.pages());
    long target = map.guestAddress();
    if (!domain.get().mappings().map(first, last, target, IommuAccess.READ_WRITE)) {
      return Optional.of(
          new AddressRange(first, last)
              + " overlaps a mapping of the domain, which the vIOMMU refuses");
    }
    domain.get().devices().forEach(device -> device.mapped(first, last, target));
    return Optional.empty();
  }

  private Optional<String> unmap(GuestAction.Unmap unmap) {
    Optional<String> unfit = unfit("iova", unmap.iova(), unmap.pages());
    if (unfit.isPresent()) {
      return unfit;
    }
    Optional<Domain> domain = device(unmap.device()).domain();
    if (domain.isEmpty()) {
      return NO_DOMAIN;
    }
    IovaMap mappings = domain.get().mappings();
    long first = unmap.iova();
    long last = last(first, unmap.pages());
    Optional<IovaMapping> split = Optional.empty();
    if (mappings.splits(first)) {
      split = mappings.at(first);
    } else if (last != U64.MAX && mappings.splits(last + 1)) {
      split = mappings.at(last);
    }
    if (split.isPresent()) {
      return Optional.of(
          new AddressRange(first, last)
              + " splits the mapping "
              + new AddressRange(split.get().first(), split.get().last())
              + ", which the vIOMMU refuses");
    }
    mappings.forEach(
        first,
        last,
        (from, to, target, access) -> {
          mappings.unmap(from, to);
          domain.get().devices().forEach(device -> device.unmapped(from, to));
        });
    return Optional.empty();
  }

  /** The guest keeps to the granule that it was told (R-VIO-40). */
  private Optional<String> unfit(String what, long address, int pages) {
    long granule = pageSizes.granule();
    long size = pages * PAGE;
    if (pages < 1 || size % granule != 0 || (address & granule - 1) != 0) {
      return Optional.of(
          what
              + " "
              + U64.hex(address)
              + " and "
              + pages
              + " pages are not modelled, expected whole granules of "
              + U64.decimal(granule)
              + " bytes");
    }
    return U64.addOverflows(address, size - 1)
        ? Optional.of(what + " " + U64.hex(address) + " reaches beyond 2^64")
        : Optional.empty();
  }

  private static long last(long first, int pages) {
    return first + pages * PAGE - 1;
  }

  /** It can always translate: the guest may end the bypass (spec 06 §6). */
  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(true, addressBits);
  }

  private void setBypass(boolean on) {
    bypass = on;
    for (VirtioDevice device : devices.values()) {
      device.setBypass(on);
    }
  }
}
