package io.github.stopcopy.migration.change;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.context;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static io.github.stopcopy.migration.TestVm.withPorts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyChange.Remove;
import io.github.stopcopy.migration.remedy.RemedyChange.Set;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import io.github.stopcopy.migration.scenario.Story;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each change as data does to a scenario, and what it leaves alone. */
class ChangesTest {

  private static final Changes CHANGES = new Changes(List.of("intel-iommu"));
  private static final Action UNPLUG = new Action(Action.UNPLUG_FOR_MIGRATION);
  private static final Step ENABLE = guest(ViommuOperation.ENABLE);

  private static Scenario apply(Scenario scenario, RemedyChange... changes) throws Exception {
    return CHANGES.apply(scenario, List.of(changes));
  }

  private static Scenario of(List<DeviceConfig> devices, Step... steps) {
    return scenario(V10, pc().devices(devices).build(), HostFacts.CAPABLE, steps);
  }

  private static List<String> settings(Scenario scenario, String property) {
    return VfioDevices.of(scenario).stream()
        .map(device -> device.setting(property).orElse("-"))
        .toList();
  }

  @Test
  void anAddedDeviceStandsBeforeAllOthersWithItsSettings() throws Exception {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("caching-mode", "on");
    settings.put("aw-bits", "39");
    RemedyChange.Add add = new RemedyChange.Add("intel-iommu", settings);
    Scenario after = apply(of(List.of(vfio(A)), migrate()), add);

    assertThat(after.vm().devices())
        .containsExactly(device("intel-iommu", "", "caching-mode=on", "aw-bits=39"), vfio(A));
    assertThat(add.option()).isEqualTo("intel-iommu,caching-mode=on,aw-bits=39");
  }

  /** It is no part of the scenario, but of who plays it. */
  @Test
  void aTrackerLeavesTheScenarioAsItIs() throws Exception {
    Scenario before = of(List.of(vfio(A)), migrate());
    assertThat(apply(before, new RemedyChange.Tracker("v1", "mlx5"))).isEqualTo(before);
  }

  @Test
  void anIdNamesOneDeviceAndATypeAllAlsoThoseOfLaterSteps() throws Exception {
    Scenario before = of(List.of(intel(), vfio(A), vfio(B)), add(vfio(C)), migrate());

    assertThat(settings(apply(before, new Set("v2", "x", "1")), "x"))
        .containsExactly("-", "1", "-");
    assertThat(settings(apply(before, new Set(C, "x", "1")), "x")).containsExactly("-", "-", "1");
    assertThat(settings(apply(before, new Set("vfio-pci", "x", "1")), "x"))
        .containsExactly("1", "1", "1");
    assertThat(apply(before, new Set("intel-iommu", "x", "1")).vm().devices().get(0).setting("x"))
        .contains("1");
    assertThat(settings(apply(before, new Set("intel-iommu", "x", "1")), "x"))
        .containsExactly("-", "-", "-");
  }

  @Test
  void anIdComesBeforeATypeOfTheSameName() throws Exception {
    Scenario before = of(List.of(vfio(A), device("vfio-pci", "vfio-pci", "host=" + B)));

    assertThat(settings(apply(before, new Set("vfio-pci", "x", "1")), "x"))
        .containsExactly("-", "1");
  }

  @Test
  void theMachineAndTheRestAreNoDevices() throws Exception {
    Scenario before = of(List.of(vfio(A)), migrate("postcopy-ram", "xbzrle"));

    assertThat(apply(before, new Set("machine", "kernel-irqchip", "on")).vm().machineOptions())
        .containsEntry("kernel-irqchip", "on");
    assertThat(apply(before, new Set("cpu", "phys-bits", "46")).vm().cpuOptions())
        .containsEntry("phys-bits", "46");
    assertThat(apply(before, new Set("smp", "cpus", "12")).vm().vcpus()).isEqualTo(12);
    assertThat(apply(before, new Set("memory", "size", "3G")).vm().ramSize()).isEqualTo(3L << 30);
    assertThat(apply(before, new Set("object", "i0", "iommufd")).vm().objects().get("i0").type())
        .isEqualTo("iommufd");
    assertThat(apply(before, new Set("migrate", "postcopy-ram", "off")).steps())
        .contains(migrate("xbzrle"));
    assertThat(apply(before, new RemedyChange.Release(V11)).profile()).isEqualTo(V11);
  }

  @Test
  void aMachineOptionSpeltWithUnderscoresIsReplaced() throws Exception {
    Scenario before =
        scenario(
            V10, q35().machineOption("default_bus_bypass_iommu", "on").build(), HostFacts.CAPABLE);

    assertThat(
            apply(before, new Set("machine", "default-bus-bypass-iommu", "off"))
                .vm()
                .machineOptions())
        .containsEntry("default_bus_bypass_iommu", "off")
        .doesNotContainKey("default-bus-bypass-iommu");
  }

  @Test
  void aFactOfTheHostHasANamedDevice() {
    Scenario vm = scenario(V10, q35(vfio(A)), HostFacts.CAPABLE);
    for (String key : List.of("devices..driver", "devices.driver", "devices." + A + ".colour")) {
      assertThatThrownBy(() ->
              new Changes(List.of())
                  .apply(vm, List.of(new RemedyChange.Set("host", key, "mlx5_vfio_pci"))))
          .as(key)
          .isInstanceOf(InputException.class);
    }
  }

  @Test
  void factsOfTheHostChange() throws Exception {
    Scenario before = of(List.of(vfio(A)));
    HostFacts tracks =
        apply(before, new Set("host", "containers.iommu-dirty-tracking", "on")).host();
    HostFacts bound =
        apply(before, new Set("host", "devices." + A + ".driver", "hisi_acc_vfio_pci")).host();

    assertThat(tracks.container().iommuDirtyTracking()).contains(true);
    assertThat(bound.device(A).dmaLogging().supported()).isFalse();
    assertThat(bound.device(A).migration().p2p()).isFalse();
    assertThat(bound.device(B)).isEqualTo(before.host().device(B));
  }

  /** R-HOST C4: what a driver is known to do is not what somebody saw the device do. */
  @Test
  void factsOfADeviceAreGivenAndThoseOfItsDriverAreNot() throws Exception {
    String device = "devices." + A + ".";
    Set migration = new Set("host", device + "migration", "p2p,stop-copy");
    Set logging = new Set("host", device + "dma-logging", "off");
    Scenario before = of(List.of(vfio(A)));

    HostDevice told = apply(before, migration, logging).host().device(A);
    assertThat(told.migration()).isEqualTo(HostDevice.MigrationSupport.of(true, true, false));
    assertThat(told.dmaLogging().supported()).isFalse();
    assertThat(told.given()).containsExactly(Fact.MIGRATION, Fact.DMA_LOGGING);

    Set driver = new Set("host", device + "driver", "pds_vfio_pci");
    HostDevice bound = apply(before, migration, logging, driver).host().device(A);
    assertThat(bound.driver()).contains("pds_vfio_pci");
    assertThat(bound.dmaLogging().supported()).isTrue();
    assertThat(bound.given()).isEmpty();
  }

  @Test
  void theMachineTypeIsThatOfTheVmAndNoOption() throws Exception {
    VmConfig changed = apply(of(List.of(vfio(A))), new Set("machine", "type", "pc")).vm();
    assertThat(changed.machineType()).isEqualTo("pc");
    assertThat(changed.machineOptions()).doesNotContainKey("type");
  }

  @ParameterizedTest
  @CsvSource({
    "v9, x, 1, 'no device ''v9'', expected one of v1'",
    "v1, id, other, 'id'",
    "v1, bus, other, 'bus'",
    "smp, cores, 2, 'expected cpus'",
    "smp, cpus, 0, '1 to 65535'",
    "smp, cpus, many, '1 to 65535'",
    "memory, size, none, 'memory.size'",
    "memory, slots, 4, 'expected size'",
    "machine, type, microvm, 'machine.type is ''microvm'''",
    "migrate, xbzrle, perhaps, 'on or off'",
    "host, page-size, 4096, 'page-size'",
    "host, devices.0000:01:00.0.driver, none, 'mlx5_vfio_pci'",
    "host, devices.driver, vfio-pci, 'devices.NAME.driver'",
    "host, devices.0000:01:00.0.group, 1, 'devices.NAME.migration'",
    "host, devices.0000:01:00.0.migration, 'p2p,none', 'p2p,none'",
    "host, devices.0000:01:00.0.dma-logging, perhaps, 'on or off'"
  })
  void whatCannotBeSetIsRefused(String target, String property, String value, String told) {
    assertThatThrownBy(() -> apply(of(List.of(vfio(A))), new Set(target, property, value)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(told);
  }

  @Test
  void whatIsNotThereCannotBeRemovedAndUnknownActionsAreRefused() {
    assertThatThrownBy(() -> apply(of(List.of(vfio(A))), new Remove("intel-iommu")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no device 'intel-iommu'");
    assertThatThrownBy(() -> apply(of(List.of(vfio(A))), new Action("pray")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("pray");
  }

  @Test
  void aVIommuTakesAlongWhatTheGuestDoesToItAndNothingElse() throws Exception {
    Step dimm = new Step.MemoryAdd("dimm1", 1L << 30, Optional.empty());
    Scenario after =
        apply(
            of(List.of(intel(), vfio(A)), ENABLE, dimm, del("v1"), add(vfio(B)), migrate()),
            new Remove("intel-iommu"));

    assertThat(after.vm().devices()).containsExactly(vfio(A));
    assertThat(after.steps())
        .containsExactly(new Step.Boot(), dimm, del("v1"), add(vfio(B)), migrate());
  }

  @Test
  void aVfioDeviceTakesAlongTheStepsThatNameItAndNothingElse() throws Exception {
    Step other = context("v2", ContextMode.PASSTHROUGH);
    Scenario after =
        apply(
            of(
                List.of(intel(), vfio(A), vfio(B)),
                ENABLE,
                context("v1", ContextMode.PASSTHROUGH),
                context(A, ContextMode.PASSTHROUGH),
                other,
                del("v1"),
                add(vfio(A)),
                migrate()),
            new Remove("v1"));

    assertThat(after.vm().devices()).containsExactly(intel(), vfio(B));
    assertThat(after.steps()).containsExactly(new Step.Boot(), ENABLE, other, migrate());
  }

  @Test
  void allVfioDevicesAreUnpluggedBeforeEachMigrationAndStepsThatNameThemLaterGo() throws Exception {
    Scenario after =
        apply(
            of(
                List.of(intel(), vfio(A)),
                context("v1", ContextMode.PASSTHROUGH),
                add(vfio(B)),
                migrate(),
                context("v1", ContextMode.PASSTHROUGH),
                del("v2"),
                add(vfio(B)),
                migrate()),
            UNPLUG);

    assertThat(after.vm().devices()).containsExactly(intel(), vfio(A));
    assertThat(after.steps())
        .containsExactly(
            new Step.Boot(),
            context("v1", ContextMode.PASSTHROUGH),
            add(vfio(B)),
            del("v1"),
            del("v2"),
            migrate(),
            add(vfio(B)),
            del("v2"),
            migrate());
  }

  @Test
  void onlyTheDevicesThatAreNamedAreUnplugged() throws Exception {
    Scenario after = apply(of(List.of(vfio(A), vfio(B)), migrate()), new Remove("v2"), UNPLUG);

    assertThat(after.vm().devices()).containsExactly(vfio(A), vfio(B));
    assertThat(after.steps()).containsExactly(new Step.Boot(), del("v2"), migrate());
  }

  @Test
  void whatTheScenarioUnplugsItselfIsNotUnpluggedTwice() throws Exception {
    Scenario before = of(List.of(vfio(A)), del("v1"), migrate());

    assertThat(apply(before, UNPLUG).steps()).isEqualTo(before.steps());
  }

  @Test
  void withoutAMigrationDevicesLeaveAtTheEnd() throws Exception {
    assertThat(apply(of(List.of(vfio(A)), snapshot()), UNPLUG).steps())
        .containsExactly(new Step.Boot(), snapshot(), del("v1"));
  }

  /** A device without an id is unplugged too, so it gets one. */
  @Test
  void aDeviceWithoutAnIdIsUnplugged() throws Exception {
    Scenario after = apply(of(List.of(device("vfio-pci", "", "host=" + A)), migrate()), UNPLUG);

    assertThat(play(after).vm().vfioDevices()).isEmpty();
  }

  /** Unplugging leaves what QEMU leaves; a VM that never had the device has less. */
  @Test
  void R_BLK_33_aBlockerThatStaysAfterTheUnplugStays() throws Exception {
    String pt = "x-migration-iommu-pt=on";
    Scenario before =
        scenario(
            SEED,
            withPorts(vfio(A, "bus=rp1"), vfio(B, "bus=rp2", pt)),
            HostFacts.CAPABLE,
            snapshot(),
            migrate());

    Story unplugged = play(apply(before, new Remove("v1"), UNPLUG));
    Story without = play(apply(before, new Remove("v1")));
    assertThat(unplugged.vm().blockedReasons()).hasSize(1);
    assertThat(without.vm().blockedReasons()).isEmpty();
  }

  @Test
  void anIncomingVmIsAskedAboutOnceItIsThere() throws Exception {
    Scenario before = scenario(V10, q35().incoming(true).build(), HostFacts.CAPABLE, migrate());

    assertThat(apply(before, new Action(Action.WAIT_FOR_INCOMING)).vm().incoming()).isFalse();
  }

  @Test
  void aTargetIsFoundIfItIsADeviceOrMeansSomethingElse() {
    Scenario scenario = of(List.of(intel(), vfio(A)), add(vfio(B)));
    for (String found : List.of("v1", A, "v2", "intel-iommu", "vfio-pci", "machine", "host")) {
      assertThat(Changes.isFound(scenario, found)).as(found).isTrue();
    }
    for (String missing : List.of("v3", C, "virtio-iommu-pci", "")) {
      assertThat(Changes.isFound(scenario, missing)).as(missing).isFalse();
    }
  }

  @Test
  void theVirtualIommuComesBeforeAllOthersWhichKeepTheirOrder() throws Exception {
    Scenario after = apply(of(List.of(vfio(A), intel(), vfio(B))), new Action(Action.VIOMMU_FIRST));

    assertThat(after.vm().devices()).containsExactly(intel(), vfio(A), vfio(B));
  }

  @Test
  void aDeviceOfAnotherTypeKeepsItsPlaceAndNothingElse() throws Exception {
    DeviceConfig placed = device("intel-iommu", "i0", "addr=3.0", "aw-bits=48", "bus=pcie.0");
    Scenario after =
        apply(of(List.of(placed, vfio(A))), new RemedyChange.Replace("i0", "virtio-iommu-pci"));

    assertThat(after.vm().devices())
        .containsExactly(device("virtio-iommu-pci", "i0", "addr=3.0", "bus=pcie.0"), vfio(A));
  }

  @Test
  void theModeIsThatOfEachMigration() throws Exception {
    Scenario after =
        apply(of(List.of(vfio(A)), migrate("xbzrle")), new Set("migrate", "mode", "cpr-reboot"));

    assertThat(after.steps())
        .containsExactly(
            new Step.Boot(),
            new Step.Migrate(java.util.Set.of("xbzrle"), MigrationMode.CPR_REBOOT, false));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "65535, 65535"})
  void asManyCpusAsCanBeGiven(String value, int cpus) throws Exception {
    assertThat(apply(of(List.of()), new Set("smp", "cpus", value)).vm().vcpus()).isEqualTo(cpus);
  }

  @ParameterizedTest
  @CsvSource({"smp, cpus, 65536", "memory, size, 0"})
  void oneMoreOrNoneIsRefused(String target, String property, String value) {
    assertThatThrownBy(() -> apply(of(List.of()), new Set(target, property, value)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'" + value + "'");
  }

  /** What comes back under its id is there again; what else went stays away. */
  @Test
  void aDeviceThatIsPluggedAgainIsSpokenToAgain() throws Exception {
    Step back = context("v1", ContextMode.PASSTHROUGH);
    Scenario after =
        apply(
            of(
                List.of(intel(), vfio(A), vfio(B)),
                migrate(),
                add(vfio(A)),
                back,
                context("v2", ContextMode.PASSTHROUGH)),
            UNPLUG);

    assertThat(after.steps())
        .containsExactly(new Step.Boot(), del("v1"), del("v2"), migrate(), add(vfio(A)), back);
  }

  @Test
  void aDestinationIsChangedByWhatIsAboutItOnly() throws Exception {
    Destination before = Destination.of(HostFacts.CAPABLE);
    List<RemedyChange> changes =
        List.of(
            new RemedyChange.Release(QemuProfile.V8_2),
            new Set("v1", "x-no-mmap", "on"),
            new Set("destination", "profile", "11.0"));

    assertThat(Changes.apply(before, changes)).isEqualTo(before.withProfile(V11));
    Scenario source = of(List.of(vfio(A)));
    assertThat(apply(source, new Set("destination", "profile", "11.0"))).isEqualTo(source);
  }
}
