package io.github.stopcopy.migration.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetRow.Freed;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a row tells of changes that free its VM, and what of libvirt's words reaches the answer. */
class FleetAnswersTest {

  private static final VmConfig MACHINE = TestVm.q35().build();
  private static final String NAME = "0000:3b:00.1";
  private static final DeviceConfig VF = TestVm.device("vfio-pci", "dev-3b", "host=" + NAME);

  private static FleetCheck.Builder builder() throws InputException {
    return FleetCheck.builder(
        Plugins.of(List.of(new VfioPciProvider(), new IntelIommuProvider())),
        RuleSets.of(List.of()));
  }

  private static FleetVm vm(QemuProfile profile, HostFacts host, DeviceConfig... devices) {
    return FleetVm.of("vm", "n", MACHINE.withDevices(List.of(devices)), host)
        .withProfile(profile, ProfileOrigin.INPUT);
  }

  private static HostFacts host(MigrationSupport migration) {
    return TestVm.host(
        Map.of(
            NAME,
            HostDevice.builder().migration(migration).dmaLogging(DmaLogging.SUPPORTED).build()));
  }

  private static List<String> freed(FleetVm vm) throws InputException {
    return builder().build().decide(vm).changes().stream()
        .map(freed -> freed.code() + ": " + freed.change())
        .toList();
  }

  @Test
  void whatFreesAVmIsToldInWordsForAnyVm() throws InputException {
    FleetVm disabled = vm(QemuProfile.V11_1, host(TestVm.P2P), VF.with("enable-migration", "off"));
    assertThat(builder().build().decide(disabled).changes())
        .hasSize(2)
        .contains(
            new Freed(
                "MIGRATION_DISABLED",
                new FleetChange(
                    List.of(new RemedyChange.Set("vfio-pci", "enable-migration", "auto")),
                    List.of(RemedyNeed.RESTART))));
    assertThat(freed(disabled))
        .containsExactly(
            "MIGRATION_DISABLED: --set vfio-pci.enable-migration=auto",
            "MIGRATION_DISABLED: remove vfio-pci");
  }

  @Test
  void aFactOfTheHostIsThatOfAnyDeviceAndHasNoOption() throws InputException {
    HostDevice unable =
        HostDevice.builder()
            .migration(MigrationSupport.failing(Errno.ENOTTY))
            .driver("vfio-pci")
            .pciId("15b3:101e")
            .build();
    assertThat(freed(vm(QemuProfile.V11_1, TestVm.host(Map.of(NAME, unable)), VF)))
        .contains("NO_KERNEL_SUPPORT: host.devices.*.driver=mlx5_vfio_pci")
        .noneMatch(change -> change.contains(NAME) || change.contains("fadf:"));
  }

  @Test
  void aFactOfAllOfTheHostStaysAsItIs() throws InputException {
    HostDevice silent =
        HostDevice.builder().migration(TestVm.P2P).dmaLogging(DmaLogging.NONE).build();
    assertThat(freed(vm(QemuProfile.V10_2, TestVm.host(Map.of(NAME, silent)), VF)))
        .contains(
            "NO_DIRTY_TRACKING: --set vfio-pci.enable-migration=on",
            "NO_DIRTY_TRACKING: host.containers.iommu-dirty-tracking=on, object.iommufd0=iommufd,"
                + " vfio-pci.iommufd=iommufd0");
  }

  /** A VM that is blocked is freed by a change that leaves a condition, too. */
  @Test
  void R_BLK_26_aBlockedVmIsFreedByWhatLetsItMoveOnACondition() throws InputException {
    assertThat(freed(vm(QemuProfile.V8_1_IOMMU_PT, host(TestVm.P2P), TestVm.intel(), VF)))
        .contains(
            "VIOMMU_PRESENT: remove intel-iommu",
            "VIOMMU_PRESENT: --set machine.default-bus-bypass-iommu=on",
            "VIOMMU_PRESENT: --set vfio-pci.x-migration-iommu-pt=on");
  }

  /** One that moves on a condition is freed only by what takes the condition away. */
  @Test
  void aConditionalVmIsFreedByWhatLeavesNoCondition() throws InputException {
    FleetVm conditional =
        vm(
            QemuProfile.V8_1_IOMMU_PT,
            host(TestVm.P2P),
            TestVm.intel(),
            VF.with("x-migration-iommu-pt", "on"));
    FleetRow row = builder().build().decide(conditional);
    assertThat(row.verdict()).contains(VerdictKind.CONDITIONAL);
    assertThat(row.changes())
        .extracting(Freed::change)
        .extracting(FleetChange::toString)
        .containsExactly("--set intel-iommu.dma-translation=off");
    assertThat(row.reasons().stream().flatMap(reason -> reason.remedies().stream()))
        .filteredOn(remedy -> remedy.verdict() != VerdictKind.MIGRATABLE)
        .allSatisfy(remedy -> assertThat(row.frees(remedy)).isFalse());
  }

  @Test
  void withoutRemediesNothingFrees() throws InputException {
    FleetRow row =
        builder()
            .remedies(false)
            .build()
            .decide(vm(QemuProfile.V11_1, host(TestVm.P2P), TestVm.intel(), VF));
    assertThat(row.verdict()).contains(VerdictKind.BLOCKED);
    assertThat(row.changes()).isEmpty();
    assertThat(row.remedy()).isEmpty();
  }

  private static FleetVm ofLibvirt(FromLibvirt described) {
    return vm(QemuProfile.V11_1, HostFacts.CAPABLE, VF).withLibvirt(described);
  }

  private static FromLibvirt withDriver(String driver) {
    return new FromLibvirt(Map.of(NAME, driver), List.of(), Optional.empty(), "", List.of());
  }

  private static List<String> codes(FleetRow row) {
    return row.reasons().stream().map(Reason::code).toList();
  }

  @Test
  void R_HOST_C4_theDriverThatLibvirtNamesServesTheDevice() throws InputException {
    assertThat(codes(builder().build().decide(ofLibvirt(withDriver("vfio-pci")))))
        .containsExactly("NO_KERNEL_SUPPORT");
    assertThat(codes(builder().build().decide(ofLibvirt(withDriver("mlx5_vfio_pci")))))
        .doesNotContain("NO_KERNEL_SUPPORT");
  }

  @Test
  void aDriverThatTheUserGivesForAllDevicesCountsMoreThanLibvirts() throws InputException {
    FleetCheck check = builder().driver(DriverRequest.forAll("mlx5_vfio_pci")).build();
    assertThat(codes(check.decide(ofLibvirt(withDriver("vfio-pci")))))
        .doesNotContain("NO_KERNEL_SUPPORT");
  }

  @Test
  void aDriverThatTheUserGivesForAnotherDeviceLeavesLibvirts() throws InputException {
    FleetCheck check =
        builder().driver(new DriverRequest(Optional.of("other"), "mlx5_vfio_pci")).build();
    assertThat(codes(check.decide(ofLibvirt(withDriver("vfio-pci")))))
        .containsExactly("NO_KERNEL_SUPPORT");
  }

  @Test
  void whatElseTheVmCanBeIsDecidedToo() throws InputException {
    FleetVm vm =
        vm(QemuProfile.V11_1, host(TestVm.P2P), VF)
            .withLibvirt(
                new FromLibvirt(
                    Map.of(),
                    List.of(),
                    Optional.of(MACHINE.withDevices(List.of(TestVm.intel(), VF))),
                    "a vIOMMU",
                    List.of()));
    FleetRow row = builder().build().decide(vm);
    assertThat(row.verdict()).contains(VerdictKind.CONDITIONAL);
    assertThat(codes(row)).contains("VM_MAY_DIFFER");
  }

  @Test
  void devicesThatTheVmMayGetAreACondition() throws InputException {
    FleetVm vm =
        vm(QemuProfile.V11_1, host(TestVm.P2P), VF)
            .withLibvirt(
                new FromLibvirt(
                    Map.of(), List.of(), Optional.empty(), "", List.of("network 'pool'")));
    FleetRow row = builder().build().decide(vm);
    assertThat(codes(row)).containsExactly("NETWORK_MAY_ASSIGN_DEVICE");
    assertThat(row.verdict()).contains(VerdictKind.CONDITIONAL);
  }

  @Test
  void aNumberOfShapesBelowNoneIsRefused() throws InputException {
    FleetCheck.Builder builder = builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.shapes(-1))
        .withMessage("-1 shapes, expected 0 or more");
  }
}
