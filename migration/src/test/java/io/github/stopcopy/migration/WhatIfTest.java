package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.refusing;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import io.github.stopcopy.vfiopci.tracker.PdsTrackerProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The smallest sets of changes: each holds when it is made by hand, and none is missing. */
class WhatIfTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static MigrationCheck check(Scenario scenario) throws InputException {
    return MigrationCheck.of(scenario).plugins(plugins());
  }

  static WhatIf whatIf(WhatIfGoal goal, Scenario scenario) throws InputException {
    return check(scenario).whatIf(goal);
  }

  static Verdict applied(Scenario scenario, List<RemedyChange> changes) throws InputException {
    return check(scenario).apply(changes).remedies(false).decide();
  }

  @Test
  void R_BLK_26_behindAVIommuSmallSetsComeFirst() throws Exception {
    WhatIf found =
        whatIf(
            WhatIfGoal.MIGRATABLE,
            scenario(
                V11,
                q35(intel(), device("pcie-root-port", "rp1"), vfio(A, "bus=rp1")),
                ANY,
                migrate()));

    assertThat(found.verdict().kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(found.proposals().get(0).texts())
        .containsExactly("unplug v1 before the migration, and plug in the like on the other side");
    assertThat(found.proposals())
        .extracting(proposal -> proposal.texts().size())
        .isSorted()
        .contains(1, 2)
        .doesNotContain(3);
    assertThat(found.proposals())
        .anySatisfy(proposal ->
            assertThat(proposal.texts())
                .containsExactly(
                    "set enable-migration=on on v1", "set x-device-dirty-page-tracking=off on v1"));
    assertThat(found.isComplete()).isTrue();
    assertThat(found.largest()).isEqualTo(2);
  }

  /** Neither the option nor the release does it alone (R-BLK-31 to 33). */
  @Test
  void aPatchAndItsOptionAreTwoChangesAndComeLast() throws Exception {
    Scenario vm = scenario(V10, q35(intel("caching-mode=on"), vfio(A)), ANY, migrate());
    List<Proposal> found = whatIf(WhatIfGoal.CONDITIONAL, vm).proposals();

    assertThat(found.get(found.size() - 1).changes())
        .containsExactly(
            new RemedyChange.Release(SEED),
            new RemedyChange.Set("v1", "x-migration-iommu-pt", "on"));
    assertThat(found.get(found.size() - 1).codes()).containsExactly("VIOMMU_MAY_BE_USED");
    assertThat(whatIf(WhatIfGoal.MIGRATABLE, vm).proposals())
        .noneMatch(proposal -> proposal.changes().contains(new RemedyChange.Release(SEED)));
  }

  @Test
  void whatIsReachedAlreadyIsSaid() throws Exception {
    WhatIf found = whatIf(WhatIfGoal.MIGRATABLE, scenario(V10, q35(vfio(A)), ANY, migrate()));

    assertThat(found.isReached()).isTrue();
    assertThat(found.largest()).isEqualTo(1);
    assertThat(found.trackedBytes()).contains(BigInteger.TWO.pow(31));
  }

  /** Both log the same; without one of them half is left (R-DT-20). */
  @Test
  void lessToTrackComesLeastFirst() throws Exception {
    Scenario vm = scenario(V10, q35(vfio(A), vfio(B)), ANY, migrate());
    WhatIf found = whatIf(WhatIfGoal.FEWER_BYTES, vm);

    assertThat(found.trackedBytes()).contains(BigInteger.TWO.pow(32));
    assertThat(found.proposals()).isNotEmpty();
    assertThat(found.proposals())
        .extracting(proposal -> proposal.trackedBytes().orElseThrow())
        .isSorted()
        .allMatch(bytes -> bytes.compareTo(BigInteger.TWO.pow(32)) < 0);
  }

  /** What makes QEMU lose data without a word is nothing to propose (R-OBS-116). */
  @Test
  void whatLosesDataIsNotProposed() throws Exception {
    for (VmConfig vm : List.of(q35(intel(), vfio(A)), q35(intel(), vfio(A), vfio(B)))) {
      for (WhatIfGoal goal : List.of(WhatIfGoal.MIGRATABLE, WhatIfGoal.CONDITIONAL)) {
        assertThat(whatIf(goal, scenario(V11, vm, ANY, migrate())).proposals())
            .flatExtracting(Proposal::codes)
            .doesNotContain("VIRTIO_IOMMU_LOSES_DIRTY_PAGES", "AMD_IOMMU_LOSES_DIRTY_PAGES");
      }
    }
  }

  /** Ten kinds of devices: the ninth is what is in the way. */
  @Test
  void ofManyKindsOfDevicesNoneIsLeftOut() throws Exception {
    List<DeviceConfig> devices = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      String name = String.format("0000:%02x:00.0", i);
      devices.add(
          vfio(name, "x-pci-sub-device-id=" + i, "enable-migration=" + (i == 9 ? "off" : "auto")));
    }
    Scenario vm = scenario(V11, q35().devices(devices).build(), ANY, migrate());
    WhatIf found = whatIf(WhatIfGoal.MIGRATABLE, vm);

    assertThat(found.leftOut()).isEmpty();
    assertThat(found.isComplete()).isTrue();
    assertThat(found.proposals())
        .anySatisfy(proposal ->
            assertThat(proposal.changes())
                .containsExactly(new RemedyChange.Set("v9", "enable-migration", "auto")));
  }

  /** One of many devices that are alike can be what is too much. */
  @Test
  void ofManyAlikeDevicesOneIsUnpluggedAlone() throws Exception {
    List<DeviceConfig> devices = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      devices.add(vfio(String.format("0000:0%d:00.0", i)));
    }
    VmConfig vm = q35().devices(devices).build();
    WhatIf found = whatIf(WhatIfGoal.FEWER_BYTES, scenario(V11, vm, ANY, migrate()));

    assertThat(found.proposals())
        .anySatisfy(proposal -> {
          assertThat(proposal.texts())
              .singleElement()
              .asString()
              .startsWith("unplug v1 ")
              .endsWith("; any of the 6 that are alike will do");
          assertThat(proposal.trackedBytes())
              .contains(
                  found
                      .trackedBytes()
                      .orElseThrow()
                      .multiply(BigInteger.valueOf(5))
                      .divide(BigInteger.valueOf(6)));
        });
  }

  /**
   * Where there are so many kinds of devices that sets of two would take hours, what is not tried
   * is told; those of the devices that are in the way come first.
   */
  @Test
  void whatIsNotTriedIsTold() throws Exception {
    List<DeviceConfig> devices = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      devices.add(vfio(String.format("0000:0%d:00.0", i), "x-pci-sub-device-id=" + i));
    }
    HostFacts host = host(Map.of(C, refusing(P2P, VfioDeviceState.STOP_COPY)));
    Scenario vm = scenario(V11, q35().devices(devices).build(), host, migrate());
    WhatIf all = check(vm).whatIf(WhatIfGoal.MIGRATABLE);
    WhatIf none = check(vm).whatIf(WhatIfGoal.MIGRATABLE, 0);
    int bounded = all.played() - none.played();
    WhatIf half = check(vm).whatIf(WhatIfGoal.MIGRATABLE, 4 * (bounded / 2));

    assertThat(all.isComplete()).isTrue();
    assertThat(all.leftOut()).isEmpty();
    assertThat(bounded).isPositive();
    assertThat(half.isComplete()).isFalse();
    assertThat(half.largest()).isEqualTo(2);
    assertThat(half.played()).isEqualTo(none.played() + bounded / 2);
    assertThat(half.leftOut())
        .containsExactly(
            "There are so many kinds of VFIO devices that "
                + (bounded - bounded / 2)
                + " sets of a change of some of them and another one were not tried.");
  }

  /** The host maps no memory above 1 GiB; behind this vIOMMU there is none to map (R-OBS-3). */
  @Test
  void aVirtualIommuIsAddedWhereItHelps() throws Exception {
    HostContainer low =
        HostContainer.builder().iovaRanges(List.of(new AddressRange(0, 0x3fffffffL))).build();
    VmConfig vm = q35(vfio(A, "enable-migration=on", "x-device-dirty-page-tracking=off"));
    HostFacts host = host(low, Map.of(A, can(P2P, DmaLogging.NONE)));
    Scenario scenario = scenario(QemuProfile.V11_1, vm, host, migrate());
    Plugins plugins =
        Plugins.of(
            List.of(new VfioPciProvider(), new IntelIommuProvider(), IdleIommuProvider.closed()));
    WhatIf found = MigrationCheck.of(scenario).plugins(plugins).whatIf(WhatIfGoal.CONDITIONAL);
    RemedyChange closed = new RemedyChange.Add("closed-iommu", Map.of());

    assertThat(found.verdict().kind()).isEqualTo(VerdictKind.REFUSED);
    assertThat(found.proposals())
        .filteredOn(proposal -> proposal.changes().equals(List.of(closed)))
        .singleElement()
        .satisfies(proposal -> {
          assertThat(proposal.texts())
              .containsExactly(
                  "have a vIOMMU, named before all other devices: -device closed-iommu");
          assertThat(proposal.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE);
          assertThat(proposal.command()).isEmpty();
        });
    assertThat(found.proposals())
        .as("with this one memory is mapped as without it")
        .noneMatch(proposal ->
            proposal.changes().stream()
                .anyMatch(change ->
                    change instanceof RemedyChange.Add add && add.driver().equals("intel-iommu")));
  }

  /** The log of the device takes no range as long as the memory; that of another one does. */
  @Test
  void R_DT_47_anotherTrackerIsTried() throws Exception {
    Plugins plugins =
        plugins()
            .withDirtyTrackers(
                List.of(
                    new DeviceLogTrackerProvider(),
                    new Mlx5TrackerProvider(),
                    new PdsTrackerProvider()));
    VmConfig vm = q35(vfio(A), vfio(B));
    TrackerRequest small =
        new TrackerRequest(Optional.of("v2"), "mlx5", Map.of("max-size-bits", "20"));
    WhatIf found =
        MigrationCheck.of(scenario(V11, vm, ANY, migrate()))
            .plugins(plugins)
            .tracker(small)
            .whatIf(WhatIfGoal.MIGRATABLE);
    RemedyChange other = new RemedyChange.Tracker("v2", "pds");

    assertThat(found.verdict().kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(found.proposals())
        .filteredOn(proposal -> proposal.changes().equals(List.of(other)))
        .singleElement()
        .satisfies(proposal -> {
          assertThat(proposal.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.HOST_CHANGE);
          assertThat(proposal.command()).contains("--tracker v2=pds");
          assertThat(proposal.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
        });
    Verdict then =
        MigrationCheck.of(scenario(V11, vm, ANY, migrate()))
            .plugins(plugins)
            .tracker(small)
            .apply(List.of(other))
            .decide();
    assertThat(then.kind()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  /** A release that is older than the machine type has the newest of its own. */
  @Test
  void anotherMachineTypeIsTried() throws Exception {
    VmConfig vm = q35(vfio(A)).toBuilder().machineType("pc-q35-11.0").build();
    Scenario scenario = scenario(V10, vm, ANY, migrate());
    WhatIf found = whatIf(WhatIfGoal.MIGRATABLE, scenario);
    RemedyChange other = new RemedyChange.Set("machine", "type", "q35");

    assertThat(found.verdict().kind()).isEqualTo(VerdictKind.REFUSED);
    assertThat(found.proposals())
        .filteredOn(proposal -> proposal.changes().equals(List.of(other)))
        .singleElement()
        .satisfies(proposal -> {
          assertThat(proposal.needs()).contains(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE);
          assertThat(proposal.command()).contains("--set machine.type=q35");
        });
    assertThatThrownBy(
            () -> applied(scenario, List.of(new RemedyChange.Set("machine", "type", "virt"))))
        .hasMessageContaining("machine.type is 'virt', expected a PC");
  }

  /** Only the second device is kept from migrating, so nothing is told of both. */
  @Test
  void whatOneDeviceNeedsIsNotToldOfAll() throws Exception {
    for (int others : new int[] {1, 7}) {
      List<DeviceConfig> devices = new ArrayList<>();
      devices.add(vfio(B, "enable-migration=off"));
      for (int i = 0; i < others; i++) {
        devices.add(vfio("0000:" + (13 + i) + ":00.0"));
      }
      WhatIf found =
          whatIf(
              WhatIfGoal.MIGRATABLE, scenario(V11, q35().devices(devices).build(), ANY, migrate()));

      assertThat(found.proposals())
          .extracting(Proposal::changes)
          .contains(List.of(new RemedyChange.Set("v2", "enable-migration", "auto")))
          .doesNotContain(List.of(new RemedyChange.Set("vfio-pci", "enable-migration", "auto")));
      assertThat(found.proposals())
          .filteredOn(proposal -> proposal.texts().get(0).startsWith("unplug"))
          .singleElement()
          .satisfies(
              unplug -> assertThat(unplug.changes()).contains(new RemedyChange.Remove("v2")));
    }
  }
}
