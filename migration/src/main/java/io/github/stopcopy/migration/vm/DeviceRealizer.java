package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginGuard;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.AttachFailure;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.device.VfioSubsystem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Realizes and removes devices, one at a time, in QEMU's order. */
final class DeviceRealizer {

  private final VmConfig vm;
  private final HostFacts host;
  private final Machine machine;
  private final DeviceTypes types;
  private final VfioSubsystem vfio;
  private final MigrationRealizer migration;
  private final MemoryDevices memoryDevices;
  private final PciTopology topology;
  private final Map<VfioPciDevice, PciTopology.Placement> vfioDevices = new LinkedHashMap<>();
  private final Set<String> unknownTypes = new LinkedHashSet<>();
  private final Set<String> ids = new HashSet<>();
  private @Nullable VirtualIommu virtualIommu;
  private @Nullable String virtualIommuType;

  DeviceRealizer(
      VmConfig vm,
      HostFacts host,
      Machine machine,
      DeviceTypes types,
      VfioSubsystem vfio,
      MigrationRealizer migration,
      MemoryDevices memoryDevices) {
    this.vm = vm;
    this.host = host;
    this.machine = machine;
    this.types = types;
    this.vfio = vfio;
    this.migration = migration;
    this.memoryDevices = memoryDevices;
    this.topology = new PciTopology(vm);
  }

  Optional<VirtualIommu> virtualIommu() {
    return Optional.ofNullable(virtualIommu);
  }

  /** The types of the devices that were kept and mean nothing, in the order found, each once. */
  List<String> unknownTypes() {
    return List.copyOf(unknownTypes);
  }

  /** The VFIO devices in the order in which they were realized. */
  List<VfioPciDevice> vfioDevices() {
    return List.copyOf(vfioDevices.keySet());
  }

  /** Whom the vIOMMU sees when a device makes a request. */
  PciAddress requester(VfioDevice device) {
    return known(device, vfioDevices.get(device)).requester();
  }

  /**
   * Realizes a device.
   *
   * @return why QEMU refuses it
   * @throws InputException if the description makes no sense to the model
   */
  Optional<DeviceFinding> realize(DeviceConfig device) throws InputException {
    if (device.id().isPresent()) {
      claim(device.id().get());
    }
    Optional<DeviceFinding> refused =
        switch (types.kind(device)) {
          case VIRTUAL_IOMMU -> realizeVirtualIommu(device);
          case VFIO -> realizeVfio(device);
          case MEMORY -> {
            memoryDevices.realize(device);
            yield Optional.empty();
          }
          case OTHER -> {
            if (!PciTopology.isBridge(device.driver())
                && !MemoryDevices.hasMemoryBar(device.driver())) {
              unknownTypes.add(device.driver());
            }
            if (topology.knowsBusOf(device)) {
              topology.place(device);
            }
            yield Optional.empty();
          }
        };
    if (refused.isPresent()) {
      device.id().ifPresent(ids::remove);
    }
    return refused;
  }

  /**
   * Realizes a device that is plugged into the running VM. 8.1 turns the values that were sent into
   * text before it reads them (R-PROP-1).
   */
  Optional<DeviceFinding> plug(DeviceConfig device) throws InputException {
    if (!vfio.behaviour().plugsAsText()) {
      return realize(device);
    }
    List<PropertySetting> settings = new ArrayList<>();
    for (PropertySetting setting : device.settings()) {
      settings.add(new PropertySetting(setting.name(), setting.value().asText()));
    }
    return realize(new DeviceConfig(device.driver(), device.id(), device.bus(), settings));
  }

  /** Asks the vIOMMU once all devices of the command line are there (R-VIO-18). */
  Optional<DeviceFinding> machineDone() {
    if (virtualIommu == null) {
      return Optional.empty();
    }
    List<PciAddress> assigned = vfioDevices().stream().map(this::requester).toList();
    return virtualIommu
        .machineDone(assigned)
        .map(error ->
            DeviceFinding.of(
                "VIOMMU_REFUSES_DEVICE",
                Optional.empty(),
                error,
                "The vIOMMU as it is configured cannot serve an assigned device.",
                "R-VIO-18"));
  }

  /** Plugs a DIMM into the running VM. */
  void addDimm(String id, long size, Optional<Long> at) throws InputException {
    claim(id);
    memoryDevices.addDimm(id, size, at);
  }

  /** Whether a device of any kind has this id. */
  boolean knowsId(String id) {
    return ids.contains(id);
  }

  private void claim(String id) throws InputException {
    if (!ids.add(id)) {
      throw InputException.of("two devices have the id '" + id + "', expected different ids");
    }
  }

  /** Takes a VFIO device out. */
  void remove(VfioPciDevice device) {
    PciTopology.Placement placement = known(device, vfioDevices.remove(device));
    boolean behindIommu = device.container().isBehindVirtualIommu();
    migration.exit(device);
    device.detach();
    topology.remove(placement.address());
    device.id().ifPresent(ids::remove);
    if (behindIommu && virtualIommu != null) {
      virtualIommu.detach(placement.requester());
    }
  }

  private static PciTopology.Placement known(
      VfioDevice device, PciTopology.@Nullable Placement placement) {
    if (placement == null) {
      throw new IllegalStateException(device.name() + " is not in this VM");
    }
    return placement;
  }

  private Optional<DeviceFinding> realizeVirtualIommu(DeviceConfig device) throws InputException {
    VirtualIommuProvider provider = types.virtualIommu(device.driver());
    if (virtualIommu != null) {
      throw InputException.of(
          "two vIOMMUs, "
              + virtualIommuType
              + " and "
              + device.driver()
              + ", expected at most one");
    }
    Result<PropertyValues> values = read(provider, device);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      return invalid(failed.error());
    }
    if (device.setting("addr").isPresent()
        && topology.place(device) instanceof Result.Failed<PciTopology.Placement> failed) {
      return invalid(failed.error());
    }
    PropertyValues read = ((Result.Ok<PropertyValues>) values).value();
    Result<VirtualIommu> realized =
        GuardedIommu.realize(device.driver(), provider, read, machine.facts());
    if (realized instanceof Result.Failed<VirtualIommu> failed) {
      return Optional.of(
          DeviceFinding.of(
              "VIOMMU_MISCONFIGURED",
              Optional.empty(),
              failed.error(),
              "The vIOMMU cannot be created with these properties on this machine.",
              "R-VIO-2"));
    }
    VirtualIommu made = ((Result.Ok<VirtualIommu>) realized).value();
    Optional<String> nonMigratable = made.nonMigratable();
    if (vm.onlyMigratable() && nonMigratable.isPresent()) {
      return Optional.of(
          DeviceFinding.of(
              "NON_MIGRATABLE_DEVICE",
              Optional.empty(),
              QemuError.of(
                  Errno.EACCES,
                  "Device "
                      + nonMigratable.get()
                      + " is not migratable, but --only-migratable was specified"),
              "QEMU cannot save the state of this vIOMMU, and -only-migratable forbids such"
                  + " devices.",
              "R-OBS-1"));
    }
    virtualIommu = made;
    virtualIommuType = device.driver();
    return Optional.empty();
  }

  private Optional<DeviceFinding> realizeVfio(DeviceConfig config) throws InputException {
    DeviceTypeProvider provider = types.vfio(config.driver());
    Result<PropertyValues> values = read(provider, config);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      return invalid(failed.error());
    }
    PropertyValues read = ((Result.Ok<PropertyValues>) values).value();
    checkIommufd(read);
    Result<PciTopology.Placement> placed = topology.place(config);
    if (placed instanceof Result.Failed<PciTopology.Placement> failed) {
      return invalid(failed.error());
    }
    PciTopology.Placement placement = ((Result.Ok<PciTopology.Placement>) placed).value();
    Optional<DeviceFinding> refused = realizeVfio(config, read, placement);
    if (refused.isPresent()) {
      topology.remove(placement.address());
    }
    return refused;
  }

  private Optional<DeviceFinding> realizeVfio(
      DeviceConfig config, PropertyValues values, PciTopology.Placement placement) {
    String name = VfioPciDevice.nameOf(values).orElse("");
    Result<VfioPciDevice> created =
        VfioPciDevice.create(vfio, config.id(), placement.address(), values, host.device(name));
    if (created instanceof Result.Failed<VfioPciDevice> failed) {
      return invalid(failed.error());
    }
    VfioPciDevice device = ((Result.Ok<VfioPciDevice>) created).value();
    VirtualIommu iommu = placement.bypassesIommu() ? null : virtualIommu;
    AddressSpace space =
        iommu != null ? iommu.addressSpace(placement.requester()) : machine.facts().system();
    Optional<AttachFailure> unattached = device.attach(space);
    if (unattached.isPresent()) {
      return Optional.of(attachFailed(device, unattached.get()));
    }
    if (iommu != null) {
      Optional<QemuError> failed = iommu.attach(placement.requester(), device.hostIommu(isVtd()));
      if (failed.isPresent()) {
        device.detach();
        return Optional.of(
            DeviceFinding.of(
                "VIOMMU_REFUSES_DEVICE",
                Optional.of(device.name()),
                device.prefixed(failed.get().withPrefix(vfio.behaviour().attachPrefix())),
                "The vIOMMU as it is configured cannot serve an assigned device.",
                "R-BLK-53",
                "R-OBS-4"));
      }
    }
    Optional<DeviceFinding> refused = migration.realize(device);
    if (refused.isPresent()) {
      device.detach();
      if (iommu != null) {
        iommu.detach(placement.requester());
      }
      return refused;
    }
    vfioDevices.put(device, placement);
    return Optional.empty();
  }

  /** Whether the host has Intel's IOMMU, which only its processors' vendor tells. */
  private boolean isVtd() {
    return host.cpuVendor().map(vendor -> vendor.equals("GenuineIntel")).orElse(true);
  }

  private static DeviceFinding attachFailed(VfioPciDevice device, AttachFailure failure) {
    Optional<String> name = Optional.of(device.name());
    QemuError error = failure.error();
    return switch (failure.cause()) {
      case ALREADY_ATTACHED ->
          DeviceFinding.of(
              "INVALID_CONFIGURATION",
              name,
              error,
              "A device of the host can be given to one VM only, and only once.",
              "R-PROP-22");
      case GROUP_IN_OTHER_ADDRESS_SPACE ->
          DeviceFinding.of(
              "GROUP_IN_TWO_ADDRESS_SPACES",
              name,
              error,
              "Two devices of one IOMMU group cannot be told apart, so they must share an address"
                  + " space; behind a vIOMMU every device has its own.",
              "R-OBS-2");
      case CONTAINER_SETUP ->
          DeviceFinding.of(
              "CONTAINER_SETUP_FAILED",
              name,
              error,
              "The guest's memory could not be made available to the device as the host is.",
              "R-LST-60",
              "R-OBS-3");
    };
  }

  private static Optional<DeviceFinding> invalid(QemuError error) {
    return Optional.of(
        DeviceFinding.of(
            "INVALID_CONFIGURATION",
            Optional.empty(),
            error,
            "QEMU does not accept the device as it is described.",
            "R-PROP-9",
            "R-PROP-12"));
  }

  /** A device's properties: global defaults first, then its own (R-PROP-11). */
  private Result<PropertyValues> read(DeviceTypeProvider provider, DeviceConfig device) {
    List<PropertySetting> settings = new ArrayList<>();
    for (GlobalProperty global : vm.globals()) {
      if (global.driver().equals(device.driver())) {
        settings.add(global.setting());
      }
    }
    settings.addAll(device.settings());
    return new PluginGuard("device type " + device.driver())
        .call("properties", () -> provider.properties(machine.facts().profile()).read(settings));
  }

  private void checkIommufd(PropertyValues values) throws InputException {
    Optional<String> link = values.has("iommufd") ? values.text("iommufd") : Optional.empty();
    if (link.isPresent()
        && (vm.objects().get(link.get()) == null
            || !vm.objects().get(link.get()).type().equals("iommufd"))) {
      throw InputException.of(
          "iommufd=" + link.get() + " names no -object iommufd, expected one with that id");
    }
  }
}
