package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.AttachFailure;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Attaches VFIO devices, asks whether they can migrate, and takes them out again. */
final class VfioRealizer {

  private final HostFacts host;
  private final Machine machine;
  private final VfioSubsystem vfio;
  private final MigrationRealizer migration;
  private final VmListeners listeners;
  private final FailoverPrimaries primaries;
  private final Map<VfioPciDevice, PciTopology.Placement> placements = new LinkedHashMap<>(4);

  /** The keys of the placements, until there are others. */
  private @Nullable List<VfioPciDevice> devices;

  /** Those with this id or name, in the order in which they were realized. */
  private final Map<String, List<VfioPciDevice>> byIdOrName = new HashMap<>(4);

  private final Set<VfioPciDevice> beforeVirtualIommu = new LinkedHashSet<>();

  VfioRealizer(
      HostFacts host,
      Machine machine,
      VfioSubsystem vfio,
      MigrationRealizer migration,
      VmListeners listeners,
      FailoverPrimaries primaries) {
    this.host = host;
    this.machine = machine;
    this.vfio = vfio;
    this.migration = migration;
    this.listeners = listeners;
    this.primaries = primaries;
  }

  /** The devices in the order in which they were realized. */
  List<VfioPciDevice> devices() {
    List<VfioPciDevice> known = devices;
    if (known == null) {
      known = List.copyOf(placements.keySet());
      devices = known;
    }
    return known;
  }

  /** A device by its id or the name of the host's device. */
  Optional<VfioPciDevice> find(String idOrName) {
    List<VfioPciDevice> called = byIdOrName.get(idOrName);
    return called == null ? Optional.empty() : Optional.of(called.get(0));
  }

  /** Where a device is. */
  PciTopology.Placement placement(VfioDevice device) {
    return known(device, placements.get(device));
  }

  private static PciTopology.Placement known(
      VfioDevice device, PciTopology.@Nullable Placement placement) {
    if (placement == null) {
      throw new IllegalStateException(device.name() + " is not in this VM");
    }
    return placement;
  }

  /** Those that would be behind the vIOMMU, had it been there before them. */
  List<VfioPciDevice> beforeVirtualIommu() {
    return beforeVirtualIommu.isEmpty()
        ? List.of()
        : placements.keySet().stream().filter(beforeVirtualIommu::contains).toList();
  }

  /** The vIOMMU comes, too late for the devices that are there. */
  void virtualIommuCame() {
    placements.forEach((device, placement) -> {
      if (!placement.bypassesIommu()) {
        beforeVirtualIommu.add(device);
      }
    });
  }

  /**
   * Realizes a device.
   *
   * @param id its id
   * @param values its properties
   * @param placement where it sits
   * @param virtualIommu the vIOMMU, if there is one by now
   * @return why QEMU refuses it
   */
  Optional<DeviceFinding> realize(
      Optional<String> id,
      PropertyValues values,
      PciTopology.Placement placement,
      Optional<VirtualIommu> virtualIommu) {
    String name = VfioPciDevice.nameOf(values).orElse("");
    Result<VfioPciDevice> created = vfio.create(id, placement.address(), values, host.device(name));
    if (created instanceof Result.Failed<VfioPciDevice> failed) {
      return Optional.of(
          DeviceFinding.of(Cause.INVALID_CONFIGURATION, Optional.empty(), failed.error()));
    }
    VfioPciDevice device = ((Result.Ok<VfioPciDevice>) created).value();
    Optional<VirtualIommu> iommu = placement.bypassesIommu() ? Optional.empty() : virtualIommu;
    AddressSpace space =
        iommu.isPresent()
            ? iommu.get().addressSpace(placement.requester())
            : machine.facts().system();
    if (vfio.isAttachable(device, space)) {
      listeners.attach(device, space);
    }
    Optional<AttachFailure> unattached = vfio.attach(device, space);
    if (unattached.isPresent()) {
      listeners.detach(device);
      return Optional.of(attachFailed(device, unattached.get()));
    }
    if (iommu.isPresent()) {
      Optional<QemuError> failed =
          iommu.get().attach(placement.requester(), device.hostIommu(isVtd()));
      if (failed.isPresent()) {
        detach(device);
        return Optional.of(
            DeviceFinding.of(
                Cause.VIOMMU_REFUSES_DEVICE,
                Optional.of(device.name()),
                device.prefixed(failed.get().withPrefix(vfio.behaviour().attachPrefix()))));
      }
    }
    Optional<DeviceFinding> refused =
        device
            .refusesDisplay()
            .map(error ->
                DeviceFinding.of(Cause.INVALID_CONFIGURATION, Optional.of(device.name()), error));
    if (refused.isEmpty()) {
      refused = migration.realize(device);
    }
    if (refused.isEmpty()) {
      refused = primaries.refuse(device);
    }
    if (refused.isPresent()) {
      detach(device);
      iommu.ifPresent(behind -> behind.detach(placement.requester()));
      return refused;
    }
    placements.put(device, placement);
    for (String called : idAndName(device)) {
      byIdOrName.computeIfAbsent(called, none -> new ArrayList<>(1)).add(device);
    }
    devices = null;
    return Optional.empty();
  }

  /**
   * Takes a device out.
   *
   * @return where it was
   */
  PciTopology.Placement remove(VfioPciDevice device, Optional<VirtualIommu> virtualIommu) {
    PciTopology.Placement placement = known(device, placements.remove(device));
    for (String called : idAndName(device)) {
      byIdOrName.computeIfPresent(
          called,
          (key, them) -> {
            them.remove(device);
            return them.isEmpty() ? null : them;
          });
    }
    devices = null;
    boolean behindIommu = device.container().isBehindVirtualIommu();
    migration.exit(device);
    detach(device);
    if (behindIommu) {
      virtualIommu.ifPresent(iommu -> iommu.detach(placement.requester()));
    }
    return placement;
  }

  private static List<String> idAndName(VfioPciDevice device) {
    String name = device.name();
    String id = device.id().orElse(name);
    return id.equals(name) ? List.of(name) : List.of(id, name);
  }

  /** Whether the host has Intel's IOMMU, which only its processors' vendor tells. */
  private boolean isVtd() {
    return host.cpuVendor().map(vendor -> vendor.equals("GenuineIntel")).orElse(true);
  }

  private void detach(VfioPciDevice device) {
    vfio.detach(device);
    listeners.detach(device);
  }

  private static DeviceFinding attachFailed(VfioPciDevice device, AttachFailure failure) {
    Optional<String> name = Optional.of(device.name());
    QemuError error = failure.error();
    return switch (failure.cause()) {
      case ALREADY_ATTACHED -> DeviceFinding.of(Cause.DEVICE_GIVEN_TWICE, name, error);
      case GROUP_IN_OTHER_ADDRESS_SPACE ->
          DeviceFinding.of(Cause.GROUP_IN_TWO_ADDRESS_SPACES, name, error);
      case CONTAINER_SETUP -> DeviceFinding.of(Cause.CONTAINER_SETUP_FAILED, name, error);
    };
  }
}
