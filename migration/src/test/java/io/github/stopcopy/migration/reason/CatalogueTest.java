package io.github.stopcopy.migration.reason;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.migration.spi.Finding;
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
}
