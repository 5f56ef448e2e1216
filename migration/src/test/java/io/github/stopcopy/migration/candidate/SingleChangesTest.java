package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.inGroup;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pages;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import io.github.stopcopy.vfiopci.tracker.PdsTrackerProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every decision that a user can take about a VM, once. */
class SingleChangesTest {

  private static final AskedTrackers TRACKERS = new AskedTrackers(Map.of(), "device-log");

  private static SingleChanges of(Scenario scenario) throws Exception {
    return new SingleChanges(scenario, plugins(), true, List.of(), TRACKERS);
  }

  private static List<Candidate> all(Scenario scenario) throws Exception {
    return of(scenario).all(Set.of()).stream().flatMap(part -> part.changes().stream()).toList();
  }

  private static List<Candidate> all(VmConfig vm) throws Exception {
    return all(scenario(V10, vm, HostFacts.CAPABLE, migrate()));
  }

  private static List<String> texts(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::text).toList();
  }

  /** The targets of the candidates that set enable-migration=off, one for each group of devices. */
  private static List<String> groups(List<Candidate> candidates) {
    return candidates.stream()
        .filter(each -> each.text().startsWith("set enable-migration=off on "))
        .map(each -> each.text().substring("set enable-migration=off on ".length()))
        .toList();
  }

  private static VmConfig devices(int count, int kinds) {
    VmConfigBuilder vm = q35();
    for (int i = 0; i < count; i++) {
      String host = String.format("00%02x:01:00.0", i);
      DeviceConfig device = vfio(host, "x-no-mmap=" + (i % kinds));
      vm.device(
          new DeviceConfig("vfio-pci", Optional.of("n" + i), device.bus(), device.settings()));
    }
    return vm.build();
  }

  @Test
  void aVmWithoutVfioDevicesOrVirtualIommuHasWhatConcernsItself() throws Exception {
    assertThat(texts(all(q35().build())))
        .filteredOn(text -> !text.startsWith("find out"))
        .containsExactly(
            "migrate with the capability multifd",
            "have at most 255 vCPUs",
            "set -machine kernel-irqchip=split",
            "give the guest's processor more address bits: -cpu ...,phys-bits=42",
            "give the guest's processor more address bits: -cpu ...,phys-bits=46",
            "give the guest's processor more address bits: -cpu ...,phys-bits=52",
            "run QEMU 11.1",
            "run QEMU 11.0 (not recorded)",
            "run QEMU 10.2 on the destination, as on the source",
            "patch QEMU (profile 8.1-iommu-pt; the patch is in no release)",
            "have the machine type pc, the newest of its family in this QEMU, instead of q35",
            "have the machine type pc-q35-9.1 instead of q35",
            "have the machine type pc-q35-9.0 instead of q35",
            "have the machine type pc-q35-8.2 instead of q35",
            "have the machine type pc-q35-8.0 instead of q35",
            "have the machine type pc-q35-7.0 instead of q35");
  }

  @Test
  void thePatchIsNoChangeForWhoHasIt() throws Exception {
    List<Candidate> patched = all(scenario(SEED, q35().build(), HostFacts.CAPABLE, migrate()));
    assertThat(texts(patched)).noneMatch(text -> text.startsWith("patch QEMU"));
  }

  @Test
  void aVirtualIommuGoesIsSetOtherwiseOrIsAnother() throws Exception {
    List<Candidate> with = all(q35(intel(), vfio(A)));
    assertThat(texts(with))
        .containsSubsequence(
            "set dma-translation=off on the vIOMMU, so that it only remaps interrupts; the guest"
                + " must know this (Linux from 5.10 on, Windows Server)",
            "set caching-mode=on on the vIOMMU",
            "set the width of the vIOMMU to aw-bits=48",
            "set the width of the vIOMMU to aw-bits=39",
            "remove the vIOMMU (-device intel-iommu); 1 vCPU does not need it for interrupts",
            "set dma-translation=on on the vIOMMU",
            "set intremap=off on the vIOMMU",
            "have a vIOMMU of type virtio-iommu-pci instead of intel-iommu",
            "name the vIOMMU before all other devices");
    assertThat(with)
        .filteredOn(each -> each.text().startsWith("have a vIOMMU of type virtio"))
        .extracting(Candidate::changes, Candidate::needs)
        .containsExactly(
            tuple(
                List.of(new RemedyChange.Replace("intel-iommu", "virtio-iommu-pci")),
                List.of(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE)));
    assertThat(texts(with)).noneMatch(text -> text.contains("of type intel-iommu instead"));
    assertThat(with)
        .extracting(Candidate::changes)
        .contains(List.of(new Action(Action.VIOMMU_FIRST)));
  }

  @Test
  void R_VIO_3_aRemovalThatTakesVcpusAlongIsTwoDecisions() throws Exception {
    VmConfig large = q35().vcpus(320).device(intel("eim=on")).build();
    assertThat(texts(all(large)))
        .anyMatch(text -> text.startsWith("remove the vIOMMU (-device intel-iommu) and keep 320"))
        .noneMatch(text -> text.startsWith("remove the vIOMMU (-device intel-iommu) and have"));
  }

  @Test
  void ofAlikeDevicesTheFirstStandsForAny() throws Exception {
    assertThat(groups(all(q35(vfio(A))))).containsExactly("v1");
    for (int count : new int[] {2, 4, 5, 64}) {
      List<String> groups = groups(all(devices(count, 1)));
      assertThat(groups).hasSize(2);
      assertThat(groups.get(0)).startsWith("every VFIO device (n0, n1");
      assertThat(groups.get(1)).isEqualTo("n0; any of the " + count + " that are alike will do");
    }
  }

  @Test
  void ofEachKindAllAreChangedAndOneIs() throws Exception {
    assertThat(groups(all(devices(5, 2))))
        .containsExactly(
            "every VFIO device (n0, n1, n2, n3 and 1 more)",
            "n0, n2, n4",
            "n0; any of the 3 that are alike will do",
            "n1, n3",
            "n1; any of the 2 that are alike will do");
    assertThat(groups(all(devices(3, 3))))
        .containsExactly("every VFIO device (n0, n1, n2)", "n0", "n1", "n2");
  }

  /** However many there are. */
  @Test
  void noKindIsLeftOut() throws Exception {
    SingleChanges ten = of(scenario(V10, devices(20, 10), HostFacts.CAPABLE, migrate()));
    assertThat(ten.all(Set.of())).hasSize(11);
    assertThat(ten.all(Set.of()).get(0).kind()).isEmpty();
    assertThat(ten.all(Set.of()).get(10).kind()).hasValue(9);
    assertThat(ten.leftOut()).isEmpty();
    assertThat(groups(all(devices(20, 10)))).contains("n9, n19");
  }

  @Test
  void aGroupCanBeUnpluggedOnItsOwn() throws Exception {
    assertThat(texts(all(devices(5, 2))))
        .filteredOn(text -> text.startsWith("unplug "))
        .extracting(text -> text.substring(0, text.indexOf(" before the migration")))
        .containsExactly(
            "unplug every VFIO device (n0, n1, n2, n3 and 1 more)",
            "unplug n0, n2, n4",
            "unplug n0",
            "unplug n1, n3",
            "unplug n1");
  }

  /** What the host knows, the place, and what happens later tell devices from each other. */
  @Test
  void devicesAreAlikeOnlyIfNothingTellsThemApart() throws Exception {
    VmConfig two = q35(vfio(A), vfio(B));
    Scenario alike = scenario(V10, two, host(Map.of(A, inGroup(5), B, inGroup(6))), migrate());
    assertThat(of(alike).all(Set.of())).as("a group each").hasSize(2);
    assertThat(of(scenario(V10, two, host(Map.of(A, can(NO_P2P))), migrate())).all(Set.of()))
        .hasSize(3);
    assertThat(
            of(scenario(V10, q35(vfio(A), intel(), vfio(B)), HostFacts.CAPABLE, migrate()))
                .all(Set.of()))
        .as("before and behind the vIOMMU")
        .hasSize(3);
    assertThat(of(scenario(V10, two, HostFacts.CAPABLE, del("v2"), migrate())).all(Set.of()))
        .as("one goes")
        .hasSize(3);
    assertThat(
            new SingleChanges(
                    scenario(V10, two, HostFacts.CAPABLE, migrate()),
                    plugins(),
                    true,
                    List.of(),
                    new AskedTrackers(Map.of(B, "mlx5"), "device-log"))
                .all(Set.of()))
        .hasSize(3);
  }

  @Test
  void machineTypesAreThoseThatTheReleaseHas() throws Exception {
    assertThat(machineTypes(QemuProfile.V8_2, "pc-q35-8.2"))
        .containsExactly("q35", "pc", "pc-q35-8.0", "pc-q35-7.0");
    assertThat(machineTypes(V10, "pc-i440fx-9.0"))
        .containsExactly(
            "q35", "pc", "pc-i440fx-9.1", "pc-i440fx-8.2", "pc-i440fx-8.0", "pc-i440fx-7.0");
    assertThat(machineTypes(V10, "pc-q35-rhel9.4.0"))
        .as("which of upstream's it has nobody knows")
        .containsExactly("q35", "pc");
  }

  private static List<String> machineTypes(QemuProfile profile, String now) throws Exception {
    VmConfig vm = q35().machineType(now).build();
    List<String> types = new ArrayList<>();
    for (Candidate each : all(scenario(profile, vm, HostFacts.CAPABLE, migrate()))) {
      for (RemedyChange change : each.changes()) {
        if (change instanceof RemedyChange.Set set && set.property().equals("type")) {
          types.add(set.value());
        }
      }
    }
    return types;
  }

  /** A dump says where memory is with the machine that there is. */
  @Test
  void withADumpOtherMachinesAreLeftOutAndThatIsTold() throws Exception {
    List<PlacedRegion> ram =
        List.of(
            new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 0x7fffffffL), 0, false));
    VmConfig vm =
        q35()
            .memory(
                MachineMemory.fixed(new MemoryPlan(ram, ram, Optional.of(ram), 4 * GIB, 8 * GIB)))
            .build();
    SingleChanges dumped = of(scenario(V10, vm, HostFacts.CAPABLE, migrate()));
    assertThat(texts(dumped.all(Set.of()).get(0).changes()))
        .noneMatch(text -> text.contains("machine type"));
    assertThat(dumped.leftOut())
        .singleElement()
        .asString()
        .startsWith("Other machine types were not tried");
  }

  @Test
  void aVirtualIommuCanBeAddedWhereNoneIs() throws Exception {
    assertThat(all(q35(vfio(A))))
        .filteredOn(each -> isAddition(each))
        .extracting(Candidate::text)
        .contains(
            "have a vIOMMU, named before all other devices: -device"
                + " intel-iommu,caching-mode=on,aw-bits=39",
            "have a vIOMMU, named before all other devices: -device"
                + " intel-iommu,caching-mode=on,aw-bits=48")
        .anyMatch(text -> text.contains("-device virtio-iommu-pci"));
    assertThat(all(q35(intel(), vfio(A)))).noneMatch(each -> isAddition(each));
  }

  private static boolean isAddition(Candidate candidate) {
    return candidate.changes().stream().anyMatch(RemedyChange.Add.class::isInstance);
  }

  /**
   * Each that can migrate and log differently, for a device that lacks something; of a vendor that
   * is known its own only.
   */
  @Test
  void R_HOST_C4_kernelDriversAreThoseThatMayServeTheDevice() throws Exception {
    assertThat(drivers(unable()))
        .containsExactly(
            "mlx5_vfio_pci", "hisi_acc_vfio_pci", "pds_vfio_pci", "virtio_vfio_pci", "xe_vfio_pci");
    assertThat(drivers(HostDevice.builder().dmaLogging(DmaLogging.NONE))).hasSize(5);
    assertThat(drivers(HostDevice.builder().migration(NO_P2P))).hasSize(5);
    assertThat(drivers(unable().pciId("1dd8:1003"))).containsExactly("pds_vfio_pci");
    assertThat(drivers(unable().pciId("8086:4941"))).containsExactly("qat_vfio_pci", "xe_vfio_pci");
    assertThat(drivers(unable().pciId("10de:2342"))).isEmpty();
    assertThat(drivers(unable().driver("virtio_vfio_pci"))).isEmpty();
    assertThat(drivers(HostDevice.builder())).as("it lacks nothing").isEmpty();
  }

  private static HostDeviceBuilder unable() {
    return HostDevice.builder().migration(MigrationSupport.failing(Errno.ENOTTY));
  }

  private static List<String> drivers(HostDeviceBuilder device) throws Exception {
    List<String> drivers = new ArrayList<>();
    HostFacts host = host(Map.of(A, device.build()));
    for (Candidate each : all(scenario(V10, q35(vfio(A)), host, migrate()))) {
      for (RemedyChange change : each.changes()) {
        if (change instanceof RemedyChange.Set set && set.property().endsWith(".driver")) {
          drivers.add(set.value());
        }
      }
    }
    return drivers;
  }

  @Test
  void trackersAreThoseOfOtherHardware() throws Exception {
    Plugins plugins =
        plugins()
            .withDirtyTrackers(
                List.of(
                    new AllDirtyTrackerProvider(),
                    new DeviceLogTrackerProvider(),
                    new Mlx5TrackerProvider(),
                    new PdsTrackerProvider()));
    assertThat(trackers(plugins, TRACKERS))
        .containsExactly(
            List.of(new RemedyChange.Tracker("", "mlx5")),
            List.of(new RemedyChange.Tracker("", "pds")),
            List.of(new RemedyChange.Tracker("v1", "mlx5")),
            List.of(new RemedyChange.Tracker("v1", "pds")));
    assertThat(trackers(plugins, new AskedTrackers(Map.of(B, "pds"), "mlx5")))
        .as("one for all does not reach v2")
        .containsExactly(
            List.of(new RemedyChange.Tracker("v1", "mlx5"), new RemedyChange.Tracker("v2", "mlx5")),
            List.of(new RemedyChange.Tracker("v1", "pds"), new RemedyChange.Tracker("v2", "pds")),
            List.of(new RemedyChange.Tracker("v1", "pds")),
            List.of(new RemedyChange.Tracker("v2", "mlx5")));
  }

  private static List<List<RemedyChange>> trackers(Plugins plugins, AskedTrackers asked) {
    Scenario scenario = scenario(V10, q35(vfio(A), vfio(B)), HostFacts.CAPABLE, migrate());
    return new SingleChanges(scenario, plugins, true, List.of(), asked)
        .all(Set.of()).stream()
            .flatMap(part -> part.changes().stream())
            .map(Candidate::changes)
            .filter(changes -> changes.stream().anyMatch(RemedyChange.Tracker.class::isInstance))
            .toList();
  }

  @Test
  void whatASettingRestsOnIsSaid() throws Exception {
    List<Candidate> all = all(q35(vfio(A)));
    assertThat(texts(all)).as("there is none").noneMatch(text -> text.contains("the vIOMMU "));
    assertThat(all)
        .filteredOn(each -> each.text().equals("set enable-migration=on on v1"))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(new RemedyChange.Set("v1", "enable-migration", "on"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART);
          assertThat(each.assumes())
              .containsExactly(
                  "the link is fast enough: what nobody tracks is sent again at every pass");
        });
    assertThat(all)
        .filteredOn(each -> each.text().equals("set enable-migration=off on v1"))
        .extracting(Candidate::assumes)
        .containsExactly(List.of());
  }

  /** Those that a reason names are looked at first, as a budget may end before the others. */
  @Test
  void theKindsOfConcernedDevicesComeFirst() throws Exception {
    SingleChanges changes =
        of(scenario(V10, q35(vfio(A), vfio(B, "x-no-mmap=on")), HostFacts.CAPABLE, migrate()));

    assertThat(groups(changes.all(Set.of()).get(1).changes())).containsExactly("v1");
    assertThat(groups(changes.all(Set.of(A)).get(1).changes())).containsExactly("v1");
    assertThat(groups(changes.all(Set.of(B)).get(1).changes())).containsExactly("v2");
    assertThat(groups(changes.all(Set.of(B)).get(2).changes())).containsExactly("v1");
  }

  private static List<String> idle(VmConfig vm) throws Exception {
    SingleChanges changes = of(scenario(V10, vm, HostFacts.CAPABLE, migrate()));
    return changes.all(Set.of()).stream()
        .flatMap(part -> part.changes().stream())
        .filter(changes::isIdle)
        .map(Candidate::text)
        .toList();
  }

  @Test
  void whatIsTheDefaultOrNotThereChangesNothing() throws Exception {
    String auto = "set enable-migration=auto on ";
    String later = "set x-migration-iommu-pt=on on ";
    assertThat(idle(q35(vfio(A))))
        .contains(auto + "v1", later + "v1", "set x-pre-copy-dirty-page-tracking=on on v1")
        .doesNotContain(
            "set enable-migration=off on v1", "set x-pre-copy-dirty-page-tracking=off on v1");
    assertThat(idle(q35(vfio(A, "enable-migration=off"))))
        .as("the device says something else")
        .contains(later + "v1")
        .doesNotContain(auto + "v1");
    assertThat(
            idle(
                q35()
                    .device(vfio(A))
                    .global(
                        new GlobalProperty(
                            "vfio-pci", PropertySetting.of("enable-migration", "off")))
                    .build()))
        .as("all devices say something else")
        .contains(later + "v1")
        .doesNotContain(auto + "v1");
    assertThat(
            idle(
                q35()
                    .device(vfio(A))
                    .global(new GlobalProperty("vfio-pci", PropertySetting.of("x-no-mmap", "on")))
                    .build()))
        .as("they say something of another property")
        .contains(auto + "v1");
    assertThat(idle(q35(vfio(A), vfio(B, "enable-migration=off"))))
        .as("one of two says something else")
        .contains(auto + "v1", later + "every VFIO device (v1, v2)")
        .doesNotContain(auto + "every VFIO device (v1, v2)", auto + "v2");
  }

  @Test
  void whatAVirtualIommuHasByItselfIsUpToTheMachine() throws Exception {
    assertThat(idle(q35(intel())))
        .filteredOn(text -> text.endsWith(" on the vIOMMU"))
        .containsExactly("set dma-remap=on on the vIOMMU", "set dma-remap=off on the vIOMMU");
  }

  @Test
  void ofATypeThatNobodyKnowsNothingIsKnownToBeIdle() throws Exception {
    Scenario scenario = scenario(V10, q35(vfio(A)), HostFacts.CAPABLE, migrate());
    SingleChanges changes =
        new SingleChanges(
            scenario, Plugins.of(List.of(new IntelIommuProvider())), true, List.of(), TRACKERS);

    assertThat(changes.all(Set.of()).get(0).changes()).isNotEmpty().noneMatch(changes::isIdle);
  }

  /** However it is named in the step, and whatever the step does. */
  @Test
  void whatHappensToOneDeviceMakesItAKindOfItsOwn() throws Exception {
    AddressRange page = new AddressRange(0, 0xfff);
    for (String name : List.of("v2", B)) {
      for (Step step :
          List.of(
              del(name),
              new Step.DmaWrite(name, page),
              new Step.MoveBar(name, 0, Optional.empty()),
              pages(Step.ViommuOperation.MAP, name, 0, 0, 1))) {
        assertThat(kinds(q35(vfio(A), vfio(B), vfio(C)), step))
            .as("%s of %s", step, name)
            .isEqualTo(2);
      }
    }
    assertThat(kinds(q35(vfio(A), vfio(B)), del("v7"))).isEqualTo(1);
    assertThat(kinds(q35(vfio(A), vfio(B)), guest(Step.ViommuOperation.ENABLE))).isEqualTo(1);
    assertThat(kinds(q35(vfio(A), vfio(B)), add(vfio(C)))).as("plugged later").isEqualTo(2);
  }

  private static int kinds(VmConfig vm, Step step) throws Exception {
    return of(scenario(V10, vm, HostFacts.CAPABLE, step, migrate())).all(Set.of()).size() - 1;
  }

  @Test
  void R_HOST_C4_aDriverIsToldWithTheDevicesThatItServes() throws Exception {
    HostDevice plain = unable().build();
    assertThat(bound(q35(vfio(A)), host(Map.of(A, plain))))
        .allMatch(text -> text.contains("on the host, if v1 is "))
        .hasSize(5);
    assertThat(bound(q35(vfio(A), vfio(B)), host(Map.of(A, plain, B, plain))))
        .anyMatch(text -> text.contains("on the host, if v1, v2 are each "));
    assertThat(all(scenario(V10, q35(vfio(A)), host(Map.of(A, plain)), migrate())))
        .filteredOn(each -> each.text().startsWith("bind "))
        .as("of one driver's card the firmware counts too")
        .allSatisfy(each ->
            assertThat(each.assumes()).hasSize(each.text().startsWith("bind mlx5") ? 2 : 1));
  }

  private static List<String> bound(VmConfig vm, HostFacts host) throws Exception {
    return texts(all(scenario(V10, vm, host, migrate()))).stream()
        .filter(text -> text.startsWith("bind "))
        .toList();
  }
}
