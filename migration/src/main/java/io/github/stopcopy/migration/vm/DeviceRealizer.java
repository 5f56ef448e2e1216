package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Realizes and removes devices, one at a time, in QEMU's order. */
final class DeviceRealizer {

  /** What QEMU takes for an id. */
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");

  /** The property that names the object of the back end, and its type. */
  private static final String IOMMUFD = "iommufd";

  private final VmConfig vm;
  private final Machine machine;
  private final DeviceTypes types;
  private final VfioSubsystem vfio;
  private final MemoryDevices memoryDevices;
  private final FailoverPairs failover;
  private final PciTopology topology;
  private final ObjectLinks links;
  private final GlobalDefaults defaults;
  private final boolean checksIds;
  private final FailoverPrimaries primaries;
  private final VfioRealizer assigned;
  private final Set<String> ids = new HashSet<>(4);
  private @Nullable VirtualIommu virtualIommu;
  private @Nullable String virtualIommuType;

  DeviceRealizer(
      VmConfig vm,
      HostFacts host,
      Machine machine,
      DeviceTypes types,
      VfioSubsystem vfio,
      MigrationRealizer migration,
      MemoryDevices memoryDevices,
      VmListeners listeners,
      FailoverPairs failover) {
    this.vm = vm;
    this.machine = machine;
    this.types = types;
    this.vfio = vfio;
    this.memoryDevices = memoryDevices;
    this.failover = failover;
    this.topology = new PciTopology(vm);
    this.defaults = new GlobalDefaults(vm);
    this.links = new ObjectLinks(vm, defaults);
    this.primaries = new FailoverPrimaries(failover, topology);
    this.assigned = new VfioRealizer(host, machine, vfio, migration, listeners, primaries);
    this.checksIds = MigrationBehaviour.of(machine.facts().profile()).checksPluggedIds();
  }

  Optional<VirtualIommu> virtualIommu() {
    return Optional.ofNullable(virtualIommu);
  }

  /** The type of the vIOMMU, if there is one. */
  Optional<String> virtualIommuType() {
    return Optional.ofNullable(virtualIommuType);
  }

  /** The VFIO devices that were realized. */
  VfioRealizer assigned() {
    return assigned;
  }

  /** QEMU's path of the place of a device (R-MIG-50). */
  String path(VfioDevice device) {
    return topology.path(assigned.placement(device).address());
  }

  /** The devices that fail over, those that the guest has not asked for last. */
  List<FailoverPrimary> failoverPrimaries() {
    return primaries.of(assigned.devices());
  }

  /**
   * Realizes a device.
   *
   * @return why QEMU refuses it
   * @throws InputException if the description makes no sense to the model
   */
  Optional<DeviceFinding> realize(DeviceConfig device) throws InputException {
    if (failover.isHidden(device) && types.kind(device) == DeviceTypes.Kind.VFIO) {
      return primaries.hide(device);
    }
    DeviceTypes.Kind kind = types.kind(device);
    if (kind == DeviceTypes.Kind.VFIO && topology.refusesBus(device).isPresent()) {
      return topology.refusesBus(device).flatMap(DeviceRealizer::invalid);
    }
    if (device.id().isPresent()) {
      Optional<QemuError> refused = refusesId(device.id().get());
      if (refused.isPresent()) {
        return refused.flatMap(DeviceRealizer::invalid);
      }
      ids.add(device.id().get());
    }
    Optional<DeviceFinding> refused =
        switch (kind) {
          case VIRTUAL_IOMMU -> realizeVirtualIommu(device);
          case VFIO -> realizeVfio(device);
          case MEMORY -> realizeMemory(device);
          case OTHER -> {
            if (topology.knowsBusOf(device)
                && topology.place(device) instanceof Result.Failed<PciTopology.Placement> failed) {
              yield invalid(failed.error());
            }
            Optional<DeviceFinding> unshared =
                MemoryDevices.isShared(device) ? realizeMemory(device) : Optional.empty();
            if (unshared.isPresent()) {
              yield unshared;
            }
            Optional<String> later = LaterProperties.of(machine.facts().profile(), device);
            if (later.isPresent()) {
              yield propertyOfLaterReleases(later.get());
            }
            failover.realized(device);
            yield Optional.empty();
          }
        };
    if (refused.isPresent()) {
      device.id().ifPresent(ids::remove);
    }
    return refused;
  }

  /**
   * The guest accepts the standbys: what was kept back is realized, and stays out with a warning if
   * QEMU refuses it (R-OBS-115).
   */
  void acceptStandbys() throws InputException {
    Set<String> taken = new HashSet<>();
    assigned.devices().forEach(device -> device.failoverStandby().ifPresent(taken::add));
    for (FailoverPairs.Standby standby : failover.accept()) {
      if (standby.primary().isPresent()) {
        realize(standby.primary().get()).ifPresent(refused -> failover.refused(refused.error()));
      } else if (!taken.contains(standby.id())) {
        failover.notFound(standby.id());
      }
    }
  }

  /** The names of the primaries that are plugged and have to leave before a migration. */
  List<String> leavingPrimaries() {
    List<String> leaving = new ArrayList<>();
    for (FailoverPrimary primary : failoverPrimaries()) {
      if (primary.paired() && !primary.hidden()) {
        leaving.add(primary.device());
      }
    }
    return leaving;
  }

  /**
   * Realizes a device that is plugged into the running VM. 8.1 turns the values that were sent into
   * text before it reads them (R-PROP-1).
   */
  Optional<DeviceFinding> plug(DeviceConfig device) throws InputException {
    if (!vfio.behaviour().plugsAsText()) {
      return plugRead(device);
    }
    List<PropertySetting> settings = new ArrayList<>();
    for (PropertySetting setting : device.settings()) {
      settings.add(new PropertySetting(setting.name(), setting.value().asText()));
    }
    return plugRead(new DeviceConfig(device.driver(), device.id(), device.bus(), settings));
  }

  /** The vIOMMU is asked before a device is realized whose properties can be read (R-OBS-164). */
  private Optional<DeviceFinding> plugRead(DeviceConfig device) throws InputException {
    if (virtualIommu != null
        && types.kind(device) == DeviceTypes.Kind.VFIO
        && read(types.vfio(device.driver()), device) instanceof Result.Ok<PropertyValues>) {
      Optional<QemuError> refused = virtualIommu.refusesPlug();
      if (refused.isPresent()) {
        return Optional.of(
            DeviceFinding.of(
                Cause.VIOMMU_REFUSES_DEVICE, VfioDevice.nameOf(device), refused.get()));
      }
    }
    return realize(device);
  }

  /**
   * Why {@code device_add} takes no such device, before anything is made, in QEMU's order
   * (R-OBS-121, R-OBS-122, R-OBS-127, R-OBS-128).
   *
   * @param migrating whether a migration is running
   */
  Optional<QemuError> refusesPlug(DeviceConfig device, boolean migrating) throws InputException {
    DeviceTypes.Kind kind = types.kind(device);
    boolean onPci =
        kind == DeviceTypes.Kind.VFIO || kind == DeviceTypes.Kind.OTHER && device.bus().isPresent();
    if (!types.isHotpluggable(device)) {
      return Optional.of(
          QemuError.of("Device '" + device.driver() + "' does not support hotplugging"));
    }
    if (kind == DeviceTypes.Kind.VFIO && topology.refusesBus(device).isPresent()) {
      return topology.refusesBus(device);
    }
    if (migrating) {
      return Optional.of(QemuError.of("device_add not allowed while migrating"));
    }
    Optional<QemuError> refused =
        onPci ? topology.refusesPlug(topology.busOf(device)) : Optional.empty();
    return refused.isPresent() ? refused : device.id().flatMap(this::refusesId);
  }

  /** Why nothing can have this id (R-OBS-127, R-OBS-128). */
  private Optional<QemuError> refusesId(String id) {
    if (checksIds && !ID.matcher(id).matches()) {
      return Optional.of(QemuError.of("Invalid qdev ID '" + id + "'"));
    }
    return ids.contains(id)
        ? Optional.of(QemuError.of("Duplicate device ID '" + id + "'"))
        : Optional.empty();
  }

  /** Why a device cannot be taken out of the running VM (R-OBS-121). */
  Optional<QemuError> refusesUnplug(VfioPciDevice device) {
    return topology.refusesPlug(assigned.placement(device).address().bus());
  }

  /** Asks the vIOMMU once all devices of the command line are there (R-VIO-18). */
  Optional<DeviceFinding> machineDone() {
    if (virtualIommu == null) {
      return Optional.empty();
    }
    List<PciAddress> requesters = new ArrayList<>();
    assigned.devices().forEach(device -> requesters.add(assigned.placement(device).requester()));
    return virtualIommu
        .machineDone(requesters)
        .map(error -> DeviceFinding.of(Cause.VIOMMU_REFUSES_AT_THE_END, Optional.empty(), error));
  }

  /**
   * Plugs a DIMM into the running VM.
   *
   * @return why QEMU refuses it (R-OBS-123 .. R-OBS-125, R-OBS-127)
   */
  Optional<QemuError> addDimm(String id, long size, Optional<Long> at) throws InputException {
    Optional<QemuError> refused = refusesId(id);
    if (refused.isEmpty()) {
      refused = memoryDevices.addDimm(id, size, at);
    }
    if (refused.isEmpty()) {
      ids.add(id);
    }
    return refused;
  }

  /** Whether a device of any kind has this id. */
  boolean knowsId(String id) {
    return ids.contains(id);
  }

  /** Takes a VFIO device out. */
  void remove(VfioPciDevice device) {
    topology.remove(assigned.remove(device, virtualIommu()).address());
    device.id().ifPresent(ids::remove);
  }

  private Optional<DeviceFinding> realizeVirtualIommu(DeviceConfig device) throws InputException {
    VirtualIommuProvider provider = types.virtualIommu(device.driver());
    Result<PropertyValues> values = read(provider, device);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      return unreadable(provider, device, failed.error());
    }
    if (virtualIommu != null) {
      return Optional.of(
          DeviceFinding.of(
              Cause.SECOND_VIOMMU,
              Optional.empty(),
              QemuError.of("QEMU does not support multiple vIOMMUs for x86 yet.")));
    }
    if (device.setting("addr").isPresent()
        && topology.place(device) instanceof Result.Failed<PciTopology.Placement> failed) {
      return invalid(failed.error());
    }
    PropertyValues read = ((Result.Ok<PropertyValues>) values).value();
    Result<VirtualIommu> realized = provider.realize(read, machine.facts());
    if (realized instanceof Result.Failed<VirtualIommu> failed) {
      return Optional.of(
          DeviceFinding.of(Cause.VIOMMU_MISCONFIGURED, Optional.empty(), failed.error()));
    }
    VirtualIommu made = ((Result.Ok<VirtualIommu>) realized).value();
    Optional<String> nonMigratable = made.nonMigratable();
    if (vm.onlyMigratable() && nonMigratable.isPresent()) {
      return Optional.of(
          DeviceFinding.of(
              Cause.ONLY_MIGRATABLE,
              Optional.empty(),
              QemuError.of(
                  Errno.EACCES,
                  "Device "
                      + nonMigratable.get()
                      + " is not migratable, but --only-migratable was specified")));
    }
    virtualIommu = made;
    virtualIommuType = device.driver();
    assigned.virtualIommuCame();
    return Optional.empty();
  }

  private Optional<DeviceFinding> realizeVfio(DeviceConfig config) throws InputException {
    DeviceTypeProvider provider = types.vfio(config.driver());
    if (provider.properties(machine.facts().profile()).definition(IOMMUFD).isPresent()) {
      Optional<QemuError> refused = links.refuse(config, IOMMUFD, IOMMUFD);
      if (refused.isPresent()) {
        return refused.map(DeviceRealizer::linkRefused);
      }
    }
    Result<PropertyValues> values = read(provider, config);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      return unreadable(provider, config, failed.error());
    }
    PropertyValues read = ((Result.Ok<PropertyValues>) values).value();
    Result<PciTopology.Placement> placed = topology.place(config);
    if (placed instanceof Result.Failed<PciTopology.Placement> failed) {
      return invalid(failed.error());
    }
    PciTopology.Placement placement = ((Result.Ok<PciTopology.Placement>) placed).value();
    Optional<DeviceFinding> refused =
        assigned.realize(config.id(), read, placement, virtualIommu());
    if (refused.isPresent()) {
      topology.remove(placement.address());
    }
    return refused;
  }

  /** Memory that the device has of its own, or shares with other VMs (R-OBS-171). */
  private Optional<DeviceFinding> realizeMemory(DeviceConfig device) throws InputException {
    Optional<QemuError> refused = links.refuse(device, "memdev", "memory-backend");
    return refused.isPresent()
        ? refused.map(DeviceRealizer::linkRefused)
        : memoryDevices.realize(device).flatMap(DeviceRealizer::invalid);
  }

  private static DeviceFinding linkRefused(QemuError error) {
    return DeviceFinding.of(Cause.LINK_TO_NOTHING, Optional.empty(), error);
  }

  private static Optional<DeviceFinding> invalid(QemuError error) {
    return Optional.of(DeviceFinding.of(Cause.INVALID_CONFIGURATION, Optional.empty(), error));
  }

  private Optional<DeviceFinding> unreadable(
      DeviceTypeProvider provider, DeviceConfig device, QemuError error) {
    PropertySchema schema = provider.properties(machine.facts().profile());
    return ForeignProperty.of(schema, defaults.appliedTo(device))
        .map(foreign ->
            DeviceFinding.of(
                Cause.PROPERTY_OF_OTHER_RELEASES,
                Optional.empty(),
                error,
                device.driver() + "." + foreign.name(),
                foreign.releases()))
        .or(() -> invalid(error));
  }

  /** A property that 10.0 has not and 11.1 has; where in between it came is not known. */
  private static Optional<DeviceFinding> propertyOfLaterReleases(String property) {
    return Optional.of(
        DeviceFinding.of(
            Cause.PROPERTY_OF_OTHER_RELEASES,
            Optional.empty(),
            QemuError.of("Property '" + property + "' not found"),
            property,
            "in 11.1"));
  }

  private Result<PropertyValues> read(DeviceTypeProvider provider, DeviceConfig device) {
    return provider.properties(machine.facts().profile()).read(defaults.appliedTo(device));
  }
}
