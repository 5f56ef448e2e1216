package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.AttachFailure;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Realizes and removes devices, one at a time, in QEMU's order. */
final class DeviceRealizer {

  /** What QEMU takes for an id. */
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");

  private final VmConfig vm;
  private final HostFacts host;
  private final Machine machine;
  private final DeviceTypes types;
  private final VfioSubsystem vfio;
  private final MigrationRealizer migration;
  private final MemoryDevices memoryDevices;
  private final VmListeners listeners;
  private final FailoverPairs failover;
  private final PciTopology topology;
  private final boolean checksIds;
  private final Map<VfioPciDevice, PciTopology.Placement> vfioDevices = new LinkedHashMap<>();
  private final Set<VfioPciDevice> beforeVirtualIommu = new LinkedHashSet<>();
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
      MemoryDevices memoryDevices,
      VmListeners listeners,
      FailoverPairs failover) {
    this.vm = vm;
    this.host = host;
    this.machine = machine;
    this.types = types;
    this.vfio = vfio;
    this.migration = migration;
    this.memoryDevices = memoryDevices;
    this.listeners = listeners;
    this.failover = failover;
    this.topology = new PciTopology(vm);
    this.checksIds = MigrationBehaviour.of(machine.facts().profile()).checksPluggedIds();
  }

  Optional<VirtualIommu> virtualIommu() {
    return Optional.ofNullable(virtualIommu);
  }

  /** The type of the vIOMMU, if there is one. */
  Optional<String> virtualIommuType() {
    return Optional.ofNullable(virtualIommuType);
  }

  /** The VFIO devices in the order in which they were realized. */
  List<VfioPciDevice> vfioDevices() {
    return List.copyOf(vfioDevices.keySet());
  }

  /** Those that would be behind the vIOMMU, had it been there before them. */
  List<VfioPciDevice> beforeVirtualIommu() {
    return vfioDevices.keySet().stream().filter(beforeVirtualIommu::contains).toList();
  }

  /** Whom the vIOMMU sees when a device makes a request. */
  PciAddress requester(VfioDevice device) {
    return known(device, vfioDevices.get(device)).requester();
  }

  /** QEMU's path of the place of a device (R-MIG-50). */
  String path(VfioDevice device) {
    return topology.path(known(device, vfioDevices.get(device)).address());
  }

  /**
   * Realizes a device.
   *
   * @return why QEMU refuses it
   * @throws InputException if the description makes no sense to the model
   */
  Optional<DeviceFinding> realize(DeviceConfig device) throws InputException {
    if (failover.isHidden(device) && types.kind(device) == DeviceTypes.Kind.VFIO) {
      return hide(device);
    }
    if (device.id().isPresent()) {
      claim(device.id().get());
    }
    Optional<DeviceFinding> refused =
        switch (types.kind(device)) {
          case VIRTUAL_IOMMU -> realizeVirtualIommu(device);
          case VFIO -> realizeVfio(device);
          case MEMORY -> memoryDevices.realize(device).flatMap(DeviceRealizer::invalid);
          case OTHER -> {
            if (topology.knowsBusOf(device)
                && topology.place(device) instanceof Result.Failed<PciTopology.Placement> failed) {
              yield invalid(failed.error());
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
   * Keeps a failover primary back until the guest asks for it; it needs a bus to be plugged into.
   */
  private Optional<DeviceFinding> hide(DeviceConfig device) {
    Optional<QemuError> refused = topology.refusesBus(device);
    if (refused.isEmpty()) {
      refused = failover.hide(device);
    }
    if (refused.isEmpty()) {
      refused = topology.refusesPlug(topology.busOf(device));
    }
    return refused.map(error -> refusedPrimary(device.id(), error));
  }

  private static DeviceFinding refusedPrimary(Optional<String> device, QemuError error) {
    return DeviceFinding.of(Cause.FAILOVER_PRIMARY_REFUSED, device, error);
  }

  /**
   * The guest accepts the standbys: what was kept back is realized, and stays out with a warning if
   * QEMU refuses it (R-OBS-115).
   */
  void acceptStandbys() throws InputException {
    Set<String> taken = new HashSet<>();
    vfioDevices().forEach(device -> device.failoverStandby().ifPresent(taken::add));
    for (FailoverPairs.Standby standby : failover.accept()) {
      if (standby.primary().isPresent()) {
        realize(standby.primary().get()).ifPresent(refused -> failover.refused(refused.error()));
      } else if (!taken.contains(standby.id())) {
        failover.notFound(standby.id());
      }
    }
  }

  /** The devices that fail over, those that the guest has not asked for last. */
  List<FailoverPrimary> failoverPrimaries() {
    List<FailoverPrimary> all = new ArrayList<>();
    for (VfioPciDevice device : vfioDevices()) {
      if (device.failoverStandby().isPresent()) {
        String standby = device.failoverStandby().get();
        all.add(
            new FailoverPrimary(
                device.name(), standby, failover.isStandby(standby), /* hidden= */ false));
      }
    }
    for (DeviceConfig device : failover.hidden()) {
      String name = VfioDevice.nameOf(device).orElseGet(() -> device.id().orElseThrow());
      String standby = FailoverPairs.standbyOf(device).orElseThrow();
      all.add(new FailoverPrimary(name, standby, /* paired= */ true, /* hidden= */ true));
    }
    return all;
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
    return topology.refusesPlug(known(device, vfioDevices.get(device)).address().bus());
  }

  /** Asks the vIOMMU once all devices of the command line are there (R-VIO-18). */
  Optional<DeviceFinding> machineDone() {
    if (virtualIommu == null) {
      return Optional.empty();
    }
    List<PciAddress> assigned = vfioDevices().stream().map(this::requester).toList();
    return virtualIommu
        .machineDone(assigned)
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
      claim(id);
    }
    return refused;
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
    detach(device);
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
      return unreadable(provider, device, failed.error());
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
    vfioDevices.forEach((early, place) -> {
      if (!place.bypassesIommu()) {
        beforeVirtualIommu.add(early);
      }
    });
    return Optional.empty();
  }

  private Optional<DeviceFinding> realizeVfio(DeviceConfig config) throws InputException {
    DeviceTypeProvider provider = types.vfio(config.driver());
    Result<PropertyValues> values = read(provider, config);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      return unreadable(provider, config, failed.error());
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
        vfio.create(config.id(), placement.address(), values, host.device(name));
    if (created instanceof Result.Failed<VfioPciDevice> failed) {
      return invalid(failed.error());
    }
    VfioPciDevice device = ((Result.Ok<VfioPciDevice>) created).value();
    VirtualIommu iommu = placement.bypassesIommu() ? null : virtualIommu;
    AddressSpace space =
        iommu != null ? iommu.addressSpace(placement.requester()) : machine.facts().system();
    if (vfio.isAttachable(device, space)) {
      listeners.attach(device, space);
    }
    Optional<AttachFailure> unattached = vfio.attach(device, space);
    if (unattached.isPresent()) {
      listeners.detach(device);
      return Optional.of(attachFailed(device, unattached.get()));
    }
    if (iommu != null) {
      Optional<QemuError> failed = iommu.attach(placement.requester(), device.hostIommu(isVtd()));
      if (failed.isPresent()) {
        detach(device);
        return Optional.of(
            DeviceFinding.of(
                Cause.VIOMMU_REFUSES_DEVICE,
                Optional.of(device.name()),
                device.prefixed(failed.get().withPrefix(vfio.behaviour().attachPrefix()))));
      }
    }
    Optional<DeviceFinding> refused = migration.realize(device);
    if (refused.isEmpty()) {
      refused = refusesPrimary(device);
    }
    if (refused.isPresent()) {
      detach(device);
      if (iommu != null) {
        iommu.detach(placement.requester());
      }
      return refused;
    }
    vfioDevices.put(device, placement);
    return Optional.empty();
  }

  /** Why a device cannot fail over, with or without a standby; asked last (R-OBS-115). */
  private Optional<DeviceFinding> refusesPrimary(VfioPciDevice device) {
    if (device.failoverStandby().isEmpty()) {
      return Optional.empty();
    }
    String text;
    if (!topology.isExpress(device.address().bus())) {
      text = "failover primary device must be on PCIExpress bus";
    } else if (device.isKnownNotToBeEthernet()) {
      text = "failover primary device is not an Ethernet device";
    } else if (device.values().bool("multifunction")) {
      text = "failover: primary device must be in its own PCI slot";
    } else {
      return Optional.empty();
    }
    return Optional.of(refusedPrimary(Optional.of(device.name()), QemuError.of(text)));
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

  private static Optional<DeviceFinding> invalid(QemuError error) {
    return Optional.of(DeviceFinding.of(Cause.INVALID_CONFIGURATION, Optional.empty(), error));
  }

  private Optional<DeviceFinding> unreadable(
      DeviceTypeProvider provider, DeviceConfig device, QemuError error) {
    PropertySchema schema = provider.properties(machine.facts().profile());
    return ForeignProperty.of(schema, settings(device))
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
    return provider.properties(machine.facts().profile()).read(settings(device));
  }

  /** A device's properties: global defaults first, then its own (R-PROP-11). */
  private List<PropertySetting> settings(DeviceConfig device) {
    List<PropertySetting> settings = new ArrayList<>();
    for (GlobalProperty global : vm.globals()) {
      if (global.driver().equals(device.driver())) {
        settings.add(global.setting());
      }
    }
    settings.addAll(device.settings());
    return settings;
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
