package io.github.stopcopy.migration.fleet;

import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.migration.CountingIommuProvider;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Which VMs of a fleet are decided once for all, counted by how often their vIOMMU is realized, and
 * what may look at a VM's own names.
 */
class FleetShapesTest {

  /** One for all: memory that is made by hand equals only itself. */
  private static final VmConfig MACHINE = TestVm.q35().build();

  /** The same as one that comes with the project; without the mark it is somebody else's. */
  @BuiltIn
  private static final class CountingOurs extends CountingIommuProvider {}

  /** A device type of somebody else. */
  private static final class Foreign implements DeviceTypeProvider {
    @Override
    public String name() {
      return "foreign";
    }

    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new VfioPciProvider().properties(profile);
    }
  }

  /** A tracker that remembers for which devices it was opened. */
  private static final class Listing implements DirtyTrackerProvider {

    private final List<String> devices = new ArrayList<>();

    @Override
    public String name() {
      return "listing";
    }

    @Override
    public String description() {
      return "a tracker for tests";
    }

    @Override
    public DirtyTracker open(TrackerConfig config) {
      devices.add(config.device());
      return new DeviceLogTracker(DeviceLimits.NONE);
    }
  }

  private static FleetCheck.Builder builder(
      CountingIommuProvider viommu, DeviceTypeProvider... more) throws InputException {
    List<DeviceTypeProvider> all = new ArrayList<>(List.of(more));
    all.add(viommu);
    all.add(new VfioPciProvider());
    return FleetCheck.builder(Plugins.of(all), RuleSets.of(List.of())).remedies(false);
  }

  private static String name(String bus) {
    return "0000:" + bus + ":00.1";
  }

  private static FleetVm vm(String bus, DeviceConfig... more) {
    return vm(bus, HostDevice.builder(), more);
  }

  private static FleetVm vm(String bus, HostDeviceBuilder device, DeviceConfig... more) {
    List<DeviceConfig> devices = new ArrayList<>(List.of(TestVm.intel()));
    devices.add(TestVm.device("vfio-pci", "dev-" + bus, "host=" + name(bus)));
    devices.addAll(List.of(more));
    return FleetVm.of(
        "vm-" + bus,
        "n",
        MACHINE.withDevices(devices),
        TestVm.host(
            Map.of(
                name(bus), device.migration(TestVm.P2P).dmaLogging(DmaLogging.SUPPORTED).build())));
  }

  /** How many VMs are realized for a second one that differs from the first in names only. */
  private static int realizedForTheSecond(FleetCheck check, CountingIommuProvider viommu) {
    check.decide(vm("3b"));
    int before = viommu.realized();
    assertThat(before).isPositive();
    assertThat(check.decide(vm("86")).reasons().get(0).device()).contains(name("86"));
    return viommu.realized() - before;
  }

  @Test
  void vmsThatDifferInNamesAloneAreDecidedOnce() throws InputException {
    CountingOurs viommu = new CountingOurs();
    assertThat(realizedForTheSecond(builder(viommu).build(), viommu)).isZero();
  }

  @Test
  void aChangeToAllDevicesOfATypeLeavesVmsAlike() throws InputException {
    CountingOurs viommu = new CountingOurs();
    FleetCheck check =
        builder(viommu).apply(List.of(new RemedyChange.Set("vfio-pci", "x-no-mmap", "on"))).build();
    assertThat(realizedForTheSecond(check, viommu)).isZero();
  }

  @Test
  void aFleetThatKeepsNoShapesDecidesEach() throws InputException {
    CountingOurs viommu = new CountingOurs();
    assertThat(realizedForTheSecond(builder(viommu).shapes(0).build(), viommu)).isPositive();
  }

  @Test
  void theShapesThatWereAskedForLastAreKept() throws InputException {
    CountingOurs viommu = new CountingOurs();
    FleetCheck check = builder(viommu).shapes(2).build();
    FleetVm first = vm("3b");
    FleetVm second = vm("3b", vfio(TestVm.B));
    FleetVm third = vm("3b", vfio(TestVm.B), vfio(TestVm.C));
    check.decide(first);
    check.decide(second);
    check.decide(first);
    check.decide(third); // in place of the second, the one asked for longest ago
    int before = viommu.realized();
    check.decide(first);
    check.decide(third);
    assertThat(viommu.realized()).isEqualTo(before);
    check.decide(second);
    assertThat(viommu.realized()).isGreaterThan(before);
  }

  @Test
  void aVirtualIommuOfOthersSeesEachVmItself() throws InputException {
    CountingIommuProvider viommu = new CountingIommuProvider();
    assertThat(realizedForTheSecond(builder(viommu).build(), viommu)).isPositive();
  }

  @Test
  void withADeviceTypeOfOthersEachVmIsDecidedItself() throws InputException {
    CountingOurs viommu = new CountingOurs();
    assertThat(realizedForTheSecond(builder(viommu, new Foreign()).build(), viommu)).isPositive();
  }

  @Test
  void aTrackerIsOpenedForADeviceByItsOwnName() throws InputException {
    Listing listing = new Listing();
    FleetCheck check =
        FleetCheck.builder(
                Plugins.of(List.of(new VfioPciProvider(), new IntelIommuProvider()))
                    .withDirtyTrackers(List.of(listing)),
                RuleSets.of(List.of()))
            .remedies(false)
            .tracker(TrackerRequest.forAll("listing"))
            .build();
    check.decide(vm("3b"));
    check.decide(vm("86"));
    assertThat(listing.devices).contains(name("3b"), name("86")).doesNotContain("fadf:00:00.0");
    assertThat(listing.devices).allMatch(device -> device.startsWith("0000:"));
  }

  @Test
  void aTrackerForOneDeviceIsNoMatterOfVmsWithoutIt() throws InputException {
    Listing listing = new Listing();
    FleetCheck check =
        FleetCheck.builder(
                Plugins.of(List.of(new VfioPciProvider(), new IntelIommuProvider()))
                    .withDirtyTrackers(List.of(listing)),
                RuleSets.of(List.of()))
            .remedies(false)
            .tracker(new TrackerRequest(Optional.of("dev-3b"), "listing", Map.of()))
            .tracker(new TrackerRequest(Optional.of("dev-99"), "listing", Map.of()))
            .build();
    assertThat(check.unused()).containsExactly("dev-3b", "dev-99");
    assertThat(check.decide(vm("86")).verdict()).contains(VerdictKind.BLOCKED);
    assertThat(listing.devices).doesNotContain(name("86"));
    assertThat(check.unused()).containsExactly("dev-3b", "dev-99");
    assertThat(check.decide(vm("3b")).verdict()).contains(VerdictKind.BLOCKED);
    assertThat(listing.devices).contains(name("3b"));
    assertThat(check.unused()).containsExactly("dev-99");
  }

  @Test
  void aDriverThatNoVmHasADeviceForIsToldAsUnused() throws InputException {
    FleetCheck check =
        builder(new CountingOurs())
            .driver(new DriverRequest(Optional.of("dev-99"), "vfio-pci"))
            .build();
    assertThat(check.unused()).containsExactly("dev-99");
    assertThat(check.decide(vm("3b")).verdict()).contains(VerdictKind.BLOCKED);
    assertThat(check.unused()).containsExactly("dev-99");
  }

  /** The host's facts are by name, and a name may be written short (R-HOST C4). */
  @Test
  void aFactOfTheHostIsChangedForTheDeviceThatItNames() throws InputException {
    FleetCheck check =
        builder(new CountingOurs())
            .apply(List.of(new RemedyChange.Set("host", "devices.3b:00.1.driver", "vfio-pci")))
            .build();
    assertThat(check.decide(vm("3b")).reasons().get(0).code()).isEqualTo("NO_KERNEL_SUPPORT");
    assertThat(check.decide(vm("86")).reasons().get(0).code()).isEqualTo("VIOMMU_PRESENT");
  }
}
