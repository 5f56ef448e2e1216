package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.context;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each remedy that is told holds when its change is made by hand, and none leads to a refusal. */
class RemediesTest {

  private static final String PT = "x-migration-iommu-pt=on";
  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static List<Remedy> remedies(QemuProfile profile, VmConfig vm, HostFacts host)
      throws Exception {
    return verdict(scenario(profile, vm, host, migrate())).reasons().get(0).remedies();
  }

  private static VerdictKind kind(QemuProfile profile, VmConfig vm, HostFacts host)
      throws Exception {
    return verdict(scenario(profile, vm, host, migrate())).kind();
  }

  private static DeviceConfig port(String id) {
    return device("pcie-root-port", id);
  }

  private static Remedy starting(List<Remedy> remedies, String text) {
    return remedies.stream()
        .filter(remedy -> remedy.text().startsWith(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError(text + " not in " + remedies));
  }

  @Test
  void againstAVIommuTheEasiestComesFirstAndAPatchLast() throws Exception {
    VmConfig vm = q35(intel(), port("rp1"), vfio(A, "bus=rp1"), port("rp2"), vfio(B, "bus=rp2"));
    List<Remedy> remedies = remedies(V10, vm, ANY);

    assertThat(remedies)
        .extracting(Remedy::text)
        .satisfiesExactly(
            text ->
                assertThat(text)
                    .isEqualTo(
                        "unplug every VFIO device (v1, v2) before the migration, and plug in the"
                            + " like on the other side"),
            text -> assertThat(text).startsWith("remove the vIOMMU"),
            text -> assertThat(text).startsWith("set -machine default-bus-bypass-iommu=on"),
            text -> assertThat(text).startsWith("run QEMU 11.1 and set x-device-"),
            text ->
                assertThat(text)
                    .startsWith("patch QEMU and set x-migration-iommu-pt=on on every VFIO device")
                    .contains("qemu-devel", "in no release of QEMU"));
    assertThat(remedies)
        .extracting(Remedy::needs)
        .containsExactly(
            List.of(RemedyNeed.UNPLUG),
            List.of(RemedyNeed.RESTART),
            List.of(RemedyNeed.RESTART),
            List.of(RemedyNeed.RESTART, RemedyNeed.NEWER_QEMU),
            List.of(RemedyNeed.RESTART, RemedyNeed.UNMERGED_PATCH));
    assertThat(remedies)
        .extracting(Remedy::command)
        .containsExactly(
            Optional.empty(),
            Optional.empty(),
            Optional.of("--set machine.default-bus-bypass-iommu=on"),
            Optional.of(
                "--qemu-version 11.1 --set vfio-pci.x-device-dirty-page-tracking=off --set"
                    + " vfio-pci.enable-migration=on"),
            Optional.of("--qemu-version 8.1-iommu-pt --set vfio-pci.x-migration-iommu-pt=on"));
  }

  @Test
  void eachWayAgainstAVIommuHoldsWhenItIsMadeByHand() throws Exception {
    List<Remedy> remedies = remedies(V10, q35(intel(), vfio(A), vfio(B)), ANY);
    String[] byContainer = {"x-device-dirty-page-tracking=off", "enable-migration=on"};

    assertThat(starting(remedies, "patch QEMU").verdict())
        .isEqualTo(kind(SEED, q35(intel(), vfio(A, PT), vfio(B, PT)), ANY))
        .isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(starting(remedies, "run QEMU 11.1").verdict())
        .isEqualTo(kind(V11, q35(intel(), vfio(A, byContainer), vfio(B, byContainer)), ANY))
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(starting(remedies, "remove the vIOMMU").verdict())
        .isEqualTo(kind(V10, q35(vfio(A), vfio(B)), ANY))
        .isEqualTo(VerdictKind.MIGRATABLE);
    VmConfig bypassed =
        q35()
            .machineOption("default-bus-bypass-iommu", "on")
            .device(intel())
            .device(vfio(A))
            .build();
    assertThat(starting(remedies, "set -machine default-bus-bypass").verdict())
        .isEqualTo(kind(V10, bypassed, ANY))
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_LST_1_theBusOfAnExpanderGoesRoundTheVIommuByItsOwnProperty() throws Exception {
    VmConfig vm =
        q35(
            intel(),
            device("pxb-pcie", "pxb1", "bus_nr=64"),
            device("pcie-root-port", "rp1", "bus=pxb1"),
            vfio(A, "bus=rp1"));

    Remedy bypass = starting(remedies(V10, vm, ANY), "set bypass_iommu=on on pxb1");
    assertThat(bypass.changes())
        .containsExactly(new RemedyChange.Set("pxb1", "bypass_iommu", "on"));
    assertThat(bypass.command()).contains("--set pxb1.bypass_iommu=on");
    assertThat(bypass.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_VIO_3_moreThan255VcpusAreKeptOnlyByAGuestThatKnowsTheExtendedDestinationId()
      throws Exception {
    VmConfig vm = q35().vcpus(320).device(intel("eim=on")).device(vfio(A)).build();
    List<Remedy> remedies = remedies(V10, vm, ANY);

    Remedy fewer = starting(remedies, "remove the vIOMMU (-device intel-iommu) and have at most");
    assertThat(fewer.needs()).containsExactly(RemedyNeed.RESTART);
    assertThat(fewer.changes())
        .containsExactly(
            new RemedyChange.Remove("intel-iommu"), new RemedyChange.Set("smp", "cpus", "255"));
    Remedy kept = starting(remedies, "remove the vIOMMU (-device intel-iommu) and keep 320 vCPUs");
    assertThat(kept.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE);
    assertThat(kept.assumes()).anyMatch(fact -> fact.contains("extended destination id"));
    assertThat(starting(remedies, "set -machine default-bus-bypass-iommu=on").assumes())
        .anyMatch(fact -> fact.contains("first 255 vCPUs"));
    VmConfig off = q35().vcpus(320).machineOption("kernel-irqchip", "off").build();
    assertThat(remedies(V10, off, ANY))
        .extracting(Remedy::text)
        .containsExactly("set -machine kernel-irqchip=split", "have at most 255 vCPUs");
  }

  @Test
  void aVmThatCameInIsToldToAskAgainOnceItIsThere() throws Exception {
    List<Remedy> remedies = remedies(V10, q35().incoming(true).device(vfio(A)).build(), ANY);
    assertThat(remedies)
        .extracting(Remedy::toString)
        .containsExactly(
            "wait until the incoming migration has ended, and ask again without -incoming"
                + " (then: migratable)");
    assertThat(remedies.get(0).needs()).isEmpty();
  }

  @Test
  void aWarningOfOneCpuIsGoodEnglish() throws Exception {
    assertThat(starting(remedies(V10, q35(intel(), vfio(A)), ANY), "remove").text())
        .endsWith("1 vCPU does not need it for interrupts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host=01:00.0",
        "host=1:0.0",
        "host=0000:01:00.0",
        "sysfsdev=/sys/bus/pci/devices/0000:01:00.0",
        "sysfsdev=/sys/devices/0000:01:00.0/"
      })
  void aDeviceWithoutAnIdIsFoundHoweverItIsNamed(String which) throws Exception {
    VmConfig vm = q35(device("vfio-pci", "", which, "enable-migration=off"));

    Remedy allowed = starting(remedies(V10, vm, ANY), "set enable-migration=auto on " + A);
    assertThat(allowed.changes())
        .containsExactly(new RemedyChange.Set(A, "enable-migration", "auto"));
    assertThat(allowed.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  /** blocked for one reason before, and for another after. */
  @Test
  void whatOnlyLeadsToTheNextReasonIsNotTold() throws Exception {
    assertThat(remedies(V10, q35(intel(), vfio(A, "enable-migration=off")), ANY))
        .extracting(Remedy::text)
        .noneMatch(text -> text.startsWith("set enable-migration=auto"))
        .anyMatch(text -> text.startsWith("unplug v1"));
  }

  /** blocked for two reasons before, and for one after. */
  @Test
  void whatLeavesFewerReasonsIsTold() throws Exception {
    VmConfig vm = q35(vfio(A, "enable-migration=off"), vfio(B));
    HostFacts host = host(Map.of(B, can(P2P, DmaLogging.NONE)));

    List<Remedy> remedies = remedies(V10, vm, host);
    assertThat(starting(remedies, "set enable-migration=auto on v1").verdict())
        .isEqualTo(VerdictKind.BLOCKED);
    assertThat(remedies.get(0).text()).startsWith("unplug every VFIO device (v1, v2)");
    assertThat(remedies.get(0).verdict()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void oneRemedyFreesAllDevicesThatHaveTheSameReason() throws Exception {
    VmConfig vm = q35(vfio(A, "enable-migration=off"), vfio(B, "enable-migration=off"), vfio(C));
    Verdict verdict = verdict(scenario(V10, vm, ANY, migrate()));

    assertThat(verdict.reasons()).hasSize(2);
    for (Reason reason : verdict.reasons()) {
      Remedy allowed = starting(reason.remedies(), "set enable-migration=auto on v1, v2");
      assertThat(allowed.changes())
          .containsExactly(
              new RemedyChange.Set("v1", "enable-migration", "auto"),
              new RemedyChange.Set("v2", "enable-migration", "auto"));
      assertThat(allowed.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
    }
  }

  @Test
  void aRemedyThatEndsInARefusalIsNotTold() throws Exception {
    HostFacts noLog = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    String on = "enable-migration=on";

    assertThat(kind(V10, q35(intel(), vfio(A, on)), noLog)).isEqualTo(VerdictKind.REFUSED);
    assertThat(remedies(V10, q35(intel(), vfio(A)), noLog))
        .extracting(Remedy::text)
        .noneMatch(text -> text.startsWith("set enable-migration=on"));
    assertThat(kind(V10, q35(vfio(A, on)), noLog)).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(starting(remedies(V10, q35(vfio(A)), noLog), "set enable-migration=on").verdict())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_BLK_50_hardwareOfTheHostTracksForDevicesThatCannotLog() throws Exception {
    HostFacts noLog = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    List<RemedyChange> ofTheVm =
        List.of(
            new RemedyChange.Set("object", "iommufd0", "iommufd"),
            new RemedyChange.Set("v1", "iommufd", "iommufd0"));

    Remedy assumed = starting(remedies(V10, q35(vfio(A)), noLog), "set iommufd=iommufd0 on v1");
    assertThat(assumed.changes())
        .startsWith(new RemedyChange.Set("host", "containers.iommu-dirty-tracking", "on"))
        .endsWith(ofTheVm.toArray(RemedyChange[]::new));
    assertThat(assumed.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.HOST_CHANGE);
    assertThat(assumed.assumes()).isNotEmpty();
    assertThat(assumed.command()).isEmpty();

    HostFacts told =
        noLog.toBuilder()
            .container(HostContainer.builder().iommuDirtyTracking(false).build())
            .build();
    assertThat(remedies(V10, q35(vfio(A)), told))
        .extracting(Remedy::text)
        .isNotEmpty()
        .noneMatch(text -> text.contains("iommufd"));

    HostFacts tracks =
        host(
            TestVm.container(true, Optional.empty(), Optional.empty(), true),
            Map.of(A, can(P2P, DmaLogging.NONE)));
    Remedy known = starting(remedies(V10, q35(vfio(A)), tracks), "set iommufd=iommufd0 on v1");
    assertThat(known.changes()).isEqualTo(ofTheVm);
    assertThat(known.needs()).containsExactly(RemedyNeed.RESTART);
    assertThat(known.command()).contains("--set object.iommufd0=iommufd --set v1.iommufd=iommufd0");
    assertThat(known.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_BLK_63_behindAVIommuHardwareTracksFrom11Point0On() throws Exception {
    HostFacts noLog = host(Map.of(A, can(P2P, DmaLogging.NONE)));

    Remedy remedy = starting(remedies(V10, q35(intel(), vfio(A)), noLog), "run QEMU 11.1");
    assertThat(remedy.changes()).contains(new RemedyChange.Set("v1", "iommufd", "iommufd0"));
    assertThat(remedy.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void anotherKernelDriverIsToldForADeviceWhoseDriverCannotMigrate() throws Exception {
    HostFacts plain = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));

    Remedy remedy = starting(remedies(V10, q35(vfio(A)), plain), "bind mlx5_vfio_pci instead");
    assertThat(remedy.changes())
        .containsExactly(new RemedyChange.Set("host", "devices." + A + ".driver", "mlx5_vfio_pci"));
    assertThat(remedy.needs()).contains(RemedyNeed.HOST_CHANGE);
    assertThat(remedy.assumes()).anyMatch(fact -> fact.startsWith("v1 is a virtual function"));
    assertThat(remedy.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
    HostFacts other =
        host(
            Map.of(
                A,
                can(MigrationSupport.failing(Errno.ENOTTY)).toBuilder()
                    .driver("nvgrace_gpu_vfio_pci")
                    .build()));
    assertThat(remedies(V10, q35(vfio(A)), other))
        .extracting(Remedy::text)
        .noneMatch(text -> text.startsWith("bind"));
  }

  @Test
  void R_OBS_121_onTheRootBusOfQ35NothingIsUnpluggedFromTheRunningVm() throws Exception {
    HostFacts noDriver = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));

    Remedy root = starting(remedies(V10, q35(vfio(A)), noDriver), "unplug v1");
    assertThat(root.text()).contains("behind a pcie-root-port");
    assertThat(root.needs()).containsExactly(RemedyNeed.UNPLUG, RemedyNeed.RESTART);
    assertThat(root.changes()).containsExactly(new RemedyChange.Remove("v1"));
    VmConfig ported = q35(port("rp1"), vfio(A, "bus=rp1"));
    Remedy behind = starting(remedies(V10, ported, noDriver), "unplug v1");
    assertThat(behind.needs()).containsExactly(RemedyNeed.UNPLUG);
    assertThat(behind.changes())
        .containsExactly(new RemedyChange.Action(RemedyChange.Action.UNPLUG_FOR_MIGRATION));
  }

  @Test
  void R_OBS_122_aTypeWithoutHotplugIsNotUnpluggedFromTheRunningVm() throws Exception {
    HostFacts noDriver = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));
    VmConfig vm = q35(port("rp1"), device("vfio-pci-nohotplug", "v1", "host=" + A, "bus=rp1"));

    assertThat(starting(remedies(V10, vm, noDriver), "unplug v1").needs())
        .containsExactly(RemedyNeed.UNPLUG, RemedyNeed.RESTART);
  }

  @Test
  void aDeviceThatIsLeftOutTakesTheStepsThatNameItAlong() throws Exception {
    HostFacts noDriver = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));
    Verdict verdict =
        verdict(
            scenario(
                V10,
                q35(intel(), vfio(A)),
                noDriver,
                context("v1", ContextMode.PASSTHROUGH),
                migrate()));

    assertThat(verdict.reasons().get(0).remedies())
        .extracting(Remedy::verdict)
        .containsExactly(VerdictKind.MIGRATABLE);
  }

  @Test
  void theDevicesWithoutP2pAreUnplugged() throws Exception {
    HostFacts host = host(Map.of(B, can(NO_P2P)));
    VmConfig vm = q35(port("rp1"), vfio(A, "bus=rp1"), port("rp2"), vfio(B, "bus=rp2"));

    assertThat(starting(remedies(V10, vm, host), "unplug v2 before").changes())
        .containsExactly(
            new RemedyChange.Remove("v2"),
            new RemedyChange.Action(RemedyChange.Action.UNPLUG_FOR_MIGRATION));
    assertThat(kind(V10, q35(vfio(A)), host)).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void oneDeviceWithoutP2pMayStay() throws Exception {
    HostFacts host = host(Map.of(A, can(NO_P2P), B, can(NO_P2P)));

    assertThat(starting(remedies(V10, q35(vfio(A), vfio(B)), host), "unplug v2").changes())
        .containsExactly(new RemedyChange.Remove("v2"));
  }

  @Test
  void theVIommuOfAPluginCanBeRemovedToo() throws Exception {
    assertThat(remedies(V10, q35(device("frozen-iommu", "")), ANY))
        .extracting(Remedy::verdict)
        .containsExactly(VerdictKind.MIGRATABLE);
  }

  @Test
  void unsuitableVIommuSettingsAreCorrected() throws Exception {
    assertThat(
            starting(remedies(SEED, q35(intel("aw-bits=57"), vfio(A, PT)), ANY), "set").verdict())
        .isEqualTo(kind(SEED, q35(intel(), vfio(A, PT)), ANY));
    assertThat(
            starting(remedies(V10, q35(intel("caching-mode=off"), vfio(A)), ANY), "set caching")
                .verdict())
        .isEqualTo(kind(V10, q35(intel(), vfio(A)), ANY));
    assertThat(starting(remedies(SEED, q35(intel(), vfio(A, PT)), ANY), "set dma-tr").verdict())
        .isEqualTo(kind(SEED, q35(intel("dma-translation=off"), vfio(A, PT)), ANY));
  }

  @Test
  void withoutTheUnsupportedCapabilityTheOthersStay() throws Exception {
    Verdict verdict = verdict(scenario(V10, q35(vfio(A)), ANY, migrate("postcopy-ram", "xbzrle")));
    Remedy first = verdict.reasons().get(0).remedies().get(0);

    assertThat(first.toString()).isEqualTo("migrate without postcopy-ram (then: migratable)");
    assertThat(first.changes())
        .containsExactly(new RemedyChange.Set("migrate", "postcopy-ram", "off"));
    assertThat(first.needs()).isEmpty();
  }

  @Test
  void whereADeviceCannotLogTheContainerCan() throws Exception {
    HostFacts host =
        host(Map.of(A, can(P2P, TestVm.logging(Optional.of(Errno.EINVAL), Optional.empty(), 0))));
    String[] byContainer = {"x-device-dirty-page-tracking=off", "enable-migration=on"};

    assertThat(starting(remedies(V10, q35(vfio(A)), host), "set x-device-dirty").verdict())
        .isEqualTo(kind(V10, q35(vfio(A, byContainer)), host))
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.github.stopcopy.migration.ReasonsTest#everyCode")
  void theChangesOfARemedyGiveTheVerdictItSays(
      String code, VerdictKind kind, String device, Scenario scenario, String text)
      throws Exception {
    for (Reason reason : verdict(scenario).reasons()) {
      for (Remedy remedy : reason.remedies()) {
        Verdict after =
            MigrationCheck.of(scenario)
                .plugins(TestVm.plugins())
                .ruleSets(RuleSets.of(List.of()))
                .apply(remedy.changes())
                .decide();
        assertThat(after.kind()).as(remedy.toString()).isEqualTo(remedy.verdict());
        assertThat(after.reasons()).extracting(Reason::code).doesNotContain(code);
      }
    }
  }

  @Test
  void aListOfChangesIsPlayedOnceHoweverManyDevicesHaveTheReason() throws Exception {
    int[] plays = new int[2];
    int[] counts = {2, 128};
    for (int i = 0; i < counts.length; i++) {
      CountingIommuProvider counting = new CountingIommuProvider();
      VmConfigBuilder vm = q35().device(intel());
      for (int device = 0; device < counts[i]; device++) {
        String place = String.format("addr=%x.%d", device / 8 + 1, device % 8);
        vm.device(device("pcie-root-port", "rp" + device, place));
        String host = String.format("host=%02x:00.0", device + 1);
        vm.device(device("vfio-pci", "v" + device, host, "bus=rp" + device));
      }
      Verdict verdict =
          MigrationCheck.of(scenario(V10, vm.build(), ANY, migrate()))
              .plugins(Plugins.of(List.of(new VfioPciProvider(), counting)))
              .ruleSets(RuleSets.of(List.of()))
              .decide();
      assertThat(verdict.reasons()).hasSize(counts[i]);
      assertThat(verdict.reasons()).allMatch(reason -> reason.remedies().size() == 5);
      plays[i] = counting.realized();
    }
    assertThat(plays[1]).isEqualTo(plays[0]).isLessThanOrEqualTo(6);
  }

  /** R-OBS-105: the nearest newer release that was recorded, or the VM without the setting. */
  @Test
  void R_OBS_105_againstAPropertyOfALaterReleaseThatReleaseOrLeavingItOutHelps() throws Exception {
    VmConfig vm = q35(device("vfio-pci", "v1", "host=" + A, "x-device-dirty-page-tracking=on"));
    Reason reason =
        verdict(scenario(QemuProfile.V8_2, vm, host(Map.of(A, can(P2P))))).reasons().get(0);

    assertThat(reason.explanation())
        .isEqualTo(
            "This release has no property vfio-pci.x-device-dirty-page-tracking; QEMU has it from"
                + " 9.1 on.");
    assertThat(reason.remedies().stream().map(Remedy::changes))
        .containsExactly(
            List.of(new RemedyChange.Unset("v1", "x-device-dirty-page-tracking")),
            List.of(new RemedyChange.Release(QemuProfile.V10_0)));
  }

  /** R-BLK-50: on is the default, so that turning tracking on helps only who has turned it off. */
  @Test
  void R_BLK_50_deviceTrackingIsTurnedOnWhereItIsOff() throws Exception {
    HostFacts host =
        host(
            HostContainer.builder().dirtyTracking(false).build(),
            Map.of(A, HostDevice.builder().dmaLogging(DmaLogging.SUPPORTED).build()));
    String property = "x-device-dirty-page-tracking";
    VmConfig off = q35(vfio(A, property + "=off"));
    VmConfig offForAll =
        q35(vfio(A)).toBuilder()
            .global(new GlobalProperty("vfio-pci", PropertySetting.of(property, "off")))
            .build();
    List<RemedyChange> on = List.of(new RemedyChange.Set("v1", property, "on"));

    assertThat(remedies(V10, off, host)).extracting(Remedy::changes).contains(on);
    assertThat(remedies(V10, offForAll, host)).extracting(Remedy::changes).contains(on);
  }
}
