package io.github.stopcopy.migration.reason;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.FindingLevel;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The catalogue holds together: codes, causes and kinds of remedy. */
class CatalogueTest {

  @ParameterizedTest
  @EnumSource
  void aCodeHasCausesAndReleasesInOrder(ReasonCode code) {
    assertThat(code.causes()).isNotEmpty().allMatch(cause -> cause.code() == code);
    assertThat(ReasonCode.named(code.name())).contains(code);
    if (code.since().isPresent() && code.until().isPresent()) {
      assertThat(code.since().get()).isLessThanOrEqualTo(code.until().get());
    }
    assertThat(code.remedies()).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void aCauseIsToldInWholeSentencesAndFollowsRules(Cause cause) {
    assertThat(cause.text()).matches("[A-Z][^\\n]*\\.").doesNotContain("  ", "..");
    assertThat(cause.rules().isEmpty())
        .isEqualTo(
            cause == Cause.MACHINE_TYPE_OF_LATER_RELEASE
                || cause == Cause.MORE_VCPUS_THAN_THE_MACHINE_TAKES);
    assertThat(cause.rules())
        .doesNotHaveDuplicates()
        .allMatch(rule -> rule.matches("R-[A-Z]+-[0-9]+"));
  }

  @Test
  void everyKindOfRemedyHelpsAgainstSomething() {
    Set<RemedyKind> used = EnumSet.noneOf(RemedyKind.class);
    for (ReasonCode code : ReasonCode.values()) {
      used.addAll(code.remedies());
    }
    assertThat(used).containsExactlyInAnyOrder(RemedyKind.values());
  }

  @Test
  void wordsInBracesAreReplacedInTheirOrder() {
    Cause cause = Cause.DEVICE_STATE_REFUSED;
    assertThat(cause.text()).contains("{state}", "{errno}");
    assertThat(cause.explanation("STOP_COPY", "{it}"))
        .isEqualTo("The device refused the state STOP_COPY: {it}.");
    assertThat(cause.finding("text", "STOP", "why"))
        .isEqualTo(
            new Finding(
                "DEVICE_STATE_FAILED",
                "text",
                "The device refused the state STOP: why.",
                cause.rules()));
    assertThatIllegalArgumentException().isThrownBy(() -> cause.explanation("STOP"));
    assertThatIllegalArgumentException().isThrownBy(() -> cause.explanation("STOP", "why", "3"));
    assertThat(Cause.NOT_NOW.explanation()).isEqualTo(Cause.NOT_NOW.text());
  }

  @Test
  void codesOfOthersAreNotInIt() {
    assertThat(ReasonCode.named("OURS")).isEqualTo(Optional.empty());
    assertThat(List.of(ReasonCode.values())).hasSizeGreaterThan(20);
  }

  @Test
  void R_REL_1_aCodeOfSomeReleasesSaysOfWhich() {
    assertThat(ReasonCode.VIOMMU_IN_USE.since()).contains(QemuProfile.V8_1_IOMMU_PT);
    assertThat(ReasonCode.VIOMMU_IN_USE.until()).contains(QemuProfile.V8_1_IOMMU_PT);
    assertThat(ReasonCode.MULTIPLE_DEVICES.until()).contains(QemuProfile.V8_1);
    assertThat(ReasonCode.MEMORY_TOO_LARGE.since()).contains(QemuProfile.V11_0);
    assertThat(ReasonCode.MEMORY_TOO_LARGE.until()).isEmpty();
    assertThat(ReasonCode.NO_KERNEL_SUPPORT.since()).isEmpty();
    assertThat(ReasonCode.NO_KERNEL_SUPPORT.until()).isEmpty();
  }

  /** Words in JSON are a promise. */
  @Test
  void theWordsForProgramsStay() {
    assertThat(ReasonKind.values())
        .extracting(ReasonKind::word)
        .containsExactly("blocker", "refusal", "failure", "condition");
    assertThat(RemedyNeed.values())
        .extracting(RemedyNeed::word)
        .containsExactly(
            "unplug", "restart", "newer-qemu", "host-change", "guest-change", "unmerged-patch");
    assertThat(LoadOutcome.values())
        .extracting(LoadOutcome::word)
        .containsExactly("source-runs-on", "vm-lost", "device-state-lost", "loaded");
    assertThat(FindingLevel.values())
        .extracting(FindingLevel::word)
        .containsExactly("note", "warning", "error");
  }

  @ParameterizedTest
  @EnumSource
  void aKindOfRemedySaysWhatIsChangedAndWhatItCosts(RemedyKind kind) {
    assertThat(kind.text()).isNotBlank().doesNotEndWith(".");
    assertThat(kind.cost()).isNotBlank().doesNotEndWith(".").isNotEqualTo(kind.text());
  }
}
