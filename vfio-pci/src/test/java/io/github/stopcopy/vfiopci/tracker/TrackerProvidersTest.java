package io.github.stopcopy.vfiopci.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** By what users choose a tracker, and what they can set. */
class TrackerProvidersTest {

  private static List<DirtyTrackerProvider> providers() {
    return List.of(
        new DeviceLogTrackerProvider(),
        new AllDirtyTrackerProvider(),
        new Mlx5TrackerProvider(),
        new PdsTrackerProvider());
  }

  @Test
  void eachHasTheNameThatUsersGive() {
    assertThat(providers())
        .extracting(DirtyTrackerProvider::name)
        .containsExactly("device-log", "all-dirty", "mlx5", "pds");
  }

  /** A list of trackers has a line for each. */
  @Test
  void eachSaysWhatItDoesAndNoTwoTheSame() {
    assertThat(providers())
        .extracting(DirtyTrackerProvider::description)
        .allSatisfy(text -> assertThat(text).isNotBlank().doesNotContain("\n"))
        .doesNotHaveDuplicates();
  }

  /** A typing error must not be a default. */
  @ParameterizedTest
  @MethodSource("providers")
  void aParameterThatItDoesNotHaveIsRefused(DirtyTrackerProvider provider) {
    assertThatThrownBy(() -> provider.open(new TrackerConfig("x", 4096, Map.of("max-rangs", "1"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("max-rangs");
  }

  @Test
  void R_DT_40_aTrackerThatCallsAllDirtyTellsWhatItTracksWhileItDoes() throws InputException {
    AddressRange range = new AddressRange(0x1000, 0x2fff);
    DirtyTracker tracker =
        new AllDirtyTrackerProvider().open(new TrackerConfig("x", 4096, Map.of()));
    assertThat(tracker.logged()).isEmpty();
    tracker.start(List.of(range), 4096);
    assertThat(tracker.logged()).containsExactly(range);
    tracker.stop();
    assertThat(tracker.logged()).isEmpty();
  }

  /** Whether the log has the bits of the report or others. */
  @ParameterizedTest
  @MethodSource("providers")
  void R_DT_44_whatIsNotLoggedIsNotReportedIntoALog(DirtyTrackerProvider provider)
      throws InputException {
    DirtyTracker tracker = provider.open(new TrackerConfig("x", 4096, Map.of()));
    for (long first : new long[] {0x10000, 0x11000}) {
      DirtyLog into = new DirtyLog(0x10000);
      assertThat(tracker.report(new AddressRange(first, 0x2ffff), into)).contains(Errno.EINVAL);
      assertThat(into.count()).isZero();
    }
  }

  @Test
  void R_DT_40_allIsDirtyInALogOfOtherPagesToo() throws InputException {
    DirtyTracker tracker =
        new AllDirtyTrackerProvider().open(new TrackerConfig("x", 4096, Map.of()));
    tracker.start(List.of(new AddressRange(0x20000, 0x4ffff)), 4096);
    DirtyLog into = new DirtyLog(0x10000);
    assertThat(tracker.report(new AddressRange(0x11000, 0x3ffff), into)).isEmpty();
    assertThat(into.count()).as("pages that the bits 11000, 21000, 31000 share").isEqualTo(4);
  }
}
