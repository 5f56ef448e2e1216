package io.github.stopcopy.core.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

  @Test
  void theProfilesAreInTheOrderOfTheReleases() {
    assertThat(QemuProfile.values())
        .extracting(QemuProfile::id)
        .containsExactly(
            "8.1",
            "8.1-iommu-pt",
            "8.2",
            "9.0",
            "9.1",
            "9.2",
            "10.0",
            "10.1",
            "10.2",
            "11.0",
            "11.1");
    assertThat(QemuProfile.newest()).isSameAs(QemuProfile.V11_1);
    assertThat(QemuProfile.V10_0.isFrom(QemuProfile.V9_2)).isTrue();
    assertThat(QemuProfile.V10_0.isFrom(QemuProfile.V10_0)).isTrue();
    assertThat(QemuProfile.V10_0.isFrom(QemuProfile.V10_1)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.1-iommu-pt", "10.0", "10.0.13", "10.2", "10.2.0", "11.1", "11.1.3"})
  void aRecordedProfileIsChosenWithoutWarning(String id) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(id);
    assertThat(choice.warning()).isEmpty();
    assertThat(choice.profile().isRecorded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.1", "8.2", "9.0", "9.1", "9.2", "10.1", "11.0"})
  void aProfileThatIsNotRecordedSaysSo(String id) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(id);
    assertThat(choice.profile().id()).isEqualTo(id);
    assertThat(choice.profile().isRecorded()).isFalse();
    assertThat(choice.warning())
        .contains("profile " + id + " is not recorded: it follows merged patches, not a binary");
  }

  @ParameterizedTest
  @CsvSource({
    "8.1.0, 8.1",
    "08.1, 8.1",
    "8.1.5, 8.1",
    "9.1.0-15.el9, 9.1",
    "qemu-kvm-9.1.0-15.el9_6.7, 9.1",
    "Debian 1:10.0.13+ds, 10.0",
    "1:8.2.2+ds-0ubuntu1.7, 8.2",
    "QEMU emulator version 10.1.2 (v10.1.2-5.fc43), 10.1",
    "el9.2 v10.2.0, 10.2",
    "pve-qemu-kvm 9.2.0-7, 9.2",
    "9001000, 9.1",
    "10000013, 10.0",
    "11001003, 11.1",
    "'  10.2 ', 10.2",
  })
  void theReleaseIsFoundInTheTextAroundIt(String text, String answered) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(text);
    assertThat(choice.profile().id()).isEqualTo(answered);
    assertThat(choice.warning()).isEqualTo(choice.profile().warning());
  }

  @ParameterizedTest
  @CsvSource({"8.1.50, 8.2", "8.2.90, 9.0", "9.2.50-rc1, 10.0", "10.2.91, 11.0"})
  void aDevelopmentVersionIsTheReleaseThatItBecame(String asked, String answered)
      throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(asked);
    assertThat(choice.profile().id()).isEqualTo(answered);
    assertThat(choice.warning().orElseThrow())
        .startsWith("QEMU " + asked.split("-")[0] + " is answered with the profile " + answered);
  }

  @ParameterizedTest
  @CsvSource({"8.3, 8.2", "9.7, 9.2", "10.3, 10.2"})
  void aReleaseThatNeverWasIsAnsweredWithTheNearestOlderProfile(String asked, String answered)
      throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(asked);
    assertThat(choice.profile().id()).isEqualTo(answered);
    assertThat(choice.warning().orElseThrow())
        .startsWith("QEMU " + asked + " is answered with the nearest older profile, " + answered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"11.2", "11.9.50", "12.0", "99999.1", "99999999999.1"})
  void aNewerReleaseIsAnsweredWithTheNewestProfile(String asked) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(asked);
    assertThat(choice.profile()).isSameAs(QemuProfile.V11_1);
    assertThat(choice.warning().orElseThrow())
        .endsWith(" is newer than all that is known and answered with the profile 11.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.2", "8.0", "8.0.5", "0.0", "1.13", "8.0.50"})
  void releasesBefore8_1AreNotModelled(String release) {
    assertThatThrownBy(() -> QemuProfile.choose(release))
        .isInstanceOf(InputException.class)
        .hasMessage("QEMU " + release + " is not modelled, expected 8.1 or newer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc",
        "",
        "8",
        "8.",
        ".1",
        "10,2",
        "el9.2",
        "999999",
        "1:10",
        "rc8.1",
        "8.1.1.1.1"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> QemuProfile.choose(text))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "unknown QEMU version '"
                + text
                + "', expected one of [8.1, 8.1-iommu-pt, 8.2, 9.0, 9.1, 9.2,"
                + " 10.0, 10.1, 10.2, 11.0, 11.1] or a release number from 8.1 on");
  }

  @Test
  void hostileNamesStayOnOneShortLine() {
    assertThatThrownBy(() -> QemuProfile.choose("a\nb" + "x".repeat(100_000)))
        .satisfies(e -> assertThat(e.getMessage()).startsWith("unknown QEMU version 'a b"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(400));
  }

  @Test
  @Timeout(10)
  void aVeryLongNumberIsReadInOneGo() throws InputException {
    assertThatThrownBy(() -> QemuProfile.choose("10.2" + ".1".repeat(1_000_000)))
        .isInstanceOf(InputException.class);
    assertThat(QemuProfile.choose("1".repeat(1_000_000) + ".1").profile())
        .isSameAs(QemuProfile.V11_1);
    assertThatThrownBy(() -> QemuProfile.choose("x1 ".repeat(500_000)))
        .isInstanceOf(InputException.class);
  }

  @Test
  void R_AS_36_onlyLaterReleasesKnowUnmergeableRegions() {
    assertThat(QemuProfile.V8_1.hasUnmergeableRegions()).isFalse();
    assertThat(QemuProfile.V8_1_IOMMU_PT.hasUnmergeableRegions()).isFalse();
    assertThat(QemuProfile.V10_2.hasUnmergeableRegions()).isTrue();
    assertThat(QemuProfile.V11_1.hasUnmergeableRegions()).isTrue();
  }
}
