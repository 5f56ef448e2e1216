package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * How a tracker is made, and the cases of starting, stopping and closing it. A part of {@link
 * DirtyTrackerContract}, which is what to extend.
 */
abstract class TrackerLifecycleContract {

  static final long PAGE = 4096;
  static final long LARGE_PAGE = 0x10000;

  /** Opens a new tracker that logs nothing yet; several may be open at once. */
  protected abstract DirtyTracker open(TrackerConfig config) throws InputException;

  /**
   * What trackers are opened with; by default a host with pages of 4096 bytes and no parameters.
   */
  protected TrackerConfig config() {
    return new TrackerConfig("0000:01:00.0", PAGE, Map.of());
  }

  /**
   * The ranges of most starts, ascending; by default those of a PC with 8 GiB. They do not overlap,
   * are aligned to 64 KiB and have 1 MiB each at least. A start in any part of them must be granted
   * too.
   */
  protected List<AddressRange> startRanges() {
    return PcLayout.START_RANGES;
  }

  /** The page size that most starts ask for in bytes; by default 4096. */
  protected long pageSize() {
    return PAGE;
  }

  /**
   * Whether the tracker reports a page only if it was written. One that calls everything dirty is
   * honest without being exact: then nothing is checked but that no write is lost.
   */
  protected boolean isExact() {
    return true;
  }

  TrackedDevice opened() throws InputException {
    return new TrackedDevice(open(config()), isExact());
  }

  TrackedDevice started() throws InputException {
    return started(startRanges());
  }

  TrackedDevice started(List<AddressRange> ranges) throws InputException {
    return started(ranges, pageSize());
  }

  TrackedDevice started(List<AddressRange> ranges, long pageSize) throws InputException {
    TrackedDevice device = opened();
    device.start(List.copyOf(ranges), pageSize);
    return device;
  }

  /**
   * The second and fourth quarter of the first start range, so that there is a hole and room
   * before.
   */
  List<AddressRange> partedRanges() {
    AddressRange whole = startRanges().get(0);
    long quarter = U64.alignDown((whole.last() - whole.first()) / 4, LARGE_PAGE);
    return List.of(
        new AddressRange(whole.first() + quarter, whole.first() + 2 * quarter - 1),
        new AddressRange(whole.first() + 3 * quarter, whole.first() + 4 * quarter - 1));
  }

  static long middle(AddressRange range) {
    return U64.alignDown(range.first() + (range.last() - range.first()) / 2, LARGE_PAGE);
  }

  @Test
  @DisplayName("a start in the usual ranges is granted in a power of two from 4096 on")
  void startIsGranted() throws InputException {
    try (TrackedDevice device = started()) {
      assertTrue(device.granted() >= PAGE);
    }
  }

  @Test
  @DisplayName("a start in pages of 64 KiB is granted in some page size, and no write is lost")
  void startInLargePagesIsGranted() throws InputException {
    try (TrackedDevice device = opened()) {
      device.start(startRanges(), LARGE_PAGE);
      for (AddressRange range : startRanges()) {
        device.write(middle(range) + 5 * PAGE, middle(range) + 5 * PAGE);
        device.write(range.last(), range.last());
      }
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("writes outside of the ranges, before the start and after the stop do no harm")
  void writesAtTheWrongPlaceOrTime() throws InputException {
    List<AddressRange> ranges = partedRanges();
    AddressRange low = ranges.get(0);
    try (TrackedDevice device = opened()) {
      device.write(low.first(), low.first() + 3 * PAGE);
      device.start(ranges, pageSize());
      device.reportAll();
      device.write(low.first() - LARGE_PAGE, low.first() - LARGE_PAGE);
      device.write(low.last() + 1 + LARGE_PAGE, low.last() + 1 + LARGE_PAGE);
      device.reportAll();
      device.write(low.last() - PAGE, low.last() + 100 * LARGE_PAGE);
      device.reportAll();
      device.stop();
      device.write(low.first(), low.first());
      device.start(ranges, pageSize());
      device.reportAll();
    }
  }

  @Test
  @DisplayName("a report is refused before the start and after the stop")
  void reportsAreRefusedWhileNothingIsLogged() throws InputException {
    AddressRange range = partedRanges().get(0);
    try (TrackedDevice device = opened()) {
      device.refusedReport(range, "before the start");
      device.start(startRanges(), pageSize());
      device.write(range.first(), range.first() + 9 * PAGE);
      device.stop();
      device.refusedReport(range, "after the stop");
    }
  }

  @Test
  @DisplayName("a second start is refused and what was logged is still there")
  void aSecondStartIsRefused() throws InputException {
    try (TrackedDevice device = started()) {
      AddressRange range = startRanges().get(0);
      device.write(middle(range), middle(range));
      device.refusedStart(startRanges());
      device.refusedStart(partedRanges());
      device.write(range.last(), range.last());
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("after a stop a start begins with an empty log, also in other ranges")
  void aStopForgetsTheLog() throws InputException {
    try (TrackedDevice device = opened()) {
      for (List<AddressRange> ranges : List.of(startRanges(), partedRanges(), startRanges())) {
        device.start(ranges, pageSize());
        device.reportAll();
        for (AddressRange range : partedRanges()) {
          device.write(middle(range), middle(range) + PAGE);
          device.write(range.last(), range.last());
        }
        device.stop();
      }
      device.start(startRanges(), pageSize());
      device.reportAll();
    }
  }

  @Test
  @DisplayName("a stop is refused before a start and after a stop")
  void aStopIsRefusedWhileNothingIsLogged() throws InputException {
    try (TrackedDevice device = opened()) {
      assertTrue(device.tracker().stop().isPresent(), "a stop before the start was not refused");
      device.start(startRanges(), pageSize());
      device.stop();
      assertTrue(device.tracker().stop().isPresent(), "a second stop was not refused");
      device.start(startRanges(), pageSize());
      device.stop();
    }
  }

  @Test
  @DisplayName("close comes at any time and says nothing")
  void closeIsSilent() throws InputException {
    opened().close();
    started().close();
    TrackedDevice written = started();
    written.write(startRanges().get(0).first(), startRanges().get(0).first());
    written.close();
    TrackedDevice stopped = started();
    stopped.stop();
    stopped.close();
  }

  @Test
  @DisplayName("ranges may come in descending order")
  void rangesMayDescend() throws InputException {
    for (List<AddressRange> ascending : List.of(startRanges(), partedRanges())) {
      List<AddressRange> ranges = new ArrayList<>(ascending);
      Collections.reverse(ranges);
      try (TrackedDevice device = started(ranges)) {
        for (AddressRange range : ranges) {
          device.write(range.first(), range.first());
          device.write(range.last(), range.last());
        }
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("the list of ranges is neither changed nor kept")
  void theListOfRangesBelongsToTheCaller() throws InputException {
    List<AddressRange> ranges = new ArrayList<>(startRanges());
    Collections.reverse(ranges);
    List<AddressRange> given = new ArrayList<>(ranges);
    try (TrackedDevice device = opened()) {
      device.start(given, pageSize());
      assertEquals(ranges, given, "the list after the start");
      given.clear();
      for (AddressRange range : ranges) {
        device.write(range.first(), range.first());
        device.write(middle(range), middle(range) + 1);
      }
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("two trackers do not share a log")
  void trackersAreIndependent() throws InputException {
    AddressRange range = startRanges().get(0);
    try (TrackedDevice one = started();
        TrackedDevice other = started()) {
      one.write(middle(range), middle(range));
      other.reportAll();
      other.write(range.first(), range.first());
      one.reportAll();
      one.stop();
      other.reportAll();
    }
  }

  @Test
  @DisplayName("addresses around 2^63 are unsigned")
  void addressesAreUnsigned() throws InputException {
    long top = Long.MIN_VALUE;
    try (TrackedDevice device = opened()) {
      boolean granted =
          device.offer(List.of(new AddressRange(top - 0x100000, top + 0xfffff)), PAGE);
      Assumptions.assumeTrue(granted, "the tracker knows no addresses as high as 2^63");
      device.write(top - 0x100000, top - 0x100000);
      device.write(top - 1, top);
      device.write(top + 0xfffff, top + 0xfffff);
      device.reportAll();
      device.reportAll();
    }
  }
}
