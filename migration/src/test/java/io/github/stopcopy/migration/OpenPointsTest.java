package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A VM that may be another one, or may get a device that it does not show: both answers count. */
class OpenPointsTest {

  private static final VmConfig MIGRATABLE = q35(vfio(A));
  private static final VmConfig BLOCKED = q35(intel(), vfio(A));
  private static final VmConfig REFUSED = q35(vfio(A), vfio(A));
  private static final VmConfig CONDITIONAL = q35(intel(), vfio(A, "x-migration-iommu-pt=on"));
  private static final String WHY = "it has a vIOMMU";

  private static MigrationCheck check(VmConfig vm) throws InputException {
    return MigrationCheck.of(vm)
        .host(host(Map.of(A, can(P2P, DmaLogging.SUPPORTED))))
        .profile(QemuProfile.V8_1_IOMMU_PT)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .remedies(false);
  }

  private static Verdict between(VmConfig vm, VmConfig other) throws InputException {
    return check(vm).mayAlsoBe(other, WHY).decide();
  }

  private static List<String> codes(Verdict verdict) {
    return verdict.reasons().stream().map(Reason::code).toList();
  }

  @Test
  void oneThatMigratesOnlyAsOneOfTheTwoIsConditional() throws InputException {
    Verdict verdict = between(MIGRATABLE, BLOCKED);
    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(codes(verdict)).containsExactly("VM_MAY_DIFFER");
    assertThat(verdict.reasons().get(0).explanation())
        .contains(WHY, "migratable", "blocked (VIOMMU_PRESENT)");
    assertThat(verdict.reasons().get(0).qemuText())
        .isEqualTo(A + ": Migration is currently not supported with vIOMMU enabled");
  }

  @Test
  void theOtherWayRoundAsWell() throws InputException {
    Verdict verdict = between(BLOCKED, MIGRATABLE);
    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(codes(verdict)).containsExactly("VIOMMU_PRESENT", "VM_MAY_DIFFER");
  }

  @Test
  void twoThatMigrateInDifferentWaysAreConditional() throws InputException {
    Verdict verdict = between(MIGRATABLE, CONDITIONAL);
    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(codes(verdict)).containsExactly("VM_MAY_DIFFER");
  }

  @Test
  void twoOfOneAnswerAreAWarning() throws InputException {
    Verdict verdict = between(MIGRATABLE, MIGRATABLE);
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.reasons()).isEmpty();
    assertThat(verdict.warnings()).contains(WHY + "; with that it is migratable");
  }

  @Test
  void twoThatDoNotMigrateAreAWarningThatTellsTheOther() throws InputException {
    Verdict verdict = between(BLOCKED, REFUSED);
    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(codes(verdict)).containsExactly("VIOMMU_PRESENT");
    assertThat(verdict.warnings())
        .anyMatch(warning -> warning.startsWith(WHY + "; with that it is refused ("));
  }

  @Test
  void aDeviceThatItMayGetIsAConditionOfWhatMigrates() throws InputException {
    Verdict verdict = check(MIGRATABLE).mayHave(List.of("pool one", "pool two")).decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(codes(verdict))
        .containsExactly("NETWORK_MAY_ASSIGN_DEVICE", "NETWORK_MAY_ASSIGN_DEVICE");
    assertThat(verdict.reasons().get(1).explanation()).contains("pool two");
  }

  @Test
  void aDeviceThatItMayGetIsAWarningOfWhatDoesNot() throws InputException {
    Verdict verdict = check(BLOCKED).mayHave(List.of("pool one")).decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(codes(verdict)).containsExactly("VIOMMU_PRESENT");
    assertThat(verdict.warnings()).anyMatch(warning -> warning.contains("pool one"));
  }

  @Test
  void aVmThatIsKnownHasNoOpenPoint() throws InputException {
    Verdict verdict = check(MIGRATABLE).decide();
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.warnings()).noneMatch(warning -> warning.contains("; with that it is"));
  }
}
