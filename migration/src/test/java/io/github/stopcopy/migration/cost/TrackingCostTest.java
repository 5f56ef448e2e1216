package io.github.stopcopy.migration.cost;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What tracking would cost: 3 GiB of RAM in two parts and a ROM below 4 GiB, as on a PC. */
class TrackingCostTest {

  private static final List<PlacedRegion> PC =
      List.of(
          placed("ram0", RegionKind.RAM, 0, 2 * GIB - 1, 0),
          placed("bios", RegionKind.ROM, 0xfffc0000L, 0xffffffffL, 0),
          placed("ram0", RegionKind.RAM, 4 * GIB, 5 * GIB - 1, 2 * GIB));

  private static PlacedRegion placed(
      String name, RegionKind kind, long first, long last, long offset) {
    return new PlacedRegion(name, kind, new AddressRange(first, last), offset, false);
  }

  private static VmConfig pc(VmConfig vm) {
    return vm.toBuilder()
        .memory(MachineMemory.fixed(new MemoryPlan(PC, PC, Optional.of(PC), 8 * GIB, 0)))
        .build();
  }

  private static List<TrackingCost> costs(VmConfig vm, HostFacts host, String... trackers)
      throws Exception {
    return costs(vm, host, Stream.of(trackers).map(TrackerRequest::forAll).toList());
  }

  private static List<TrackingCost> costsOf(VmConfig vm, TrackerRequest tracker) throws Exception {
    return costs(vm, TestVm.host(Map.of()), List.of(tracker));
  }

  private static List<TrackingCost> costs(
      VmConfig vm, HostFacts host, List<TrackerRequest> trackers) throws Exception {
    MigrationCheck check =
        MigrationCheck.of(pc(vm))
            .host(host)
            .profile(QemuProfile.V10_2)
            .plugins(plugins().withDirtyTrackers(List.of(new Mlx5TrackerProvider())))
            .trackingCosts(true);
    trackers.forEach(check::tracker);
    return check.decide().costs();
  }

  private static LayoutCost layout(List<TrackingCost> costs, TrackedLayout layout) {
    return costs.get(0).layouts().stream()
        .filter(cost -> cost.layout() == layout)
        .findFirst()
        .orElseThrow();
  }

  private static BigInteger gib(double count) {
    return BigInteger.valueOf((long) (count * GIB));
  }

  @Test
  void theBootLayoutAgainstRamAlone() throws Exception {
    List<TrackingCost> costs = costs(q35(vfio(A)), TestVm.host(Map.of()));

    LayoutCost exact = layout(costs, TrackedLayout.EXACT);
    assertThat(exact.ranges())
        .containsExactly(new AddressRange(0, 2 * GIB - 1), new AddressRange(4 * GIB, 5 * GIB - 1));
    assertThat(exact.needlessBytes()).isZero();
    assertThat(exact.trackedBytes()).isEqualTo(gib(3));
    assertThat(exact.bitmapBytes(4096)).isEqualTo(96 << 10);

    LayoutCost boot = layout(costs, TrackedLayout.BOOT);
    assertThat(boot.trackedBytes()).isEqualTo(gib(5));
    assertThat(boot.needlessBytes()).isEqualTo(gib(2));
    assertThat(boot.trackedBytes(1)).isEqualTo(gib(5));
    assertThat(boot.trackedBytesAsPowerOfTwo()).isEqualTo(gib(8));
    assertThat(boot.answer()).isEqualTo(new StartResult.Granted(4096));
  }

  @Test
  void R_DT_45_aDeviceOfOneRangeTracksTheGapsToo() throws Exception {
    LayoutCost exact = layout(costs(q35(vfio(A)), TestVm.host(Map.of())), TrackedLayout.EXACT);
    assertThat(exact.trackedBytes(1)).isEqualTo(gib(5));
    assertThat(exact.trackedBytes(2)).isEqualTo(gib(3));
    assertThat(exact.trackedBytesAsPowerOfTwo()).isEqualTo(gib(4));
  }

  @Test
  void theTrackerThatWasChosenTellsWhatItMakesOfEachLayout() throws Exception {
    List<TrackingCost> plain = costs(q35(vfio(A)), TestVm.host(Map.of()));
    assertThat(plain.get(0).tracker()).isEqualTo("device-log");
    LayoutCost exact = layout(plain, TrackedLayout.EXACT);
    assertThat(exact.logged()).isEqualTo(exact.ranges());
    assertThat(exact.loggedBitmapBytes()).isEqualTo(exact.bitmapBytes(4096));

    assertThat(plain.get(0).layouts())
        .allSatisfy(cost -> assertThat(cost.logged()).isEqualTo(cost.ranges()));

    List<TrackingCost> coarse =
        costsOf(
            q35(vfio(A)),
            new TrackerRequest(
                Optional.empty(), "mlx5", Map.of("max-ranges", "1", "min-page-size", "65536")));
    assertThat(coarse.get(0).tracker()).isEqualTo("mlx5");
    LayoutCost inOne = layout(coarse, TrackedLayout.EXACT);
    assertThat(inOne.logged()).containsExactly(new AddressRange(0, 5 * GIB - 1));
    assertThat(inOne.loggedBytes()).isEqualTo(gib(5));
    assertThat(inOne.loggedBitmapBytes()).isEqualTo(10 << 10);
    assertThat(layout(coarse, TrackedLayout.VIOMMU_48).logged()).isEmpty();
  }

  @Test
  void aWidthThatSaysNothingOfTheVmSaysWhy() throws Exception {
    List<TrackingCost> without = costs(q35(vfio(A)), TestVm.host(Map.of()));
    assertThat(layout(without, TrackedLayout.VIOMMU_39).meaningless())
        .contains("the VM has no vIOMMU");
    assertThat(layout(without, TrackedLayout.BOOT).meaningless()).isEmpty();

    List<TrackingCost> with = costs(q35(intel(), vfio(A)), TestVm.host(Map.of()));
    assertThat(layout(with, TrackedLayout.VIOMMU_39).meaningless()).isEmpty();
    assertThat(layout(with, TrackedLayout.VIOMMU_39).uncoveredBytes()).isZero();

    Verdict large =
        MigrationCheck.of(
                TestVm.q35WithRam(1L << 40)
                    .memory(MachineMemory.fixed(TERABYTE))
                    .devices(List.of(intel(), vfio(A)))
                    .build())
            .plugins(plugins())
            .trackingCosts(true)
            .decide();
    LayoutCost narrow = layout(large.costs(), TrackedLayout.VIOMMU_39);
    assertThat(narrow.meaningless()).contains("it is narrower than the VM's RAM");
    assertThat(narrow.uncoveredBytes()).isEqualTo(gib(512));
    assertThat(layout(large.costs(), TrackedLayout.VIOMMU_48).meaningless()).isEmpty();
  }

  private static final MemoryPlan TERABYTE =
      new MemoryPlan(
          List.of(placed("ram0", RegionKind.RAM, 0, 1024 * GIB - 1, 0)),
          List.of(placed("ram0", RegionKind.RAM, 0, 1024 * GIB - 1, 0)),
          Optional.empty(),
          1024 * GIB,
          0);

  @Test
  void R_VIO_62_theWidthOfAVirtualIommu() throws Exception {
    List<TrackingCost> costs = costs(q35(vfio(A)), TestVm.host(Map.of()), "mlx5");
    LayoutCost narrow = layout(costs, TrackedLayout.VIOMMU_39);
    assertThat(narrow.bitmapBytes(4096)).isEqualTo(16 << 20);
    assertThat(narrow.needlessBytes()).isEqualTo(gib(509));
    assertThat(narrow.answer()).isEqualTo(new StartResult.Granted(4096));
    LayoutCost wide = layout(costs, TrackedLayout.VIOMMU_48);
    assertThat(wide.bitmapBytes(4096)).isEqualTo(8L << 30);
    assertThat(wide.answer())
        .isEqualTo(
            new StartResult.Refused(
                Errno.EOPNOTSUPP, "an address space of 2^48 bytes, expected 2^12 to 2^42"));
  }

  @Test
  void aBlockedVmHasCostsTooAsIfTheVirtualIommuLetTheDevicesPass() throws Exception {
    Verdict verdict =
        MigrationCheck.of(pc(q35(intel(), vfio(A), vfio(B))))
            .profile(QemuProfile.V10_2)
            .plugins(plugins())
            .trackingCosts(true)
            .decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(verdict.costs()).extracting(TrackingCost::device).containsExactly(A, B);
    assertThat(layout(verdict.costs(), TrackedLayout.BOOT).trackedBytes()).isEqualTo(gib(5));
  }

  @Test
  void R_LST_11_in110TheRomAtTheTopIsNotTracked() throws Exception {
    Verdict verdict =
        MigrationCheck.of(pc(q35(vfio(A))))
            .profile(QemuProfile.V11_0)
            .plugins(plugins())
            .trackingCosts(true)
            .decide();
    assertThat(layout(verdict.costs(), TrackedLayout.BOOT).needlessBytes()).isZero();
  }

  /** What a VM has of RAM is known, whatever the addresses of BARs. */
  @Test
  void R_DT_10_onlyTheBootLayoutDependsOnBarsThatNobodyTold() throws Exception {
    HostDevice large =
        HostDevice.builder()
            .bar(0, HostDevice.Bar.builder(GIB).kind(BarKind.MEM64).mmap(true).build())
            .build();

    List<TrackingCost> costs =
        MigrationCheck.of(q35(vfio(A)))
            .host(TestVm.host(Map.of(A, large)))
            .profile(QemuProfile.V10_2)
            .plugins(plugins())
            .trackingCosts(true)
            .decide()
            .costs();

    assertThat(layout(costs, TrackedLayout.BOOT).unknown()).containsExactly("32", "pci64");
    assertThat(layout(costs, TrackedLayout.EXACT).unknown()).isEmpty();
    assertThat(layout(costs, TrackedLayout.VIOMMU_48).unknown()).isEmpty();
  }

  @Test
  void aLayoutHasANameForProgramsAndOneForPeople() {
    assertThat(TrackedLayout.values())
        .extracting(TrackedLayout::id)
        .containsExactly("exact", "boot", "viommu-39", "viommu-48");
    assertThat(TrackedLayout.EXACT).hasToString("RAM and nothing else");
    assertThat(TrackedLayout.VIOMMU_39).hasToString("vIOMMU, 39 bits");
  }

  @Test
  void withoutBeingAskedForThereAreNone() throws Exception {
    assertThat(MigrationCheck.of(q35(vfio(A))).plugins(plugins()).decide().costs()).isEmpty();
  }

  @Test
  void whereQemuDoesNotStartThereAreNone() throws Exception {
    Verdict verdict =
        MigrationCheck.of(q35(vfio(A), TestVm.device("vfio-pci", "", "host=" + A)))
            .plugins(plugins())
            .trackingCosts(true)
            .decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.REFUSED);
    assertThat(verdict.costs()).isEmpty();
  }
}
