package io.github.stopcopy.core.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Choosing the release to play. */
class QemuProfileTest {

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void aProfileIsChosenByItsName(QemuProfile profile) throws InputException {
    assertThat(QemuProfile.choose(profile.id()).profile()).isSameAs(profile);
    assertThat(profile).hasToString(profile.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.1", "8.1.0", "8.1-iommu-pt", "10.2", "10.2.0"})
  void aRecordedProfileIsChosenWithoutWarning(String id) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(id);
    assertThat(choice.warning()).isEmpty();
    assertThat(choice.profile().isRecorded()).isTrue();
  }

  @Test
  void aProfileThatIsNotRecordedSaysSo() throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose("11.0");
    assertThat(choice.profile()).isSameAs(QemuProfile.V11_0);
    assertThat(choice.profile().isRecorded()).isFalse();
    assertThat(choice.warning())
        .contains("profile 11.0 is not recorded: it follows merged patches, not a binary");
  }

  @ParameterizedTest
  @CsvSource({
    "8.1.50, 8.1",
    "8.2, 8.1",
    "9.2, 8.1",
    "10.0, 8.1",
    "10.1.5, 8.1",
    "10.2.2, 10.2",
    "10.3, 10.2",
    "08.1, 8.1"
  })
  void anyOtherReleaseIsAnsweredWithTheNearestOlderProfile(String asked, String answered)
      throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(asked);
    assertThat(choice.profile().id()).isEqualTo(answered);
    assertThat(choice.warning())
        .contains("QEMU " + asked + " is answered with the nearest older profile, " + answered);
  }

  @Test
  void bothWarningsAreGivenWhereBothApply() throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose("12.0");
    assertThat(choice.profile()).isSameAs(QemuProfile.V11_0);
    assertThat(choice.warning())
        .contains(
            "QEMU 12.0 is answered with the nearest older profile, 11.0; profile 11.0 is not"
                + " recorded: it follows merged patches, not a binary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.2", "8.0", "8.0.5", "0.0", "1.13"})
  void releasesBefore8_1AreNotModelled(String release) {
    assertThatThrownBy(() -> QemuProfile.choose(release))
        .isInstanceOf(InputException.class)
        .hasMessage("QEMU " + release + " is not modelled, expected 8.1 or newer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"abc", "", "8", "8.", ".1", "8.1-pt", "10,2", "-8.1", "10.2 ", "99999.1", "8.1.x"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> QemuProfile.choose(text))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "unknown QEMU version '"
                + text
                + "', expected one of [8.1, 8.1-iommu-pt, 10.2, 11.0]"
                + " or a release number from 8.1 on");
  }

  @Test
  void hostileNamesStayOnOneShortLine() {
    assertThatThrownBy(() -> QemuProfile.choose("a\nb" + "x".repeat(100_000)))
        .satisfies(e -> assertThat(e.getMessage()).startsWith("unknown QEMU version 'a b"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(400));
  }

  @Test
  void R_AS_36_onlyQemu10AndLaterKnowUnmergeableRegions() {
    assertThat(QemuProfile.V8_1.hasUnmergeableRegions()).isFalse();
    assertThat(QemuProfile.V8_1_IOMMU_PT.hasUnmergeableRegions()).isFalse();
    assertThat(QemuProfile.V10_2.hasUnmergeableRegions()).isTrue();
    assertThat(QemuProfile.V11_0.hasUnmergeableRegions()).isTrue();
  }
}
