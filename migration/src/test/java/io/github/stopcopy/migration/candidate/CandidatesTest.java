package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.port;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What could help, as sentences and as changes; whether it does is for the model to say. */
class CandidatesTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static List<Candidate> of(RemedyKind kind, Scenario scenario) throws Exception {
    return of(kind, scenario, true);
  }

  private static List<Candidate> of(RemedyKind kind, Scenario scenario, boolean starts)
      throws Exception {
    TargetDevices devices = new TargetDevices(scenario);
    return new RemedyCandidates(scenario, plugins(), starts, List.of()).of(kind, devices.all());
  }

  private static List<Candidate> of(RemedyKind kind, DeviceConfig... devices) throws Exception {
    return of(kind, scenario(V10, q35(devices), ANY, migrate()));
  }

  @Test
  void devicesAreUnpluggedFromTheRunningVmWhereTheyCanBe() throws Exception {
    Candidate all =
        of(RemedyKind.UNPLUG_ALL_FOR_MIGRATION, port("rp1", "1c.0"), vfio(A, "bus=rp1")).get(0);
    assertThat(all.text())
        .isEqualTo("unplug v1 before the migration, and plug in the like on the other side");
    assertThat(all.changes()).containsExactly(new Action(Action.UNPLUG_FOR_MIGRATION));
    assertThat(all.needs()).containsExactly(RemedyNeed.UNPLUG);
    assertThat(all.assumes())
        .containsExactly("the guest lets go of the devices when it is asked to");
    assertThat(of(RemedyKind.UNPLUG_ALL_FOR_MIGRATION, intel())).as("no VFIO device").isEmpty();
  }

  @Test
  void aVmThatDoesNotStartStartsWithoutTheDevices() throws Exception {
    Candidate without =
        of(RemedyKind.UNPLUG_ALL_FOR_MIGRATION, scenario(V10, q35(vfio(A)), ANY), false).get(0);
    assertThat(without.text())
        .isEqualTo("start and migrate without v1, and plug in what is needed afterwards");
    assertThat(without.changes()).containsExactly(new RemedyChange.Remove("v1"));
    assertThat(without.needs()).containsExactly(RemedyNeed.RESTART);
  }

  @Test
  void ofDevicesWithoutP2pOneMayStayOnlyIfThereIsNoOther() throws Exception {
    HostFacts both = host(Map.of(A, can(NO_P2P), B, can(NO_P2P)));
    Scenario alone = scenario(V10, pc(vfio(A), vfio(B)), both);
    assertThat(of(RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P, alone))
        .extracting(Candidate::changes)
        .containsExactly(
            List.of(new RemedyChange.Remove("v2"), new Action(Action.UNPLUG_FOR_MIGRATION)));
    HostFacts one = host(Map.of(A, can(NO_P2P)));
    assertThat(of(RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P, scenario(V10, pc(vfio(A), vfio(B)), one)))
        .extracting(Candidate::changes)
        .containsExactly(
            List.of(new RemedyChange.Remove("v1"), new Action(Action.UNPLUG_FOR_MIGRATION)));
    assertThat(of(RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P, scenario(V10, pc(vfio(A)), ANY)))
        .isEmpty();
    assertThat(of(RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P, scenario(V10, pc().build(), ANY)))
        .isEmpty();
  }

  private static List<String> texts(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::text).toList();
  }

  private static List<String> capabilities(String... on) throws Exception {
    return texts(
        of(RemedyKind.WITHOUT_CAPABILITIES, scenario(V10, q35().build(), ANY, migrate(on))));
  }

  @Test
  void capabilitiesAreLeftOutOneByOneAndTogether() throws Exception {
    assertThat(capabilities()).isEmpty();
    assertThat(capabilities("xbzrle"))
        .containsExactly("migrate with the capability return-path", "migrate without xbzrle");
    assertThat(capabilities("return-path")).containsExactly("migrate without return-path");
    assertThat(capabilities("xbzrle", "auto-converge"))
        .containsExactly(
            "migrate with the capability return-path",
            "migrate without auto-converge",
            "migrate without xbzrle",
            "migrate without auto-converge and xbzrle");
  }

  @Test
  void R_BLK_8_whatVfioRefusesIsLeftOutFirst() throws Exception {
    assertThat(capabilities("xbzrle", "postcopy-ram", "background-snapshot"))
        .startsWith("migrate without background-snapshot and postcopy-ram")
        .doesNotContain("migrate with the capability return-path");
    assertThat(capabilities("postcopy-ram")).containsExactly("migrate without postcopy-ram");
  }

  @Test
  void aListLongerThanAnyQemuKnowsIsNotTakenApart() throws Exception {
    String[] known = new String[32];
    for (int i = 0; i < 32; i++) {
      known[i] = "c" + i;
    }
    assertThat(capabilities(known)).hasSize(34);
    String[] more = Arrays.copyOf(known, 33);
    more[32] = "c32";
    assertThat(capabilities(more)).isEmpty();
  }

  @Test
  void R_OBS_167_multifdComesWithTheMigrationOrTheTransferGoes() throws Exception {
    List<Candidate> both =
        of(RemedyKind.MULTIFD_TRANSFER, vfio(A, "x-migration-multifd-transfer=on"), vfio(B));
    assertThat(texts(both))
        .containsExactly(
            "migrate with the capability multifd", "set x-migration-multifd-transfer=auto");
    assertThat(both.get(1).changes())
        .containsExactly(new RemedyChange.Set("v1", "x-migration-multifd-transfer", "auto"));
    assertThat(both.get(1).needs()).containsExactly(RemedyNeed.RESTART);
    assertThat(of(RemedyKind.MULTIFD_TRANSFER, vfio(A))).hasSize(1);
  }

  @Test
  void anIncomingVmWaits() throws Exception {
    assertThat(of(RemedyKind.AFTER_INCOMING, vfio(A))).isEmpty();
    assertThat(of(RemedyKind.AFTER_INCOMING, scenario(V10, q35().incoming(true).build(), ANY)))
        .extracting(Candidate::changes)
        .containsExactly(List.of(new Action(Action.WAIT_FOR_INCOMING)));
  }

  @Test
  void R_OBS_115_theStandbyIsToldToStandIn() throws Exception {
    DeviceConfig net = device("virtio-net-pci", "net1");
    List<Candidate> found = of(RemedyKind.FAILOVER_STANDBY, net, vfio(A, "failover_pair_id=net1"));
    assertThat(found)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text())
              .isEqualTo("set failover=on on the virtio-net device that stands in for v1");
          assertThat(each.changes())
              .containsExactly(new RemedyChange.Set("net1", "failover", "on"));
          assertThat(each.assumes()).hasSize(1);
        });
    assertThat(of(RemedyKind.FAILOVER_STANDBY, net)).as("no primary").isEmpty();
    assertThat(of(RemedyKind.FAILOVER_STANDBY, net, vfio(A, "failover_pair_id=net2"))).isEmpty();
    assertThat(
            of(
                RemedyKind.FAILOVER_STANDBY,
                device("e1000", "net1"),
                vfio(A, "failover_pair_id=net1")))
        .as("not a virtio-net device")
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"VIOMMU_WIDTH, '48 39'", "NARROWER_VIOMMU, 39"})
  void theWidthOfTheVirtualIommu(RemedyKind kind, String bits) throws Exception {
    List<String> expected = new ArrayList<>();
    for (String one : bits.split(" ")) {
      expected.add("set the width of the vIOMMU to aw-bits=" + one);
    }
    assertThat(texts(of(kind, intel()))).isEqualTo(expected);
    assertThat(of(kind, vfio(A))).as("no vIOMMU").isEmpty();
  }

  @Test
  void R_HOST_C1_whatWasAssumedIsFoundOut() throws Exception {
    HostDevice assumed =
        HostDevice.builder()
            .migration(MigrationSupport.of(true, false, true))
            .dmaLogging(DmaLogging.NONE)
            .assumed(Fact.MIGRATION, Fact.DMA_LOGGING)
            .build();
    List<Candidate> found =
        of(RemedyKind.HOST_FACTS, scenario(V10, q35(vfio(A)), host(Map.of(A, assumed))));
    assertThat(found)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Set("host", "devices." + A + ".migration", "stop-copy,pre-copy"),
                  new RemedyChange.Set("host", "devices." + A + ".dma-logging", "off"));
          assertThat(each.text()).contains("the kernel driver of v1", "--driver [DEVICE=]NAME");
          assertThat(each.assumes()).containsExactly("what is found is what was assumed");
        });
    HostDevice driven = assumed.toBuilder().driver("mlx5_vfio_pci").build();
    assertThat(of(RemedyKind.HOST_FACTS, scenario(V10, q35(vfio(A)), host(Map.of(A, driven)))))
        .extracting(Candidate::text)
        .noneMatch(text -> text.contains("--driver"));
  }

  @Test
  void R_HOST_C4_onlyDevicesOfPlainVfioGetAnotherDriver() throws Exception {
    HostDevice plain = HostDevice.builder().driver("vfio-pci").build();
    HostDevice served = HostDevice.builder().driver("mlx5_vfio_pci").build();
    List<Candidate> found =
        of(
            RemedyKind.KERNEL_DRIVER,
            scenario(V10, q35(vfio(A), vfio(B)), host(Map.of(A, plain, B, served))));
    assertThat(found)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Set("host", "devices." + A + ".driver", "mlx5_vfio_pci"));
          assertThat(each.text()).contains("on the host, if v1 is a virtual function");
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.HOST_CHANGE);
        });
    assertThat(of(RemedyKind.KERNEL_DRIVER, scenario(V10, q35(vfio(B)), host(Map.of(B, served)))))
        .isEmpty();
    assertThat(of(RemedyKind.KERNEL_DRIVER, vfio(A), vfio(B)).get(0).text())
        .contains("if v1, v2 are each a virtual function");
  }

  @Test
  void theDestinationIsBoundLikeTheSource() {
    Scenario source =
        scenario(
            V10,
            q35(vfio(A), vfio(B)),
            host(Map.of(A, HostDevice.builder().driver("qat_vfio_pci").build())));
    List<LoadedDevice> loaded =
        List.of(
            new LoadedDevice(A, Optional.of("v1"), "s", Optional.of("0000:81:00.0"), false),
            new LoadedDevice(B, Optional.of("v2"), "s", Optional.of("0000:82:00.0"), false));
    DestinationCandidates candidates = new DestinationCandidates(source, loaded);
    assertThat(candidates.driver(List.of(vfio(A))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text()).isEqualTo("on the destination bind qat_vfio_pci to 0000:81:00.0");
          assertThat(each.needs()).containsExactly(RemedyNeed.HOST_CHANGE);
          assertThat(each.assumes()).isEmpty();
        });
    Candidate guessed = candidates.driver(List.of(vfio(A), vfio(B))).get(0);
    assertThat(guessed.text())
        .isEqualTo(
            "on the destination bind mlx5_vfio_pci to 0000:82:00.0, qat_vfio_pci to 0000:81:00.0");
    assertThat(guessed.changes())
        .containsExactly(
            new RemedyChange.Set("destination", "devices.0000:81:00.0.driver", "qat_vfio_pci"),
            new RemedyChange.Set("destination", "devices.0000:82:00.0.driver", "mlx5_vfio_pci"));
    assertThat(guessed.assumes())
        .singleElement()
        .asString()
        .startsWith("0000:82:00.0 is a virtual function");
    assertThat(candidates.driver(List.of(vfio("0000:07:00.0")))).as("nothing there").isEmpty();
  }

  @Test
  void R_OBS_105_settingsThatAnotherReleaseHasOrOnlyDisplaysAreLeftOut() throws Exception {
    Scenario old =
        scenario(
            QemuProfile.V8_2,
            q35(
                intel("fsts=on"),
                vfio(A, "x-device-dirty-page-tracking=on", "display=on", "x-nonsense=1"),
                device("e1000", "n", "x-device-dirty-page-tracking=on")),
            ANY);
    assertThat(of(RemedyKind.WITHOUT_SETTINGS, old))
        .singleElement()
        .satisfies(each ->
            assertThat(each.changes())
                .contains(
                    new RemedyChange.Unset("v1", "x-device-dirty-page-tracking"),
                    new RemedyChange.Unset("v1", "display"))
                .doesNotContain(new RemedyChange.Unset("v1", "x-nonsense")));
    assertThat(of(RemedyKind.WITHOUT_SETTINGS, vfio(A))).isEmpty();
  }

  @Test
  void aNewerReleaseIsOneThatWasRecordedRather() throws Exception {
    assertThat(texts(of(RemedyKind.NEWER_RELEASE, scenario(QemuProfile.V10_0, q35().build(), ANY))))
        .containsExactly(
            "run QEMU 10.2",
            "run QEMU 11.1",
            "run QEMU 10.1 (not recorded)",
            "run QEMU 11.0 (not recorded)");
    assertThat(of(RemedyKind.NEWER_RELEASE, scenario(QemuProfile.V11_1, q35().build(), ANY)))
        .isEmpty();
  }

  @Test
  void theContainerTracksFromTheReleaseOnThatLetsIt() throws Exception {
    List<Candidate> behind = of(RemedyKind.CONTAINER_TRACKING_BEHIND_VIOMMU, intel(), vfio(A));
    assertThat(behind)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text()).startsWith("run QEMU 11.1 and set x-device-dirty-page-tracking");
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.NEWER_QEMU);
          assertThat(each.assumes()).hasSize(1);
        });
    List<Candidate> now = of(RemedyKind.CONTAINER_TRACKING, vfio(A));
    assertThat(now.get(0).changes())
        .containsExactly(
            new RemedyChange.Set("v1", "x-device-dirty-page-tracking", "off"),
            new RemedyChange.Set("v1", "enable-migration", "on"));
    assertThat(now.get(0).needs()).containsExactly(RemedyNeed.RESTART);
  }

  @Test
  void theDearestNeedIsTheEffort() {
    assertThat(Candidate.of("look", List.of()).effort()).isNegative();
    assertThat(Candidate.of("unplug", List.of(), RemedyNeed.UNPLUG).effort())
        .isLessThan(Candidate.of("both", List.of(), RemedyNeed.UNPLUG, RemedyNeed.RESTART).effort())
        .isZero();
  }

  @Test
  void againstAReasonOfTheVmAllDevicesAreMeantAndAgainstOneOfDevicesThose() throws Exception {
    Scenario scenario = scenario(V10, q35(vfio(A), vfio(B)), ANY, migrate());
    RemedyCandidates candidates = new RemedyCandidates(scenario, plugins(), true, List.of());
    String code = "MIGRATION_DISABLED";
    assertThat(candidates.against("NO_SUCH_CODE", List.of())).isEmpty();
    assertThat(candidates.against(code, List.of(B)))
        .extracting(Candidate::changes)
        .contains(List.of(new RemedyChange.Set("v2", "enable-migration", "auto")));
    assertThat(candidates.against(code, List.of()))
        .extracting(Candidate::changes)
        .contains(List.of(new RemedyChange.Set("vfio-pci", "enable-migration", "auto")));
  }

  @Test
  void ofADriverThatNobodyKnowsTheMostCommonIsTriedThere() {
    Scenario source =
        scenario(
            V10, q35(vfio(A)), host(Map.of(A, HostDevice.builder().driver("our_pci").build())));
    LoadedDevice loaded =
        new LoadedDevice(A, Optional.of("v1"), "s", Optional.of("0000:81:00.0"), false);

    assertThat(new DestinationCandidates(source, List.of(loaded)).driver(List.of(vfio(A))))
        .extracting(Candidate::text)
        .containsExactly("on the destination bind mlx5_vfio_pci to 0000:81:00.0");
  }

  @Test
  void R_OBS_105_aSettingOfTheVirtualIommuIsLeftOutToo() throws Exception {
    assertThat(of(RemedyKind.WITHOUT_SETTINGS, scenario(V10, q35(intel("scalable-mode=on")), ANY)))
        .extracting(Candidate::changes)
        .containsExactly(List.of(new RemedyChange.Unset("intel-iommu", "scalable-mode")));
  }

  @Test
  void whatAnotherMachineTypeRestsOnDependsOnItsChipset() {
    VmConfig vm = q35().machineType("pc-q35-9.0").build();
    for (Candidate each : MachineTypeCandidates.of(scenario(V10, vm, ANY))) {
      boolean isOther = each.text().startsWith("have the machine type pc,");
      assertThat(each.assumes())
          .singleElement()
          .asString()
          .startsWith(
              isOther
                  ? "the guest starts on the other machine, "
                  : "the guest starts on the other version of its machine, ");
    }
  }
}
