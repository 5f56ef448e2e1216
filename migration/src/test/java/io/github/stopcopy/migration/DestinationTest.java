package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.destination.Loading;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What becomes of a VM at its destination (R-OBS-116, R-OBS-144, R-MIG-50, R-BLK-73). */
class DestinationTest {

  private static final String AT = "addr=05.0";
  private static final String SECTION = "0000:00:05.0/vfio";
  private static final String SETUP =
      "Make sure that your current VM setup matches your saved VM setup, including any hotplugged"
          + " devices";
  private static final String UNKNOWN_SECTION = "or instance '" + SECTION + "' 0. " + SETUP;
  private static final HostFacts SOURCE = host(Map.of(A, nic().build()));
  private static final Set<String> PLAYED = new TreeSet<>();

  /** A device about which all is known that counts. */
  private static HostDeviceBuilder nic() {
    return HostDevice.builder()
        .migration(P2P)
        .pciId("15b3:101e")
        .bar(0, Bar.builder(0x4000).build());
  }

  private static HostFacts there(String name, HostDeviceBuilder device) {
    return host(Map.of(name, device.build()));
  }

  private static Destination waiting(VmConfig vm, HostFacts host) {
    return Destination.of(host).withVm(vm).withProfile(V11);
  }

  private static Verdict to(QemuProfile profile, VmConfig vm, HostFacts host, Destination there)
      throws InputException {
    return to(scenario(profile, vm, host, migrate()), there);
  }

  private static Verdict to(Scenario scenario, Destination there) throws InputException {
    Verdict verdict =
        MigrationCheck.of(scenario)
            .plugins(plugins())
            .ruleSets(RuleSets.of(List.of()))
            .to(there)
            .decide();
    verdict.reasons().forEach(reason -> PLAYED.add(reason.code()));
    return verdict;
  }

  /** One device at 05.0 that is sent to {@code B}, with QEMU 11.0 on both sides. */
  private static Verdict toB(HostDeviceBuilder device) throws InputException {
    return to(V11, q35(vfio(A, AT)), SOURCE, waiting(q35(vfio(B, AT)), there(B, device)));
  }

  private static Loading loading(Verdict verdict) {
    return verdict.destination().orElseThrow();
  }

  private static Reason only(Verdict verdict) {
    assertThat(verdict.reasons()).hasSize(1);
    Reason reason = verdict.reasons().get(0);
    assertThat(reason.explanation()).matches("[A-Z][^\\n]*\\.").doesNotContain("..");
    return reason;
  }

  private static Reason fails(Verdict verdict, LoadOutcome outcome) {
    assertThat(verdict.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(loading(verdict).outcome()).isEqualTo(outcome);
    Reason reason = only(verdict);
    assertThat(reason.kind()).isEqualTo(ReasonKind.FAILURE);
    return reason;
  }

  private static Reason isConditional(Verdict verdict) {
    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(loading(verdict).outcome()).isEqualTo(LoadOutcome.LOADED);
    Reason reason = only(verdict);
    assertThat(reason.kind()).isEqualTo(ReasonKind.CONDITION);
    return reason;
  }

  @AfterAll
  static void everyCodeOfDestinationsIsPlayed() {
    List<String> codes = new ArrayList<>();
    for (ReasonCode code : ReasonCode.values()) {
      if (code.name().startsWith("DESTINATION_")) {
        codes.add(code.name());
      }
    }
    assertThat(PLAYED).containsAll(codes);
  }

  /** R-OBS-116: RUNNING to RESUMING and back; the place counts, not the host's address. */
  @Test
  void R_OBS_116_theSameDeviceAtTheSamePlaceIsLoaded() throws Exception {
    Verdict verdict = toB(nic());

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.reasons()).isEmpty();
    assertThat(verdict.assumptions()).isEmpty();
    assertThat(loading(verdict))
        .isEqualTo(
            new Loading(
                V11,
                LoadOutcome.LOADED,
                List.of(new LoadedDevice(A, Optional.of("v1"), SECTION, Optional.of(B), true))));
  }

  @Test
  void withoutADestinationNothingIsSaidOfIt() throws Exception {
    Verdict verdict = TestVm.verdict(scenario(V11, q35(vfio(A, AT)), SOURCE, migrate()));

    assertThat(verdict.destination()).isEmpty();
    assertThat(verdict.assumptions()).isEmpty();
  }

  @Test
  void aSourceThatSendsNothingIsAnsweredFirst() throws Exception {
    Verdict verdict =
        to(V11, q35(intel(), vfio(A, AT)), SOURCE, waiting(q35().build(), HostFacts.CAPABLE));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(verdict.reasons()).extracting(Reason::code).containsExactly("VIOMMU_PRESENT");
    assertThat(verdict.destination()).isEmpty();
    assertThat(verdict.warnings())
        .contains("The destination was not asked: the source sends nothing there.");
  }

  @Test
  void R_OBS_116_withoutTheDeviceTheSourceRunsOn() throws Exception {
    Verdict verdict = to(V11, q35(vfio(A, AT)), SOURCE, waiting(q35().build(), there(B, nic())));

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_DEVICE_MISSING");
    assertThat(reason.device()).contains(A);
    assertThat(reason.id()).contains("v1");
    assertThat(reason.qemuText())
        .isEqualTo(
            "load of migration failed: Invalid argument: Unknown section " + UNKNOWN_SECTION);
    assertThat(loading(verdict).devices())
        .containsExactly(new LoadedDevice(A, Optional.of("v1"), SECTION, Optional.empty(), false));
  }

  @Test
  void R_MIG_50_aDeviceAtAnotherPlaceIsNotTheSame() throws Exception {
    Verdict verdict =
        to(V11, q35(vfio(A, AT)), SOURCE, waiting(q35(vfio(B, "addr=06.0")), there(B, nic())));

    assertThat(fails(verdict, LoadOutcome.SOURCE_RUNS_ON).code())
        .isEqualTo("DESTINATION_DEVICE_MISSING");
    assertThat(verdict.warnings())
        .contains(
            B
                + " is in the VM that waits on the destination, and the source sends no state for"
                + " it.");
  }

  /** As a binary of 10.0 said it; the newest say it in one line. */
  @Test
  void R_OBS_116_olderReleasesSayItInOtherWords() throws Exception {
    Verdict verdict =
        to(
            V11,
            typed("pc-q35-9.1", A),
            SOURCE,
            Destination.of(HostFacts.CAPABLE)
                .withVm(q35().machineType("pc-q35-9.1").build())
                .withProfile(V10));

    assertThat(fails(verdict, LoadOutcome.SOURCE_RUNS_ON).qemuText())
        .isEqualTo("Unknown savevm section " + UNKNOWN_SECTION);
  }

  @Test
  void R_OBS_116_withoutMigrationSupportNothingLoads() throws Exception {
    Verdict verdict = toB(nic().migration(MigrationSupport.failing(Errno.ENOTTY)));

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_CANNOT_LOAD");
    assertThat(reason.qemuText()).endsWith("Unknown section " + UNKNOWN_SECTION);
    assertThat(reason.explanation()).contains(B).contains("no migration support");
    assertThat(reason.remedies())
        .filteredOn(remedy -> remedy.text().startsWith("on the destination"))
        .singleElement()
        .satisfies(remedy -> {
          assertThat(remedy.text()).isEqualTo("on the destination bind mlx5_vfio_pci to " + B);
          assertThat(remedy.changes())
              .containsExactly(
                  new RemedyChange.Set("destination", "devices." + B + ".driver", "mlx5_vfio_pci"));
          assertThat(remedy.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
          assertThat(remedy.assumes()).hasSize(1);
        });
    assertThat(loading(verdict).devices())
        .containsExactly(new LoadedDevice(A, Optional.of("v1"), SECTION, Optional.of(B), false));
  }

  @Test
  void theDriverOfTheSourceIsWhatTheDestinationLacks() throws Exception {
    Verdict verdict =
        to(
            V11,
            q35(vfio(A, AT)),
            there(A, nic().driver("mlx5_vfio_pci")),
            waiting(
                q35(vfio(B, AT)),
                there(B, nic().migration(MigrationSupport.failing(Errno.ENOTTY)))));

    assertThat(only(verdict).remedies())
        .filteredOn(remedy -> remedy.text().startsWith("on the destination"))
        .singleElement()
        .satisfies(remedy -> assertThat(remedy.assumes()).isEmpty());
  }

  @Test
  void R_OBS_116_aDeviceThatMayNotMigrateLoadsNothing() throws Exception {
    Verdict verdict =
        to(
            V11,
            q35(vfio(A, AT)),
            SOURCE,
            waiting(q35(vfio(B, AT, "enable-migration=off")), there(B, nic())));

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_CANNOT_LOAD");
    assertThat(reason.explanation()).contains("enable-migration=off");
  }

  @Test
  void R_OBS_116_aDeviceThatRefusesToResumeEndsIt() throws Exception {
    Verdict verdict = toB(nic().setStateError(VfioDeviceState.RESUMING, Errno.EIO));

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_REFUSES_STATE");
    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::isLoaded)
        .containsExactly(false);
    assertThat(reason.qemuText())
        .isEqualTo(
            "load of migration failed: Invalid argument: Load state of device 0000:00:05.0/vfio"
                + " failed: "
                + B
                + ": Failed setting device state to RESUMING. Setting device in recover state"
                + " RUNNING: Input/output error");
  }

  /** Seen on 11.1.3 and 10.0.13: the VM runs there, and the device has forgotten all. */
  @Test
  void R_MIG_43_aDeviceThatRefusesToRunIsReset() throws Exception {
    Verdict verdict = toB(nic().setStateError(VfioDeviceState.RUNNING, Errno.EIO));

    Reason reason = fails(verdict, LoadOutcome.DEVICE_STATE_LOST);
    assertThat(reason.code()).isEqualTo("DESTINATION_RESETS_DEVICE");
    assertThat(reason.device()).contains(A);
    assertThat(reason.qemuText())
        .isEqualTo(
            B
                + ": Failed setting device state to RUNNING. Recover state is ERROR. Resetting"
                + " device: Input/output error");
  }

  @Test
  void R_OBS_144_anotherDeviceLosesTheVm() throws Exception {
    for (String id : List.of("15b3:101a", "8086:101e")) {
      Verdict verdict = toB(nic().pciId(id));

      Reason reason = fails(verdict, LoadOutcome.VM_LOST);
      assertThat(reason.code()).isEqualTo("DESTINATION_DEVICE_DIFFERS");
      assertThat(loading(verdict).devices())
          .extracting(LoadedDevice::isLoaded)
          .containsExactly(false);
      assertThat(reason.qemuText()).isEqualTo(B + ": Failed to load device config space");
      assertThat(reason.explanation()).startsWith("The VM would be lost.").contains(id);
    }
  }

  /** The guest and its state know the id that was put in the place of the device's own. */
  @Test
  void R_OBS_144_theIdThatTheGuestSeesCounts() throws Exception {
    Destination shown =
        waiting(
            q35(vfio(B, AT, "x-pci-vendor-id=0x15b3", "x-pci-device-id=0x101e")),
            there(B, nic().pciId("8086:1889")));

    assertThat(to(V11, q35(vfio(A, AT)), SOURCE, shown).kind()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_OBS_144_anIdThatNobodyKnowsIsNeverAGreenAnswer() throws Exception {
    HostDeviceBuilder unknown =
        HostDevice.builder().migration(P2P).bar(0, Bar.builder(0x4000).build());
    Verdict there = toB(unknown);
    Verdict here =
        to(V11, q35(vfio(A, AT)), there(A, unknown), waiting(q35(vfio(B, AT)), there(B, nic())));

    assertThat(isConditional(there).code()).isEqualTo("DESTINATION_ASSUMED");
    assertThat(there.assumptions())
        .containsExactly(new Assumption("destination " + B, "pci-id", "15b3:101e", "default"));
    assertThat(isConditional(here).explanation()).contains("PCI id");
    assertThat(here.assumptions())
        .containsExactly(
            new Assumption("destination " + B, "pci-id", "as that of " + A, "default"));
  }

  @Test
  void aDeviceWithoutFactsIsAssumed() throws Exception {
    Verdict verdict =
        to(V11, q35(vfio(A, AT)), SOURCE, waiting(q35(vfio(B, AT)), HostFacts.CAPABLE));

    assertThat(isConditional(verdict).explanation()).contains("that " + B + " can migrate");
    assertThat(verdict.assumptions()).extracting(Assumption::fact).contains("migration", "bars");
  }

  @Test
  void R_OBS_116_theSizesOfBarsAreNotChecked() throws Exception {
    HostDeviceBuilder larger = nic().bar(0, Bar.builder(0x8000).build());

    Reason reason = isConditional(toB(larger));
    assertThat(reason.code()).isEqualTo("DESTINATION_BARS_DIFFER");
    assertThat(reason.explanation())
        .contains("BAR 0 is mem64 of 0x8000 instead of mem64 of 0x4000");
  }

  /** Loading needs neither; the next migration does. */
  @Test
  void R_OBS_116_trackingAndP2pAreNeededForTheWayBackOnly() throws Exception {
    Verdict verdict = toB(nic().migration(NO_P2P).dmaLogging(DmaLogging.NONE));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.warnings())
        .anyMatch(line -> line.startsWith("The way back: ") && line.contains("NO_DIRTY_TRACKING"))
        .anyMatch(line -> line.startsWith(B + " has no P2P on the destination."));
  }

  @Test
  void R_BLK_73_aDestinationThatDoesNotStartIsNoDestination() throws Exception {
    Verdict verdict =
        to(
            V11,
            q35(vfio(A, AT)),
            SOURCE,
            waiting(
                q35(vfio(B, AT, "enable-migration=on")),
                there(
                    B,
                    nic()
                        .dmaLogging(DmaLogging.NONE)
                        .migration(MigrationSupport.failing(Errno.ENOTTY)))));

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_DOES_NOT_START");
    assertThat(reason.qemuText()).contains(B);
    assertThat(reason.explanation()).contains("no migration support");
    assertThat(loading(verdict).devices()).isEmpty();
  }

  @Test
  void whatMakesNoSenseOnTheDestinationSaysWhereItIs() {
    Destination strange = waiting(q35(device("toy-iommu", "")), HostFacts.CAPABLE);

    assertThatThrownBy(() -> to(V11, q35(vfio(A, AT)), SOURCE, strange))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("destination: no provider for toy-iommu");
  }

  private static VmConfig typed(String type, String host) {
    return q35().machineType(type).device(vfio(host, AT)).build();
  }

  @Test
  void aMachineTypeThatTheDestinationDoesNotHaveYet() throws Exception {
    Destination older = Destination.of(there(A, nic())).withProfile(V10);
    Verdict verdict = to(V11, typed("pc-q35-11.0", A), SOURCE, older);

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_MACHINE_TYPE_UNKNOWN");
    assertThat(reason.qemuText()).isEqualTo("unsupported machine type: \"pc-q35-11.0\"");
    assertThat(reason.remedies())
        .singleElement()
        .satisfies(remedy -> {
          assertThat(remedy.changes())
              .containsExactly(new RemedyChange.Set("destination", "profile", "11.0"));
          assertThat(remedy.command()).contains("--to-qemu 11.0");
        });
    assertThat(to(V11, typed("pc-q35-10.2", A), SOURCE, older).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(to(V11, typed("pc-q35-10.2", A), SOURCE, older).warnings())
        .anyMatch(line -> line.startsWith("The destination runs an older QEMU, 10.2"));
  }

  /** Seen on 10.0.13 and 11.1.3: q35 is another machine in each release. */
  @Test
  void anUnversionedMachineTypeIsAnotherOneInEachRelease() throws Exception {
    Destination newer = Destination.of(there(A, nic())).withProfile(V11);
    Verdict verdict = to(V10, typed("q35", A), SOURCE, newer);

    Reason reason = fails(verdict, LoadOutcome.SOURCE_RUNS_ON);
    assertThat(reason.code()).isEqualTo("DESTINATION_MACHINE_TYPE_DIFFERS");
    assertThat(reason.qemuText())
        .endsWith("Machine type received is 'pc-q35-10.2' and local is 'pc-q35-11.0'");
    assertThat(to(V10, typed("pc-q35-10.2", A), SOURCE, newer).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(
            to(V11, typed("pc-q35-11.0", A), SOURCE, waiting(typed("q35", B), there(B, nic())))
                .kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void aMachineTypeOfADistributionIsAssumedInAnotherRelease() throws Exception {
    VmConfig vm = typed("pc-q35-acme", A);
    Destination there = Destination.of(there(A, nic()));
    Assumption assumed =
        new Assumption("destination", "machine type", "pc-q35-acme is there", "default");

    assertThat(to(V11, vm, SOURCE, there.withProfile(V11)).assumptions()).doesNotContain(assumed);
    assertThat(to(V10, vm, SOURCE, there.withProfile(V11)).assumptions()).contains(assumed);
  }

  /** A vIOMMU behind the device does not block on the source, and its state is sent. */
  @Test
  void theVIommuOfTheSourceMustBeThere() throws Exception {
    VmConfig vm = q35(vfio(A, AT), intel());
    Verdict verdict = to(V11, vm, SOURCE, waiting(q35(vfio(B, AT)), there(B, nic())));

    Reason reason = fails(verdict, LoadOutcome.VM_LOST);
    assertThat(reason.code()).isEqualTo("DESTINATION_VIOMMU_MISSING");
    assertThat(reason.qemuText()).contains("Unknown section or instance 'iommu-intel' 0. ");
    assertThat(reason.explanation()).contains("intel-iommu, the destination no vIOMMU");
  }

  @Test
  void R_OBS_116_howAVIommuIsConfiguredIsNotChecked() throws Exception {
    VmConfig vm = q35(vfio(A, AT), intel());
    Destination narrower = waiting(q35(vfio(B, AT), intel("aw-bits=39")), there(B, nic()));

    Reason reason = isConditional(to(V11, vm, SOURCE, narrower));
    assertThat(reason.code()).isEqualTo("DESTINATION_VIOMMU_DIFFERS");
    assertThat(reason.explanation()).contains("aw-bits is 48 on the source and 39 there");
    assertThat(to(V11, vm, SOURCE, waiting(q35(vfio(B, AT), intel()), there(B, nic()))).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_OBS_116_aVIommuThatTheSourceHasNotIsNotChecked() throws Exception {
    Destination behind = waiting(q35(intel(), vfio(B, AT)), there(B, nic()));
    Verdict verdict = to(V11, q35(vfio(A, AT)), SOURCE, behind);

    assertThat(isConditional(verdict).code()).isEqualTo("DESTINATION_VIOMMU_DIFFERS");
    assertThat(verdict.warnings()).anyMatch(line -> line.contains("VIOMMU_PRESENT"));
  }

  /** Without a command line of its own it is that of the source, with devices of the other host. */
  @Test
  void withTheSameAddressesTheDevicesAreTheSame() throws Exception {
    HostFacts both = host(Map.of(A, nic().build(), B, nic().pciId("8086:1889").build()));
    Verdict verdict = to(V11, q35(vfio(A, AT)), SOURCE, Destination.of(both));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::there)
        .containsExactly(Optional.of(A));
    assertThat(verdict.assumptions())
        .containsExactly(
            new Assumption("destination", "command line", "as on the source", "default"),
            new Assumption("destination", "profile", "11.0", "default"));
  }

  @Test
  void withOtherAddressesDevicesOfTheSameKindThatCanMigrateAreTaken() throws Exception {
    HostDevice cannot = nic().migration(MigrationSupport.failing(Errno.ENOTTY)).build();
    Map<String, HostDevice> devices = new LinkedHashMap<>(Map.of(B, cannot));
    devices.put("0000:41:00.0", nic().pciId("8086:1889").build());
    devices.put(C, nic().build());
    Verdict verdict = to(V11, q35(vfio(A, AT)), SOURCE, Destination.of(host(devices)));

    assertThat(isConditional(verdict).explanation()).contains("that " + C + " takes its place");
    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::there)
        .containsExactly(Optional.of(C));
    assertThat(verdict.assumptions())
        .contains(new Assumption("destination " + C, "takes the place of", A, "default"));
  }

  @Test
  void aHostThatOffersNoSuchDeviceHasNone() throws Exception {
    for (HostFacts offers : List.of(HostFacts.CAPABLE, there(B, nic().pciId("8086:1889")))) {
      Verdict verdict = to(V11, q35(vfio(A, AT)), SOURCE, Destination.of(offers));

      assertThat(fails(verdict, LoadOutcome.SOURCE_RUNS_ON).code())
          .isEqualTo("DESTINATION_DEVICE_MISSING");
    }
  }

  /** Two devices and one there: which of them is missing is said. */
  @Test
  void aDeviceIsTakenOnceOnly() throws Exception {
    HostFacts two = host(Map.of(A, nic().build(), B, nic().build()));
    Verdict verdict = to(V11, q35(vfio(A), vfio(B)), two, Destination.of(there(C, nic())));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(verdict.reasons().get(0).code()).isEqualTo("DESTINATION_DEVICE_MISSING");
    assertThat(verdict.reasons().get(0).device()).contains(B);
    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::isLoaded)
        .containsExactly(true, false);
  }

  @Test
  void aDeviceThatWasPluggedIsSentTooAndOneThatLeftIsNot() throws Exception {
    VmConfig vm =
        q35(
            device("pcie-root-port", "rp", "addr=02.0"),
            device("pcie-root-port", "rp2", "addr=03.0"),
            vfio(A, "bus=rp2"));
    HostFacts hosts = host(Map.of(A, nic().build(), B, nic().build()));
    Step leaves = TestVm.del("v1");
    Scenario scenario = scenario(V11, vm, hosts, leaves, add(vfio(B, "bus=rp")), migrate());
    Verdict verdict = to(scenario, Destination.of(there(B, nic())));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::section)
        .containsExactly("0000:00:02.0:00.0/vfio");
  }

  /** What the source says and what the destination says are both told. */
  @Test
  void aConditionOfTheSourceStays() throws Exception {
    VmConfig vm = q35(intel(), vfio(A, AT, "x-migration-iommu-pt=on"));
    Verdict good = to(SEED, vm, SOURCE, Destination.of(there(A, nic())).withProfile(SEED));
    Verdict bad = to(SEED, vm, SOURCE, Destination.of(HostFacts.CAPABLE).withProfile(SEED));

    assertThat(good.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(good.reasons()).extracting(Reason::code).containsExactly("VIOMMU_MAY_BE_USED");
    assertThat(bad.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(bad.reasons())
        .extracting(Reason::code)
        .containsExactly("DESTINATION_DEVICE_MISSING", "VIOMMU_MAY_BE_USED");
  }

  @Test
  void aSettingOfADestinationNeedsOne() throws Exception {
    RemedyChange change = new RemedyChange.Set("destination", "profile", "11.0");
    MigrationCheck check =
        MigrationCheck.of(q35(vfio(A))).ruleSets(RuleSets.of(List.of())).apply(List.of(change));

    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("a setting of the destination");
  }

  /** A virtio-iommu is found by its place; the answer names both (R-OBS-116). */
  @Test
  void R_OBS_116_aVirtioIommuAtAnotherPlaceIsNotTheSame() throws Exception {
    VmConfig here = q35(device("virtio-iommu-pci", "", "addr=04.0"));
    Verdict same = to(V11, here, SOURCE, waiting(here, SOURCE));
    assertThat(loading(same).outcome()).isEqualTo(LoadOutcome.LOADED);

    Verdict moved =
        to(V11, here, SOURCE, waiting(q35(device("virtio-iommu-pci", "", "addr=06.0")), SOURCE));
    assertThat(loading(moved).outcome()).isEqualTo(LoadOutcome.VM_LOST);
    assertThat(moved.reasons().get(0).explanation())
        .contains("virtio-iommu-pci at the first bus 06.0");

    Verdict other = to(V11, here, SOURCE, waiting(q35(intel()), SOURCE));
    assertThat(other.reasons().get(0).explanation()).contains("intel-iommu").doesNotContain(" at ");
  }

  private static List<String> destinationQuestions(VmConfig vm, Step... steps)
      throws InputException {
    return MigrationCheck.of(scenario(V11, vm, SOURCE, steps))
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .to(waiting(vm, SOURCE))
        .play()
        .questions()
        .stream()
        .filter(question -> question.text().equals(Topic.DESTINATION.text()))
        .map(question -> question.outcome().word() + ": " + question.answer())
        .toList();
  }

  @Test
  void theDestinationIsAskedForOnceTheMigrationBegins() throws Exception {
    VmConfig vm = q35(vfio(A, AT));
    assertThat(destinationQuestions(vm, migrate())).containsExactly("pass: played there");
    assertThat(destinationQuestions(vm)).containsExactly("not-asked: no migration was begun");
    assertThat(destinationQuestions(q35(intel(), vfio(A, AT)), migrate())).isEmpty();
  }

  /** A file stands for a device as its address does. */
  @Test
  void aDeviceThatIsAFileIsFoundOnTheOtherHost() throws Exception {
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "iommufd0", Map.of()))
            .device(device("vfio-pci", "v1", "fd=7", "iommufd=iommufd0", AT))
            .build();
    HostFacts here = host(Map.of("VFIO_FD7", nic().build()));
    Verdict verdict = to(V11, vm, here, Destination.of(there(B, nic())));

    assertThat(loading(verdict).devices())
        .extracting(LoadedDevice::device, LoadedDevice::there)
        .containsExactly(tuple("VFIO_FD7", Optional.of(B)));
  }
}
