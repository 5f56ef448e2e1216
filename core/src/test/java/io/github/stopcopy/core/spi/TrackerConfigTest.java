package io.github.stopcopy.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.doCallRealMethod;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What trackers are opened with, and what they are told when it makes no sense. */
class TrackerConfigTest {

  private static TrackerConfig with(String name, String value) {
    return new TrackerConfig("0000:01:00.0", 4096, Map.of(name, value));
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessage(message);
  }

  @Test
  void parametersAreCopied() {
    Map<String, String> parameters = new LinkedHashMap<>(Map.of("ranges", "3"));
    TrackerConfig config = new TrackerConfig("0000:01:00.0", 65536, parameters);
    parameters.clear();
    assertThat(config.parameters()).containsExactly(Map.entry("ranges", "3")).isUnmodifiable();
    assertThat(config.device()).isEqualTo("0000:01:00.0");
    assertThat(config.hostPageSize()).isEqualTo(65536);
  }

  @Test
  void whatIsAbsentHasTheDefault() throws InputException {
    TrackerConfig none = new TrackerConfig("d", 4096, Map.of());
    none.allowOnly();
    assertThat(none.bytes("size", 7)).isEqualTo(7);
    assertThat(none.pageSize("page", 65536)).isEqualTo(65536);
    assertThat(none.number("ranges", -1, 1, 12)).as("a default may lie outside").isEqualTo(-1);
  }

  @Test
  void unknownParametersAreRefusedWithThoseThatAreKnown() throws InputException {
    TrackerConfig config = with("range", "3");
    config.allowOnly("page", "range");
    refused(
        () -> config.allowOnly("ranges", "page"),
        "parameter 'range' is unknown, expected one of page, ranges");
    refused(config::allowOnly, "parameter 'range' is unknown, expected none");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "64K, 65536", "0x1000, 4096", "1.5M, 1572864", "15E, -1152921504606846976"})
  void sizesAreWrittenAsQemuWritesThem(String text, long bytes) throws InputException {
    assertThat(with("size", text).bytes("size", 1)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "64KB", "big", "16E", "1.5"})
  void whatIsNoSizeIsRefused(String text) {
    String message = "parameter size is '" + text + "', expected a size such as 64K";
    refused(() -> with("size", text).bytes("size", 1), message);
    refused(() -> with("size", text).pageSize("size", 4096), message);
  }

  @ParameterizedTest
  @CsvSource({"4096, 4096", "4K, 4096", "64K, 65536", "1G, 1073741824", "8E, -9223372036854775808"})
  void pageSizesArePowersOfTwoFrom4096On(String text, long bytes) throws InputException {
    assertThat(with("page", text).pageSize("page", 1)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "2K", "4095", "4097", "12K", "15E"})
  void otherPageSizesAreRefused(String text) {
    refused(
        () -> with("page", text).pageSize("page", 4096),
        "parameter page is '" + text + "', expected a power of two from 4096 on");
  }

  @Test
  void aNumberMayBeNegativeWhereItsBoundsAre() throws InputException {
    assertThat(with("shift", "-3").number("shift", 0, -5, 5)).isEqualTo(-3);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "12, 12", "007, 7"})
  void numbersLieWithinTheirBounds(String text, int number) throws InputException {
    assertThat(with("ranges", text).number("ranges", 5, 1, 12)).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "13",
        "-3",
        "",
        "three",
        "0x3",
        "3.0",
        "99999999999",
        "+5",
        "\u0665",
        "\uff15",
        " 5",
        "5 "
      })
  void otherNumbersAreRefused(String text) {
    refused(
        () -> with("ranges", text).number("ranges", 5, 1, 12),
        "parameter ranges is '" + text + "', expected a number from 1 to 12");
  }

  @Test
  void aTrackerThatIsLetGoOfStops() {
    DirtyTracker tracker = mock(DirtyTracker.class);
    when(tracker.stop()).thenReturn(Optional.of(Errno.EINVAL));
    doCallRealMethod().when(tracker).close();
    tracker.close();
    verify(tracker).stop();
  }
}
