package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is assumed silently: contract, "Assumed facts", and the drivers' table (R-HOST C4). */
class HostAssumedTest {

  private static final String ASSUMED = ReasonCode.HOST_ASSUMED.name();

  private static MigrationCheck check(VmConfig vm) throws InputException {
    return MigrationCheck.of(vm)
        .profile(QemuProfile.V10_2)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()));
  }

  private static HostFacts bound(String device, String driver) {
    return host(Map.of(device, HostDevice.builder().driver(driver).build()));
  }

  private static List<String> codes(Verdict verdict) {
    return verdict.reasons().stream().map(Reason::code).toList();
  }

  @Test
  void withoutFactsOfADeviceTheAnswerIsConditionalAndNamesIt() throws Exception {
    Verdict verdict = check(q35(vfio(A), vfio(B))).host(host(Map.of(B, can(P2P)))).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict.reasons()).hasSize(1);
    Reason reason = verdict.reasons().get(0);
    assertThat(reason.code()).isEqualTo(ASSUMED);
    assertThat(reason.kind()).isEqualTo(ReasonKind.CONDITION);
    assertThat(reason.device()).contains(A);
    assertThat(reason.id()).contains("v1");
    assertThat(reason.qemuText()).isEmpty();
    assertThat(reason.assumes())
        .containsExactly("migration stop-copy, p2p (default)", "dma-logging true (default)");
  }

  /** What nobody can be blamed for is no condition: groups, BARs and what containers do. */
  @Test
  void whatEveryDeviceCanDoIsEnough() throws Exception {
    HostFacts host = host(Map.of(A, can(P2P)));

    Verdict verdict = check(q35(vfio(A))).host(host).decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.reasons()).isEmpty();
    assertThat(check(q35().build()).decide().kind()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void aFactThatDidNotCountIsNoCondition() throws Exception {
    HostDevice migrates = HostDevice.builder().migration(P2P).build();
    String[] byContainer = {"x-device-dirty-page-tracking=off", "enable-migration=on"};

    assertThat(check(q35(vfio(A, byContainer))).host(host(Map.of(A, migrates))).decide().kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    Verdict logs = check(q35(vfio(A))).host(host(Map.of(A, migrates))).decide();
    assertThat(codes(logs)).containsExactly(ASSUMED);
    assertThat(logs.reasons().get(0).assumes()).containsExactly("dma-logging true (default)");
  }

  /** The remedy is to find out; that the facts are as assumed is played like any other change. */
  @Test
  void whatHelpsIsToFindOut() throws Exception {
    VmConfig vm = q35(vfio(A), vfio(B));
    Verdict verdict = check(vm).decide();

    assertThat(codes(verdict)).containsExactly(ASSUMED, ASSUMED);
    Remedy remedy = verdict.reasons().get(0).remedies().get(0);
    assertThat(remedy.text()).contains("--host FILE", "--driver", "v1, v2");
    assertThat(remedy.verdict()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(remedy.command()).isEmpty();
    assertThat(remedy.needs()).doesNotContain(RemedyNeed.values());
    assertThat(check(vm).apply(remedy.changes()).decide().kind()).isEqualTo(VerdictKind.MIGRATABLE);
  }

  /** R-BLK-27: two conditions are two reasons, and what takes one away is a remedy. */
  @Test
  void anotherConditionStandsBesideIt() throws Exception {
    Verdict verdict =
        check(q35(intel(), vfio(A, "x-migration-iommu-pt=on")))
            .profile(QemuProfile.V8_1_IOMMU_PT)
            .decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(codes(verdict)).containsExactly("VIOMMU_MAY_BE_USED", ASSUMED);
    assertThat(verdict.reasons().get(0).remedies())
        .extracting(Remedy::verdict)
        .containsExactly(VerdictKind.CONDITIONAL);
  }

  /** What a remedy leads to rests on the same facts. */
  @Test
  void aRemedyLeadsToWhatItsChangesLeadTo() throws Exception {
    VmConfig vm = q35(intel(), vfio(A));
    Verdict verdict = check(vm).decide();

    assertThat(codes(verdict)).containsExactly("VIOMMU_PRESENT");
    for (Remedy remedy : verdict.reasons().get(0).remedies()) {
      assertThat(check(vm).apply(remedy.changes()).decide().kind()).isEqualTo(remedy.verdict());
    }
    assertThat(verdict.reasons().get(0).remedies())
        .extracting(Remedy::verdict)
        .contains(VerdictKind.CONDITIONAL, VerdictKind.MIGRATABLE);
  }

  @Test
  void aScenarioHasAgreedValuesAndTakesNothingFromADriver() throws Exception {
    Verdict verdict =
        verdict(scenario(QemuProfile.V10_2, q35(vfio(A)), bound(A, "vfio-pci"), TestVm.migrate()));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.assumptions()).isEmpty();
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource({
    "vfio-pci, BLOCKED, NO_KERNEL_SUPPORT",
    "nvgrace_gpu_vfio_pci, BLOCKED, NO_KERNEL_SUPPORT",
    "mlx5_vfio_pci, CONDITIONAL, HOST_ASSUMED",
    "pds_vfio_pci, CONDITIONAL, HOST_ASSUMED",
    "hisi_acc_vfio_pci, BLOCKED, NO_DIRTY_TRACKING",
    "virtio_vfio_pci, BLOCKED, NO_DIRTY_TRACKING",
    "qat_vfio_pci, BLOCKED, NO_DIRTY_TRACKING",
    "xe_vfio_pci, BLOCKED, NO_DIRTY_TRACKING"
  })
  void R_HOST_C4_aDriverTellsWhatIsNotGiven(String driver, VerdictKind kind, String code)
      throws Exception {
    Verdict verdict = check(q35(vfio(A))).host(bound(A, driver)).decide();

    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(codes(verdict)).containsExactly(code);
    assertThat(verdict.reasons().get(0).assumes())
        .isNotEmpty()
        .allMatch(fact -> fact.endsWith(" (driver table)"));
    assertThat(verdict.assumptions())
        .filteredOn(fact -> fact.fact().matches("migration|dma-logging"))
        .hasSize(2)
        .extracting(Assumption::origin)
        .containsOnly("driver table");
  }

  /** R-HOST C4-2: without P2P there is at most one in a VM. */
  @Test
  void R_HOST_C4_twoOfADriverWithoutP2pBlock() throws Exception {
    String[] on = {"enable-migration=on"};
    Verdict verdict =
        check(q35(vfio(A, on), vfio(B, on)))
            .driver(DriverRequest.forAll("hisi_acc_vfio_pci"))
            .decide();

    assertThat(codes(verdict)).containsExactly("MULTIPLE_DEVICES_WITHOUT_P2P");
    assertThat(verdict.reasons().get(0).assumes()).isNotEmpty();
    assertThat(
            check(q35(vfio(A, on)))
                .driver(DriverRequest.forAll("hisi_acc_vfio_pci"))
                .decide()
                .kind())
        .isEqualTo(VerdictKind.CONDITIONAL);
  }

  /** R-HOST C4-4: 32 TiB in a piece are more than 2^32 pages of 4 KiB. */
  @ParameterizedTest
  @CsvSource({"6.7, FAILED, DIRTY_TRACKING_START_FAILED", "6.8, CONDITIONAL, HOST_ASSUMED"})
  void R_HOST_C4_pdsCountsPagesOfOneRangeBefore6_8(String kernel, VerdictKind kind, String code)
      throws Exception {
    long far = 1L << 45;
    List<PlacedRegion> ram =
        List.of(
            new PlacedRegion("low", RegionKind.RAM, new AddressRange(0, GIB - 1), 0, false),
            new PlacedRegion(
                "high", RegionKind.RAM, new AddressRange(far, far + GIB - 1), GIB, false));
    VmConfig vm =
        q35()
            .memory(MachineMemory.fixed(new MemoryPlan(ram, ram, Optional.empty(), 4 * GIB, 0)))
            .device(vfio(A))
            .build();
    HostFacts host = bound(A, "pds_vfio_pci").toBuilder().kernel(kernel).build();

    Verdict verdict = check(vm).host(host).decide();
    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(codes(verdict)).containsExactly(code);

    // debugfs and the probe tell that it logs, and not the limits
    Verdict told = check(vm).host(withLog(host, DmaLogging.SUPPORTED)).decide();
    assertThat(told.kind()).isEqualTo(kind == VerdictKind.FAILED ? kind : VerdictKind.MIGRATABLE);
    assertThat(told.assumptions())
        .filteredOn(fact -> fact.fact().equals("dma-logging-max-length"))
        .extracting(Assumption::subject, Assumption::origin)
        .containsExactly(tuple(A, "driver table"));
    if (kind == VerdictKind.FAILED) {
      assertThat(told.reasons().get(0).assumes())
          .singleElement()
          .asString()
          .contains("all joined to one");
    }
    DmaLogging limited = DmaLogging.builder().maxRanges(8).build();
    Verdict given = check(vm).host(withLog(host, limited)).decide();
    assertThat(given.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(given.assumptions()).extracting(Assumption::fact).doesNotContain("kernel");
  }

  private static HostFacts withLog(HostFacts host, DmaLogging logging) {
    HostDevice device = host.device(A).toBuilder().migration(P2P).dmaLogging(logging).build();
    return host.toBuilder().device(A, device).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000:01:00.0", "01:00.0", "1:0.0", "0:01:00.0"})
  void factsAreOfTheDeviceHoweverItsAddressIsWritten(String address) throws Exception {
    Verdict verdict =
        check(q35(vfio("0000:01:00.0"))).host(host(Map.of(address, can(P2P)))).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.warnings()).noneMatch(line -> line.contains("no VFIO device of this VM"));
  }

  @Test
  void R_HOST_C4_theReleaseOfTheKernelCountsAndIsAssumedWithoutOne() throws Exception {
    HostFacts host = bound(A, "mlx5_vfio_pci");

    assertThat(check(q35(vfio(A))).host(host).decide().assumptions())
        .contains(new Assumption("host", "kernel", "6.1 or newer", "driver table"));
    Verdict old =
        check(q35(vfio(A))).host(host.toBuilder().kernel("5.14.0-427.el9.x86_64").build()).decide();
    assertThat(codes(old)).containsExactly("NO_DIRTY_TRACKING");
    assertThat(old.assumptions()).extracting(Assumption::fact).doesNotContain("kernel");
    assertThat(old.warnings())
        .anyMatch(line -> line.startsWith("What mlx5_vfio_pci can do changed with Linux 6.1, "));
    assertThat(
            check(q35(vfio(A))).host(host.toBuilder().kernel("6.12").build()).decide().warnings())
        .noneMatch(line -> line.contains("mlx5_vfio_pci"));
  }

  @Test
  void factsThatAreGivenWinOverTheDriver() throws Exception {
    HostDevice told = can(P2P).toBuilder().driver("vfio-pci").build();

    Verdict verdict = check(q35(vfio(A))).host(host(Map.of(A, told))).decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    HostDevice half =
        HostDevice.builder().driver("mlx5_vfio_pci").dmaLogging(DmaLogging.NONE).build();
    assertThat(codes(check(q35(vfio(A))).host(host(Map.of(A, half))).decide()))
        .containsExactly("NO_DIRTY_TRACKING");
  }

  @Test
  void anUnknownDriverLeavesTheAnswerOpenAndIsNamed() throws Exception {
    Verdict verdict = check(q35(vfio(A))).host(bound(A, "acme_vfio_pci")).decide();

    assertThat(codes(verdict)).containsExactly(ASSUMED);
    assertThat(verdict.warnings())
        .filteredOn(line -> line.contains("'acme_vfio_pci'"))
        .singleElement()
        .asString()
        .contains(A, "known are vfio-pci, mlx5_vfio_pci, ");
    assertThat(
            check(q35(vfio(A)))
                .host(host(Map.of(A, can(P2P).toBuilder().driver("acme_vfio_pci").build())))
                .decide()
                .warnings())
        .noneMatch(line -> line.contains("acme"));
  }

  /** A request for a device counts before one for all; what the host says counts first. */
  @Test
  void driversAreNamedForAllOrForADevice() throws Exception {
    VmConfig vm = q35(vfio("01:00.0"), vfio(B));
    DriverRequest all = DriverRequest.forAll("mlx5_vfio_pci");

    for (String name : List.of("v0", A, "01:00.0")) {
      DriverRequest one = new DriverRequest(Optional.of(name), "vfio-pci");
      Verdict verdict = check(vm).driver(one).driver(all).decide();
      assertThat(verdict.reasons())
          .as(name)
          .extracting(Reason::device)
          .containsExactly(Optional.of(A));
      assertThat(codes(verdict)).containsExactly("NO_KERNEL_SUPPORT");
    }
    assertThat(codes(check(vm).host(bound(B, "vfio-pci")).driver(all).decide()))
        .containsExactly("NO_KERNEL_SUPPORT");
    assertThatThrownBy(
            () -> check(vm).driver(new DriverRequest(Optional.of("v9"), "vfio-pci")).decide())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'v9', expected a VFIO device: v");
  }

  /** R-HOST C4-3: another driver can do what it is known to, which nobody saw. */
  @Test
  void R_HOST_C4_bindingAnotherDriverIsAnAssumptionToo() throws Exception {
    Verdict verdict = check(q35(vfio(A))).host(bound(A, "vfio-pci")).decide();

    assertThat(verdict.reasons().get(0).remedies())
        .filteredOn(remedy -> remedy.text().contains("bind mlx5_vfio_pci"))
        .singleElement()
        .extracting(Remedy::verdict)
        .isEqualTo(VerdictKind.CONDITIONAL);
  }

  /** Contract, "Meaning of verdict": that one has completed is no reason of VFIO. */
  @Test
  void afterACompletedMigrationAnotherDoesNotCount() throws Exception {
    HostFacts host = host(Map.of(A, can(P2P), B, can(NO_P2P)));
    VmConfig one = q35(vfio(A));

    Verdict twice =
        verdict(scenario(QemuProfile.V10_2, one, host, TestVm.migrate(), TestVm.migrate()));
    assertThat(twice.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(twice.reasons()).isEmpty();
    assertThat(twice.tracking()).as("of the first").hasSize(1);
    assertThat(twice.steps().get(2).commandError())
        .contains("Can't migrate the vm that was paused due to previous migration");

    Verdict blocked =
        verdict(
            scenario(
                QemuProfile.V10_2,
                q35(vfio(A), vfio(B)),
                host,
                TestVm.migrate(),
                TestVm.migrate()));
    assertThat(codes(blocked)).containsExactly("MULTIPLE_DEVICES_WITHOUT_P2P");
    assertThat(blocked.reasons().get(0).remedies())
        .as("compared with the first migration")
        .extracting(Remedy::verdict)
        .contains(VerdictKind.MIGRATABLE);
  }

  /** The newest of those that the drivers of the devices need, whichever comes first. */
  @Test
  void R_HOST_C4_theNewestKernelThatADriverNeedsIsAssumed() throws Exception {
    String pds = kernelOf(check(q35(vfio(A))).host(bound(A, "pds_vfio_pci")));
    assertThat(pds).isEqualTo("6.8 or newer");
    for (boolean first : new boolean[] {true, false}) {
      MigrationCheck both =
          check(q35(vfio(A), vfio(B)))
              .driver(
                  new DriverRequest(Optional.of("v1"), first ? "pds_vfio_pci" : "mlx5_vfio_pci"))
              .driver(
                  new DriverRequest(Optional.of("v2"), first ? "mlx5_vfio_pci" : "pds_vfio_pci"));
      assertThat(kernelOf(both)).isEqualTo(pds);
    }
    assertThat(
            check(q35(vfio(A)))
                .host(bound(A, "mlx5_vfio_pci").toBuilder().kernel("6.1").build())
                .decide()
                .warnings())
        .as("just new enough")
        .noneMatch(line -> line.contains("changed with Linux"));
  }

  private static String kernelOf(MigrationCheck check) throws Exception {
    return check.decide().assumptions().stream()
        .filter(fact -> fact.fact().equals("kernel"))
        .findFirst()
        .orElseThrow()
        .value();
  }

  /** A dump says where BARs are, so that none is assumed. */
  @Test
  void withADumpNothingIsAssumedOfBars() throws Exception {
    List<PlacedRegion> ram =
        List.of(
            new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 2 * GIB - 1), 0, false));
    VmConfig dumped =
        q35()
            .device(vfio(A))
            .memory(
                MachineMemory.fixed(new MemoryPlan(ram, ram, Optional.of(ram), 4 * GIB, 8 * GIB)))
            .build();

    assertThat(check(q35(vfio(A))).decide().assumptions())
        .extracting(Assumption::fact)
        .contains("bars", "group");
    assertThat(check(dumped).decide().assumptions())
        .extracting(Assumption::fact)
        .contains("group")
        .doesNotContain("bars");
  }

  /** What is assumed of a device is told with its name only where the reason names none. */
  @Test
  void anAssumptionBehindAReasonNamesItsDeviceOnce() throws Exception {
    HostDevice logging =
        HostDevice.builder().driver("hisi_acc_vfio_pci").dmaLogging(DmaLogging.SUPPORTED).build();
    HostFacts both = host(Map.of(A, logging, B, logging));
    Reason ofVm = check(q35(vfio(A), vfio(B))).host(both).decide().reasons().get(0);
    assertThat(ofVm.device()).isEmpty();
    assertThat(ofVm.assumes()).hasSize(2);
    assertThat(ofVm.assumes().get(0)).startsWith(A + ": ");
    assertThat(ofVm.assumes().get(1)).startsWith(B + ": ");

    Reason ofDevice = check(q35(vfio(A))).host(bound(A, "vfio-pci")).decide().reasons().get(0);
    assertThat(ofDevice.device()).contains(A);
    assertThat(ofDevice.assumes()).isNotEmpty().noneMatch(text -> text.startsWith(A));
  }
}
