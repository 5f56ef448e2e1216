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
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.lint.LintRuleSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What another release of QEMU changes for a VM, and from which on it migrates. */
class ReleaseChangeTest {

  private static final VmConfig PLAIN = q35(vfio(A));
  private static final VmConfig BEHIND = q35(intel(), vfio(A));

  private static MigrationCheck check(QemuProfile profile, VmConfig vm) throws InputException {
    return MigrationCheck.of(vm)
        .host(host(Map.of(A, can(P2P))))
        .profile(profile)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .remedies(false);
  }

  private static Verdict verdict(QemuProfile profile, VmConfig vm) throws InputException {
    return check(profile, vm).decide();
  }

  private static Verdict warned(Verdict verdict, String... warnings) {
    return verdict.with(verdict.kind(), verdict.reasons(), List.of(warnings));
  }

  @Test
  void theSameAnswerForTheSameReasonsIsNoChange() throws InputException {
    Verdict from = warned(verdict(QemuProfile.V10_0, BEHIND), "a");
    Verdict to = warned(verdict(QemuProfile.V10_2, BEHIND), "a");
    assertThat(ReleaseChange.between(from, to).isNothing()).isTrue();
  }

  @Test
  void aReasonThatGoesAndOneThatComes() throws InputException {
    Verdict blocked = warned(verdict(QemuProfile.V10_2, BEHIND));
    Verdict other = warned(verdict(QemuProfile.V11_0, q35(vfio(A, "enable-migration=off"))));
    ReleaseChange change = ReleaseChange.between(blocked, other);
    assertThat(change.gone()).extracting(Reason::code).containsExactly("VIOMMU_PRESENT");
    assertThat(change.added()).extracting(Reason::code).containsExactly("MIGRATION_DISABLED");
    assertThat(change.isNothing()).isFalse();

    Verdict free = blocked.with(blocked.kind(), List.of(), List.of());
    assertThat(ReleaseChange.between(blocked, free).isNothing()).as("only gone").isFalse();
    assertThat(ReleaseChange.between(free, blocked).isNothing()).as("only added").isFalse();
    Verdict better = blocked.with(VerdictKind.MIGRATABLE, List.of(), List.of());
    assertThat(ReleaseChange.between(free, better).isNothing()).as("only the answer").isFalse();
  }

  @Test
  void aWarningThatGoesAndOneThatComes() throws InputException {
    Verdict from = warned(verdict(QemuProfile.V10_0, PLAIN), "old", "both");
    Verdict to = warned(verdict(QemuProfile.V10_2, PLAIN), "both", "new");
    ReleaseChange change = ReleaseChange.between(from, to);
    assertThat(change.warningsGone()).containsExactly("old");
    assertThat(change.warningsAdded()).containsExactly("new");
    assertThat(change.isNothing()).isFalse();
    Verdict less = warned(verdict(QemuProfile.V10_2, PLAIN), "both");
    assertThat(ReleaseChange.between(from, less).isNothing()).as("only gone").isFalse();
    assertThat(ReleaseChange.between(less, to).isNothing()).as("only added").isFalse();
  }

  /** That a release was not recorded is said of each of them, and is no change of the VM. */
  @Test
  void aWarningAboutTheReleaseItselfIsNone() throws InputException {
    QemuProfile unrecorded = QemuProfile.V9_0;
    String ofRelease = unrecorded.warning().orElseThrow();
    Verdict from = warned(verdict(QemuProfile.V10_0, PLAIN));
    Verdict to = warned(verdict(unrecorded, PLAIN), "so: " + ofRelease, "new");
    assertThat(ReleaseChange.between(from, to).warningsAdded()).containsExactly("new");
  }

  private static Verdict of(QemuProfile profile, VerdictKind kind) throws InputException {
    return verdict(profile, PLAIN).with(kind, List.of(), List.of());
  }

  @Test
  void fromWhichReleaseOnAllMigrateIt() throws InputException {
    Verdict bad = of(QemuProfile.V8_2, VerdictKind.BLOCKED);
    Verdict good = of(QemuProfile.V9_0, VerdictKind.CONDITIONAL);
    Verdict better = of(QemuProfile.V10_0, VerdictKind.MIGRATABLE);
    Verdict worse = of(QemuProfile.V11_0, VerdictKind.FAILED);
    Verdict patched = of(QemuProfile.V8_1_IOMMU_PT, VerdictKind.MIGRATABLE);
    assertThat(ReleaseChange.migratesFrom(List.of(bad, good, better))).contains(QemuProfile.V9_0);
    assertThat(ReleaseChange.migratesFrom(List.of(good, bad, better))).contains(QemuProfile.V10_0);
    assertThat(ReleaseChange.migratesFrom(List.of(good, better, worse))).isEmpty();
    assertThat(ReleaseChange.migratesFrom(List.of(patched, good))).contains(QemuProfile.V9_0);
    assertThat(ReleaseChange.migratesFrom(List.of(patched))).isEmpty();
    assertThat(ReleaseChange.migratesFrom(List.of())).isEmpty();
  }

  /** The linter and a warning say the same of a device in front of the vIOMMU. */
  @Test
  void R_LST_1_whatAdviceTellsIsNotWarnedOfTwice() throws InputException {
    VmConfig wrong = q35(vfio(A), intel());
    Verdict without = verdict(QemuProfile.V10_2, wrong);
    assertThat(without.warningsBesideAdvice()).isEqualTo(without.warnings());
    assertThat(without.warnings()).anyMatch(line -> line.contains("vIOMMU"));

    Verdict with = check(QemuProfile.V10_2, wrong).adviceFrom(LintRuleSet.NAME).decide();
    assertThat(with.warnings()).isEqualTo(without.warnings());
    assertThat(with.warningsBesideAdvice())
        .hasSize(without.warnings().size() - 1)
        .noneMatch(line -> line.contains("before the vIOMMU"));
  }
}
