package io.github.stopcopy.migration;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.ScenarioPlayer;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.devicetype.VfioPciNoHotplugProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import io.github.stopcopy.viommu.virtio.VirtioIommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Small VMs and hosts made by hand: q35 with 2 GiB of RAM and 8 GiB of room for DIMMs at 4 GiB. */
public final class TestVm {

  public static final QemuProfile SEED = QemuProfile.V8_1_IOMMU_PT;
  public static final QemuProfile V10 = QemuProfile.V10_2;
  public static final QemuProfile V11 = QemuProfile.V11_0;
  public static final String A = "0000:01:00.0";
  public static final String B = "0000:02:00.0";
  public static final String C = "0000:03:00.0";
  public static final long GIB = 1L << 30;
  public static final MigrationSupport P2P = MigrationSupport.of(true, true, false);
  public static final MigrationSupport NO_P2P = MigrationSupport.of(true, false, false);
  public static final MigrationSupport PRE_COPY = MigrationSupport.of(true, true, true);

  private TestVm() {}

  public static VmConfigBuilder q35() {
    List<PlacedRegion> ram =
        List.of(
            new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 0x7fffffffL), 0, false));
    return VmConfig.builder()
        .machineType("q35")
        .machineOption("kernel-irqchip", "split")
        .accelerator(Accelerator.KVM)
        .ramSize(2 * GIB)
        .hotplugMemory(4, 10 * GIB)
        .memory(MachineMemory.fixed(new MemoryPlan(ram, ram, Optional.empty(), 4 * GIB, 8 * GIB)));
  }

  /** The same with this much RAM and no room for more. */
  public static VmConfigBuilder q35WithRam(long bytes) {
    return q35().ramSize(bytes).hotplugMemory(0, bytes);
  }

  public static VmConfig q35(DeviceConfig... devices) {
    return q35().devices(List.of(devices)).build();
  }

  /** The same as a machine whose root bus takes devices while it runs (R-OBS-121). */
  public static VmConfigBuilder pc() {
    return q35().machineType("pc");
  }

  public static VmConfig pc(DeviceConfig... devices) {
    return pc().devices(List.of(devices)).build();
  }

  /** A port of the root bus, which takes one device while the VM runs. */
  public static DeviceConfig port(String id, String address) {
    return device("pcie-root-port", id, "addr=" + address);
  }

  /** A vIOMMU, two ports {@code rp1} and {@code rp2}, and the devices. */
  public static VmConfig withPorts(DeviceConfig... devices) {
    List<DeviceConfig> all =
        new ArrayList<>(List.of(intel(), port("rp1", "1c.0"), port("rp2", "1d.0")));
    all.addAll(List.of(devices));
    return q35().devices(all).build();
  }

  public static DeviceConfig device(String driver, String id, String... settings) {
    List<PropertySetting> all = new ArrayList<>();
    Optional<String> bus = Optional.empty();
    for (String setting : settings) {
      if (setting.startsWith("bus=")) {
        bus = Optional.of(setting.substring("bus=".length()));
      } else {
        all.add(PropertySetting.parse(setting));
      }
    }
    return new DeviceConfig(driver, id.isEmpty() ? Optional.empty() : Optional.of(id), bus, all);
  }

  /** A vfio-pci device whose id is {@code v} and the number of its host bus. */
  public static DeviceConfig vfio(String host, String... settings) {
    List<String> all = new ArrayList<>(List.of("host=" + host));
    all.addAll(List.of(settings));
    return device("vfio-pci", "v" + host.charAt(6), all.toArray(String[]::new));
  }

  public static DeviceConfig intel(String... settings) {
    List<String> all = new ArrayList<>(List.of("intremap=on", "caching-mode=on", "aw-bits=48"));
    all.addAll(List.of(settings));
    return device("intel-iommu", "", all.toArray(String[]::new));
  }

  public static HostDevice can(MigrationSupport migration, DmaLogging logging) {
    return HostDevice.builder().migration(migration).dmaLogging(logging).build();
  }

  public static HostDevice can(MigrationSupport migration) {
    return can(migration, DmaLogging.SUPPORTED);
  }

  public static HostDevice inGroup(int group) {
    return HostDevice.builder().group(group).build();
  }

  public static HostDevice refusing(MigrationSupport migration, VfioDeviceState state) {
    return HostDevice.builder().migration(migration).setStateError(state, Errno.EIO).build();
  }

  public static DmaLogging logging(Optional<Errno> start, Optional<Errno> report, int maxRanges) {
    return new DmaLogging(true, start, Optional.empty(), report, maxRanges, 0, Errno.EOPNOTSUPP);
  }

  public static HostFacts host(Map<String, HostDevice> devices) {
    return host(HostContainer.CAPABLE, devices);
  }

  public static HostFacts host(HostContainer container, Map<String, HostDevice> devices) {
    HostFactsBuilder host = HostFacts.builder().accelerator(Accelerator.KVM).container(container);
    devices.forEach(host::device);
    return host.build();
  }

  public static HostContainer container(
      boolean tracks, Optional<Errno> startError, Optional<Errno> getError, boolean iommuTracks) {
    HostContainer capable = HostContainer.CAPABLE;
    return new HostContainer(
        tracks,
        capable.pageSizes(),
        capable.dirtyPageSizes(),
        capable.maxDirtyBitmapSize(),
        capable.dmaAvailable(),
        true,
        List.of(),
        startError,
        getError,
        Optional.of(iommuTracks));
  }

  public static Plugins plugins() throws InputException {
    return Plugins.of(
        List.of(
            new VfioPciProvider(),
            new VfioPciNoHotplugProvider(),
            new IntelIommuProvider(),
            new VirtioIommuProvider(),
            IdleIommuProvider.frozen()));
  }

  public static Scenario scenario(QemuProfile profile, VmConfig vm, HostFacts host, Step... steps) {
    return new Scenario("test", profile, vm, host, List.of(steps));
  }

  public static Story play(Scenario scenario) throws InputException {
    return new ScenarioPlayer(
            plugins(),
            new QemuRuleSet()::rules,
            VfioPolicy.EXACT,
            device -> new DeviceLogTracker(DeviceLimits.NONE))
        .play(scenario);
  }

  public static Story play(QemuProfile profile, VmConfig vm, HostFacts host, Step... steps)
      throws InputException {
    return play(scenario(profile, vm, host, steps));
  }

  public static Story play(QemuProfile profile, VmConfig vm, Step... steps) throws InputException {
    return play(profile, vm, HostFacts.CAPABLE, steps);
  }

  /** The verdict on a scenario without remedies. */
  public static Verdict verdict(Scenario scenario) throws InputException {
    return MigrationCheck.of(scenario).plugins(plugins()).ruleSets(RuleSets.of(List.of())).decide();
  }

  public static StepAnswer last(Story story) {
    return story.answers().get(story.answers().size() - 1);
  }

  public static Step add(DeviceConfig device) {
    return new Step.DeviceAdd(device);
  }

  public static Step del(String id) {
    return new Step.DeviceDel(id, true);
  }

  public static Step snapshot() {
    return new Step.Snapshot();
  }

  public static Step migrate(String... capabilities) {
    return new Step.Migrate(Set.of(capabilities), false);
  }

  public static Step hold() {
    return new Step.Migrate(Set.of(), true);
  }

  public static Step finish() {
    return new Step.FinishMigration();
  }

  public static Step cancel() {
    return new Step.MigrateCancel();
  }

  public static Step guest(Step.ViommuOperation operation) {
    return new Step.Viommu(
        operation,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        0,
        0,
        1);
  }

  public static Step context(String device, ContextMode mode) {
    return new Step.Viommu(
        Step.ViommuOperation.CONTEXT,
        Optional.of(device),
        Optional.of(mode),
        OptionalInt.of(48),
        OptionalInt.empty(),
        0,
        0,
        1);
  }

  /** A device joins or leaves a domain of a virtio-iommu. */
  public static Step domain(Step.ViommuOperation operation, String device, int number) {
    return new Step.Viommu(
        operation,
        Optional.of(device),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.of(number),
        0,
        0,
        1);
  }

  public static Step pages(
      Step.ViommuOperation operation, String device, long iova, long guestAddress, int count) {
    return new Step.Viommu(
        operation,
        Optional.of(device),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        iova,
        guestAddress,
        count);
  }
}
