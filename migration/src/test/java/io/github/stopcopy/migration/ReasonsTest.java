package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.context;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.inGroup;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pages;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.q35WithRam;
import static io.github.stopcopy.migration.TestVm.refusing;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The verdict and every code of a reason. */
class ReasonsTest {

  private static final String PT = "x-migration-iommu-pt=on";
  private static final String OFF = "enable-migration=off";
  private static final HostFacts ANY = HostFacts.CAPABLE;
  private static final Map<VerdictKind, ReasonKind> KIND_OF =
      Map.of(
          VerdictKind.BLOCKED,
          ReasonKind.BLOCKER,
          VerdictKind.REFUSED,
          ReasonKind.REFUSAL,
          VerdictKind.FAILED,
          ReasonKind.FAILURE,
          VerdictKind.CONDITIONAL,
          ReasonKind.CONDITION);

  private static HostContainer limited(long mappings, List<AddressRange> ranges) {
    return HostContainer.builder().dmaAvailable(mappings).iovaRanges(ranges).build();
  }

  private static Arguments of(
      String code, VerdictKind kind, String device, Scenario scenario, String text) {
    return Arguments.of(code, kind, device, scenario, text);
  }

  static Stream<Arguments> everyCode() {
    VmConfig plain = q35(vfio(A));
    VmConfig relaxed = q35(intel(), vfio(A, PT));
    HostFacts noLog = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    MachineMemory tooFar =
        (vm, profile, facts) -> Result.<MemoryPlan>failed(QemuError.of("Address space limit"));
    return Stream.of(
        of(
            "VIOMMU_PRESENT",
            VerdictKind.BLOCKED,
            A,
            scenario(V10, q35(intel(), vfio(A)), ANY, migrate()),
            A + ": Migration is currently not supported with vIOMMU enabled"),
        of(
            "MIGRATION_DISABLED",
            VerdictKind.BLOCKED,
            A,
            scenario(V10, q35(vfio(A, OFF)), ANY, migrate()),
            A + ": Migration is disabled for VFIO device"),
        of(
            "FAILOVER_PRIMARY",
            VerdictKind.CONDITIONAL,
            A,
            scenario(
                V11,
                q35(
                    device("pcie-root-port", "rp", "addr=3"),
                    device("virtio-net-pci", "net0", "failover=on"),
                    vfio(A, "bus=rp", "failover_pair_id=net0")),
                ANY),
            ""),
        of(
            "FAILOVER_PAIR_MISSING",
            VerdictKind.CONDITIONAL,
            A,
            scenario(V11, q35(vfio(A, "failover_pair_id=net0")), ANY),
            ""),
        of(
            "TRACKED_BY_NOBODY",
            VerdictKind.CONDITIONAL,
            A,
            scenario(
                V11,
                q35(vfio(A, "enable-migration=on")),
                host(
                    container(false, Optional.empty(), Optional.empty(), false),
                    Map.of(A, can(P2P, DmaLogging.NONE)))),
            ""),
        of(
            "GUEST_MUST_BE_SUSPENDED",
            VerdictKind.CONDITIONAL,
            null,
            scenario(V11, plain, ANY, new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, false)),
            "VFIO device only supports cpr-reboot for runstate suspended"),
        of(
            "MODE_NOT_SUPPORTED",
            VerdictKind.BLOCKED,
            null,
            scenario(SEED, plain, ANY, new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, false)),
            "Parameter 'mode' is unexpected"),
        of(
            "NO_DIRTY_TRACKING",
            VerdictKind.BLOCKED,
            A,
            scenario(V10, plain, noLog),
            A + ": VFIO device doesn't support device and IOMMU dirty tracking"),
        of(
            "NO_KERNEL_SUPPORT",
            VerdictKind.BLOCKED,
            A,
            scenario(V10, plain, host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))))),
            A + ": VFIO migration is not supported in kernel"),
        of(
            "MIGRATION_INIT_FAILED",
            VerdictKind.REFUSED,
            A,
            scenario(
                V10,
                q35(vfio(A, "enable-migration=on")),
                host(Map.of(A, can(MigrationSupport.of(false, true, true))))),
            "vfio "
                + A
                + ": "
                + A
                + ": Migration couldn't be initialized for VFIO device, err: -95"
                + " (Operation not supported)"),
        of(
            "MULTIPLE_DEVICES",
            VerdictKind.BLOCKED,
            null,
            scenario(QemuProfile.V8_1, q35(vfio(A), vfio(B)), ANY, migrate()),
            "Migration is currently not supported with multiple VFIO devices"),
        of(
            "MULTIPLE_DEVICES_WITHOUT_P2P",
            VerdictKind.BLOCKED,
            null,
            scenario(V10, q35(vfio(A), vfio(B)), host(Map.of(A, can(NO_P2P))), migrate()),
            "Multiple VFIO devices migration is supported only if all of them support P2P"
                + " migration"),
        of(
            "MEMORY_TOO_LARGE",
            VerdictKind.REFUSED,
            A,
            scenario(
                V11, q35WithRam(9L << 40).device(vfio(A, "enable-migration=on")).build(), noLog),
            "vfio "
                + A
                + ": "
                + A
                + ": Migration is currently not supported with large memory VM"
                + " due to dirty tracking limitation in backend"),
        of(
            "VIOMMU_REFUSES_DEVICE",
            VerdictKind.REFUSED,
            null,
            scenario(SEED, q35(intel("caching-mode=off"), vfio(A)), ANY),
            "We need to set caching-mode=on for intel-iommu to enable device assignment with"
                + " IOMMU protection."),
        of(
            "VIOMMU_MISCONFIGURED",
            VerdictKind.REFUSED,
            null,
            scenario(SEED, q35(intel("aw-bits=57"), vfio(A)), ANY),
            "Supported values for aw-bits are: 39, 48"),
        of(
            "GROUP_IN_TWO_ADDRESS_SPACES",
            VerdictKind.REFUSED,
            B,
            scenario(
                V10, q35(intel(), vfio(A), vfio(B)), host(Map.of(A, inGroup(7), B, inGroup(7)))),
            "vfio " + B + ": group 7 used in multiple address spaces"),
        of(
            "CONTAINER_SETUP_FAILED",
            VerdictKind.REFUSED,
            A,
            scenario(V10, plain, host(limited(0, List.of()), Map.of(A, inGroup(1)))),
            "vfio "
                + A
                + ": failed to setup container for group 1: memory listener initialization"
                + " failed: Region ram0: vfio_container_dma_map(PTR, 0x0, 0x80000000, PTR) = -28"
                + " (No space left on device)"),
        of(
            "INVALID_CONFIGURATION",
            VerdictKind.REFUSED,
            null,
            scenario(V10, q35(vfio(A, PT)), ANY),
            "Property 'vfio-pci.x-migration-iommu-pt' not found"),
        of(
            "NON_MIGRATABLE_DEVICE",
            VerdictKind.BLOCKED,
            null,
            scenario(V10, q35(device("frozen-iommu", "")), ANY, migrate()),
            "State blocked by non-migratable device 'frozen-iommu'"),
        of(
            "NON_MIGRATABLE_DEVICE",
            VerdictKind.REFUSED,
            null,
            scenario(
                V10, q35().onlyMigratable(true).device(device("frozen-iommu", "")).build(), ANY),
            "Device frozen-iommu is not migratable, but --only-migratable was specified"),
        of(
            "NOT_NOW",
            VerdictKind.BLOCKED,
            null,
            scenario(V10, plain.toBuilder().incoming(true).build(), ANY, migrate()),
            "Guest is waiting for an incoming migration"),
        of(
            "CAPABILITY_NOT_SUPPORTED",
            VerdictKind.BLOCKED,
            A,
            scenario(V10, plain, ANY, migrate("postcopy-ram")),
            A + ": VFIO migration is not supported with postcopy migration"),
        of(
            "PHYS_BITS_TOO_LOW",
            VerdictKind.REFUSED,
            null,
            scenario(V10, q35().memory(tooFar).build(), ANY),
            "Address space limit"),
        of(
            "MACHINE_TYPE_UNSUPPORTED",
            VerdictKind.REFUSED,
            null,
            scenario(V10, q35().machineType("pc-q35-11.0").build(), ANY),
            "unsupported machine type: \"pc-q35-11.0\""),
        of(
            "TOO_MANY_VCPUS",
            VerdictKind.REFUSED,
            null,
            scenario(V10, q35().vcpus(320).machineOption("kernel-irqchip", "off").build(), ANY),
            "current -smp configuration requires kernel irqchip and X2APIC API support."),
        of(
            "VIOMMU_MAY_BE_USED",
            VerdictKind.CONDITIONAL,
            null,
            scenario(SEED, relaxed, ANY, migrate()),
            ""),
        of(
            "VIOMMU_IN_USE",
            VerdictKind.FAILED,
            null,
            scenario(SEED, relaxed, ANY, guest(ViommuOperation.ENABLE), migrate()),
            "vIOMMU mappings active cannot start dirty tracking, err -95 (Operation not"
                + " supported)"),
        of(
            "VIOMMU_USED_DURING_MIGRATION",
            VerdictKind.FAILED,
            null,
            scenario(SEED, relaxed, ANY, hold(), guest(ViommuOperation.ENABLE)),
            ""),
        of(
            "DIRTY_TRACKING_START_FAILED",
            VerdictKind.FAILED,
            A,
            scenario(
                SEED,
                plain,
                host(Map.of(A, can(P2P, logging(Optional.of(Errno.EINVAL), Optional.empty(), 0)))),
                migrate()),
            A + ": Failed to start DMA logging, err -22 (Invalid argument)"),
        of(
            "DIRTY_TRACKING_START_FAILED",
            VerdictKind.FAILED,
            A,
            scenario(
                V10,
                plain,
                host(Map.of(A, can(P2P, logging(Optional.of(Errno.EINVAL), Optional.empty(), 0)))),
                migrate()),
            "vfio: Could not start dirty page tracking - "
                + A
                + ": Failed to start DMA logging: Invalid argument"),
        of(
            "DIRTY_TRACKING_START_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(
                V10,
                q35(vfio(A, "enable-migration=on")),
                host(
                    container(true, Optional.of(Errno.EINVAL), Optional.empty(), false),
                    Map.of(A, can(P2P, DmaLogging.NONE))),
                migrate()),
            "vfio: Could not start dirty page tracking - Failed to set dirty tracking flag 0x1:"
                + " Invalid argument"),
        of(
            "DIRTY_TRACKING_START_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(SEED, withoutRam(), ANY, migrate()),
            "vfio: Could not start dirty page tracking, err: -12 (Cannot allocate memory)"),
        of(
            "DIRTY_TRACKING_START_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(V10, withoutRam(), ANY, migrate()),
            "vfio: Could not start dirty page tracking - Failed to prepare DMA logging:"
                + " Cannot allocate memory"),
        of(
            "CAPABILITY_MISSING",
            VerdictKind.FAILED,
            A,
            scenario(V10, q35(vfio(A, "x-migration-multifd-transfer=on")), ANY, migrate()),
            A + ": Multifd device transfer requested but unsupported in the current config"),
        of(
            "DEVICE_STATE_FAILED",
            VerdictKind.FAILED,
            A,
            scenario(
                V10, plain, host(Map.of(A, refusing(P2P, VfioDeviceState.STOP_COPY))), migrate()),
            "Channel error: Input/output error"),
        of(
            "DEVICE_STATE_FAILED",
            VerdictKind.FAILED,
            A,
            scenario(
                SEED, plain, host(Map.of(A, refusing(P2P, VfioDeviceState.STOP_COPY))), migrate()),
            A
                + ": Failed setting device state to STOP_COPY, err: Input/output error. Setting"
                + " device in recover state STOP"),
        of(
            "DIRTY_SYNC_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(SEED, plain, failingReports(), migrate()),
            "vfio: Failed to sync dirty bitmap, err: -22 (Invalid argument)"),
        of(
            "DIRTY_SYNC_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(V10, plain, failingReports(), migrate()),
            "ram_save_setup failed: Invalid argument"),
        of(
            "VIOMMU_MAPPING_FAILED",
            VerdictKind.FAILED,
            null,
            scenario(
                V11,
                q35(intel(), vfio(A, "x-device-dirty-page-tracking=off", "enable-migration=on")),
                host(largePages(), Map.of()),
                context("v1", ContextMode.TRANSLATE),
                pages(ViommuOperation.MAP, "v1", 0x1000, 0x1000, 1),
                guest(ViommuOperation.ENABLE),
                hold(),
                pages(ViommuOperation.UNMAP, "v1", 0x1000, 0x1000, 1)),
            "vfio_container_dma_unmap(PTR, 0x1000, 0x1000) = -22 (Invalid argument)"),
        of(
            "QEMU_ABORTED",
            VerdictKind.REFUSED,
            null,
            scenario(
                V10,
                plain,
                host(limited(1, List.of()), Map.of()),
                new Step.MemoryAdd("d1", GIB, Optional.empty())),
            "vfio_container_dma_map(PTR, 0x100000000, 0x40000000, PTR) = -28"
                + " (No space left on device)"));
  }

  /** A container whose IOMMU has no pages below 2 MiB, so that a small one cannot be unmapped. */
  private static HostContainer largePages() {
    HostContainer capable = HostContainer.CAPABLE;
    return new HostContainer(
        true,
        -(2L << 20),
        capable.dirtyPageSizes(),
        capable.maxDirtyBitmapSize(),
        capable.dmaAvailable(),
        true,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A warning is no reason; the others need more than a scenario, or than one device or reason. */
  private static final Set<ReasonCode> NOT_HERE =
      Set.of(
          ReasonCode.VIOMMU_RELAXED,
          ReasonCode.HOST_ASSUMED,
          ReasonCode.VM_MAY_DIFFER,
          ReasonCode.NETWORK_MAY_ASSIGN_DEVICE,
          ReasonCode.DIRTY_RATE_ABORTS,
          ReasonCode.VIOMMU_TOGGLE_CRASHES,
          ReasonCode.VIRTIO_IOMMU_LOSES_DIRTY_PAGES,
          ReasonCode.AMD_IOMMU_LOSES_DIRTY_PAGES);

  /** Destinations have tests of their own; every other code is the reason of some verdict here. */
  @Test
  void everyCodeOfTheCatalogueIsPlayed() {
    assertThat(everyCode().map(arguments -> (String) arguments.get()[0]).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(ReasonCode.values())
                .filter(code -> !NOT_HERE.contains(code))
                .map(Enum::name)
                .filter(code -> !code.startsWith("DESTINATION_"))
                .toList());
  }

  private static VmConfig withoutRam() {
    return q35()
        .memory(
            MachineMemory.fixed(new MemoryPlan(List.of(), List.of(), Optional.empty(), 4 * GIB, 0)))
        .device(vfio(A))
        .build();
  }

  private static HostFacts failingReports() {
    return host(Map.of(A, can(P2P, logging(Optional.empty(), Optional.of(Errno.EINVAL), 0))));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("everyCode")
  void aReasonHasItsCodeDeviceTextAndRules(
      String code, VerdictKind kind, String device, Scenario scenario, String text)
      throws Exception {
    Verdict verdict = verdict(scenario);

    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(verdict.reasons()).hasSize(1);
    Reason reason = verdict.reasons().get(0);
    assertThat(reason.code()).isEqualTo(code);
    assertThat(reason.device()).isEqualTo(Optional.ofNullable(device));
    assertThat(reason.id()).isEqualTo(reason.device().map(name -> "v" + name.charAt(6)));
    assertThat(reason.kind()).isEqualTo(KIND_OF.get(kind));
    assertThat(reason.qemuText()).isEqualTo(text);
    assertThat(reason.rules().isEmpty()).isEqualTo(code.equals("MACHINE_TYPE_UNSUPPORTED"));
    assertThat(reason.rules()).allMatch(rule -> rule.matches("R-[A-Z]+-[0-9]+"));
    assertThat(reason.explanation()).matches("[A-Z][^\\n]*\\.").doesNotContain("  ", "\\.\\.");
    if (kind != VerdictKind.CONDITIONAL) {
      assertThat(reason.remedies()).extracting(Remedy::verdict).doesNotContain(VerdictKind.REFUSED);
    }
  }

  @Test
  void theFirstFailureIsTheReasonNotALaterOne() throws Exception {
    HostFacts host =
        host(
            Map.of(
                A,
                HostDevice.builder()
                    .dmaLogging(logging(Optional.empty(), Optional.of(Errno.EINVAL), 0))
                    .setStateError(VfioDeviceState.STOP_COPY, Errno.EIO)
                    .build()));

    Verdict verdict = verdict(scenario(SEED, q35(vfio(A)), host, migrate()));
    assertThat(verdict.reasons()).extracting(Reason::code).containsExactly("DIRTY_SYNC_FAILED");
  }

  @Test
  void blockersAreToldOldestFirstAndWhatMigrateSaysIsAmongThem() throws Exception {
    Verdict verdict =
        verdict(
            scenario(
                V10, q35(device("frozen-iommu", ""), vfio(A, OFF), vfio(B, OFF)), ANY, migrate()));

    assertThat(verdict.reasons())
        .extracting(Reason::code)
        .containsExactly("MIGRATION_DISABLED", "MIGRATION_DISABLED", "NON_MIGRATABLE_DEVICE");
  }

  @Test
  void theVerdictFollowsTheLastMigrate() throws Exception {
    VmConfig vm = q35(intel(), vfio(A, PT));
    Step enable = guest(ViommuOperation.ENABLE);
    Step disable = guest(ViommuOperation.DISABLE);

    assertThat(verdict(scenario(SEED, vm, ANY, enable, migrate(), disable, migrate())).kind())
        .isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict(scenario(SEED, vm, ANY, hold(), migrate())).kind())
        .as("QEMU refuses a second one for the first alone")
        .isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict(scenario(SEED, q35(vfio(A)), ANY, hold(), TestVm.cancel())).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict(scenario(SEED, q35(intel("dma-translation=off"), vfio(A, PT)), ANY)).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }
}
