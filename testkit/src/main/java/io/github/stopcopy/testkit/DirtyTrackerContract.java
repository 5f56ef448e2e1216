package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a {@link DirtyTracker} must hold to (R-DT-40 .. R-DT-44): never lose a write, and do with reports
 * whatever QEMU does with them. Extend it in a test, say how a tracker is opened, and override the hooks
 * in which trackers may differ honestly:
 *
 * <pre>{@code
 * class MyTrackerTest extends DirtyTrackerContract {
 *   @Override
 *   protected DirtyTracker open(TrackerConfig config) throws InputException {
 *     return new MyTrackerProvider().open(config);
 *   }
 * }
 * }</pre>
 *
 * <p>Every report is checked twice: all that was written in the ranges and not reported before is in it,
 * and, if the tracker {@linkplain #isExact() is exact}, nothing else. Pages are those of the granted page
 * size; a page that a report cuts may be told of again until one report takes it whole. Random cases go
 * by {@link Seeds}. Single-threaded, as trackers are.
 */
public abstract class DirtyTrackerContract {

  private static final long PAGE = 4096;
  private static final long LARGE_PAGE = 0x10000;
  private static final int RUNS = 25;

  /** Opens a new tracker that logs nothing yet; several may be open at once. */
  protected abstract DirtyTracker open(TrackerConfig config) throws InputException;

  /** What trackers are opened with; by default a host with pages of 4096 bytes and no parameters. */
  protected TrackerConfig config() {
    return new TrackerConfig("0000:01:00.0", PAGE, Map.of());
  }

  /**
   * The ranges of most starts, ascending; by default those of a PC with 8 GiB. They do not overlap, are
   * aligned to 64 KiB and have 1 MiB each at least. A start in any part of them must be granted too.
   */
  protected List<AddressRange> startRanges() {
    return PcLayout.START_RANGES;
  }

  /** The page size that most starts ask for in bytes; by default 4096. */
  protected long pageSize() {
    return PAGE;
  }

  /**
   * Whether the tracker reports a page only if it was written. One that calls everything dirty is honest
   * without being exact: then nothing is checked but that no write is lost.
   */
  protected boolean isExact() {
    return true;
  }

  private TrackedDevice opened() throws InputException {
    return new TrackedDevice(open(config()), isExact());
  }

  private TrackedDevice started() throws InputException {
    return started(startRanges());
  }

  private TrackedDevice started(List<AddressRange> ranges) throws InputException {
    TrackedDevice device = opened();
    device.start(List.copyOf(ranges), pageSize());
    return device;
  }

  /** The second and fourth quarter of the first start range, so that there is a hole and room before. */
  private List<AddressRange> partedRanges() {
    AddressRange whole = startRanges().get(0);
    long quarter = U64.alignDown((whole.last() - whole.first()) / 4, LARGE_PAGE);
    return List.of(
        new AddressRange(whole.first() + quarter, whole.first() + 2 * quarter - 1),
        new AddressRange(whole.first() + 3 * quarter, whole.first() + 4 * quarter - 1));
  }

  private static long middle(AddressRange range) {
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
  @DisplayName("where nothing is written, nothing is reported")
  void nothingWrittenNothingReported() throws InputException {
    try (TrackedDevice device = started()) {
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("a single byte is reported, also the first and the last of a range")
  void singleBytesAreReported() throws InputException {
    for (AddressRange range : startRanges()) {
      for (long address : new long[] {range.first(), middle(range) + 777, range.last()}) {
        try (TrackedDevice device = started()) {
          device.write(address, address);
          device.reportAll();
          device.reportAll();
        }
      }
    }
  }

  @Test
  @DisplayName("every page of a write is reported, also those of which it touches one byte")
  void everyPageOfAWriteIsReported() throws InputException {
    try (TrackedDevice device = started()) {
      for (AddressRange range : startRanges()) {
        device.write(middle(range) - 1, middle(range));
        device.reportAll();
        device.write(middle(range) - 1, middle(range) + 3 * PAGE);
        device.reportAll();
        device.write(range.first(), range.first() + 150 * PAGE - 1);
        device.reportAll();
        device.write(range.last() - 99 * PAGE, range.last());
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a write of a quarter of a GiB is reported whole")
  void aLargeWriteIsReported() throws InputException {
    for (AddressRange range : startRanges()) {
      try (TrackedDevice device = started()) {
        device.write(middle(range) + 1, U64.min(middle(range) + 0x10000000, range.last()));
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a write across the ends of ranges is reported as far as it lies inside")
  void aWriteAcrossRangesIsReported() throws InputException {
    for (List<AddressRange> ranges : List.of(startRanges(), partedRanges())) {
      try (TrackedDevice device = started(ranges)) {
        for (AddressRange range : ranges) {
          long before = U64.min(range.first(), 5 * PAGE);
          device.write(range.first() - before, range.first() + 1);
          device.write(range.last() - 1, U64.addSaturated(range.last(), 5 * PAGE));
        }
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a write is reported once, and again only after it was written again")
  void aWriteIsReportedOnce() throws InputException {
    try (TrackedDevice device = started()) {
      for (int round = 0; round < 3; round++) {
        for (AddressRange range : startRanges()) {
          device.write(middle(range), middle(range) + 10 * PAGE);
        }
        device.reportAll();
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a bit stands for a page of the report, however large the pages of the log are")
  void reportsComeInAnyPageSize() throws InputException {
    Seeds.forEach(RUNS, random -> {
      AddressRange range = startRanges().get(0);
      for (long pageSize = PAGE; pageSize <= 0x200000; pageSize *= 2) {
        try (TrackedDevice device = started()) {
          RandomWrites writes = new RandomWrites(random, List.of(range));
          for (int i = 0; i < 5; i++) {
            device.write(writes.next());
          }
          device.report(range, pageSize);
          device.report(range, pageSize);
        }
      }
    });
  }

  @Test
  @DisplayName("the last page of a report may be a part of one")
  void reportsEndWithinAPage() throws InputException {
    try (TrackedDevice device = started()) {
      long at = middle(startRanges().get(0));
      for (long length : new long[] {1, PAGE - 1, PAGE + 1, 5 * PAGE - 1}) {
        device.write(at, at + 9 * PAGE - 1);
        device.report(at, at + length - 1);
        device.report(new AddressRange(at, at + length - 1), LARGE_PAGE);
      }
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("bits that are set already stay set, and others are added")
  void bitsOfTheCallerStay() throws InputException {
    try (TrackedDevice device = started()) {
      AddressRange range = startRanges().get(0);
      DirtyBitmap into = new DirtyBitmap(TrackedDevice.bits(range, PAGE) + 64);
      for (long bit = 0; bit < into.pages(); bit += 97) {
        into.mark(bit);
      }
      device.report(range, PAGE, into);
      device.write(middle(range) + 1, middle(range) + 100 * PAGE);
      device.report(range, PAGE, into);
      device.report(range, PAGE, into);
    }
  }

  @Test
  @DisplayName("reports of the pieces of a range add up to the whole")
  void piecesAddUpToTheWhole() throws InputException {
    Seeds.forEach(RUNS, random -> {
      try (TrackedDevice device = started()) {
        RandomWrites writes = new RandomWrites(random, startRanges());
        for (int i = 0; i < 40; i++) {
          device.write(writes.next());
        }
        for (AddressRange range : startRanges()) {
          List<AddressRange> pieces = RandomRanges.pieces(random, range, PAGE, 9);
          Collections.shuffle(pieces, random);
          for (AddressRange piece : pieces) {
            device.report(piece, PAGE);
          }
        }
        device.reportAll();
        device.reportAll();
      }
    });
  }

  @Test
  @DisplayName("reports of the sections of a PC need not align with the start ranges")
  void sectionsOfAPcDoNotAlignWithStartRanges() throws InputException {
    List<AddressRange> sections = new ArrayList<>();
    for (AddressRange section : PcLayout.REPORTS) {
      if (startRanges().stream().anyMatch(range -> range.contains(section))) {
        sections.add(section);
      }
    }
    Assumptions.assumeFalse(sections.isEmpty(), "the start ranges hold no section of a PC");
    Seeds.forEach(RUNS, random -> {
      try (TrackedDevice device = started()) {
        RandomWrites writes = new RandomWrites(random, sections);
        for (int round = 0; round < 3; round++) {
          for (AddressRange section : sections) {
            device.write(section.first(), section.first());
            device.write(section.last(), section.last());
            device.write(writes.next());
          }
          for (AddressRange section : sections) {
            device.report(section, PAGE);
          }
          Collections.shuffle(sections, random);
        }
        device.reportAll();
        device.reportAll();
      }
    });
  }

  @Test
  @DisplayName("a report outside of the ranges sets no bit or is refused, and nothing inside is lost")
  void reportsOutsideTheRanges() throws InputException {
    List<AddressRange> ranges = partedRanges();
    AddressRange low = ranges.get(0);
    AddressRange high = ranges.get(1);
    List<AddressRange> reports =
        List.of(
            new AddressRange(low.first() - LARGE_PAGE, low.first() - 1),
            new AddressRange(low.last() + 1, high.first() - 1),
            new AddressRange(high.last() + 1, high.last() + LARGE_PAGE),
            new AddressRange(low.first() - LARGE_PAGE, low.first() + LARGE_PAGE - 1),
            new AddressRange(high.last() + 1 - LARGE_PAGE, high.last() + LARGE_PAGE),
            new AddressRange(low.last() + 1 - PAGE, high.first() + PAGE - 1),
            new AddressRange(low.first() - LARGE_PAGE, high.last() + LARGE_PAGE));
    for (AddressRange report : reports) {
      try (TrackedDevice device = started(ranges)) {
        for (AddressRange range : ranges) {
          device.write(range.first(), range.first() + PAGE);
          device.write(middle(range), middle(range));
          device.write(range.last() - PAGE, range.last());
        }
        device.report(report, PAGE);
        device.report(report, PAGE);
        device.reportAll();
        device.reportAll();
      }
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
      device.write(low.first() - LARGE_PAGE, ranges.get(1).first() - LARGE_PAGE - 1);
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
      device.write(range.first(), range.last() - 1);
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
    try (TrackedDevice one = started(); TrackedDevice other = started()) {
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
      boolean granted = device.offer(List.of(new AddressRange(top - 0x100000, top + 0xfffff)), PAGE);
      Assumptions.assumeTrue(granted, "the tracker knows no addresses as high as 2^63");
      device.write(top - 0x100000, top - 0x100000);
      device.write(top - 1, top);
      device.write(top + 0xfffff, top + 0xfffff);
      device.reportAll();
      device.reportAll();
    }
  }

  @Test
  @DisplayName("no page is lost in random writes and reports")
  void randomWritesAndReports() throws InputException {
    Seeds.forEach(RUNS, random -> {
      try (TrackedDevice device = started()) {
        playRandomly(device, random, startRanges(), 150);
      }
    });
  }

  @Test
  @DisplayName("no page is lost in random ranges, over several starts")
  void randomRanges() throws InputException {
    Seeds.forEach(RUNS, random -> {
      try (TrackedDevice device = opened()) {
        for (int start = 0; start < 3; start++) {
          List<AddressRange> ranges = new ArrayList<>();
          for (AddressRange range : startRanges()) {
            ranges.addAll(RandomRanges.disjoint(random, range, LARGE_PAGE, 4));
          }
          Collections.shuffle(ranges, random);
          device.start(ranges, random.nextBoolean() ? pageSize() : LARGE_PAGE);
          playRandomly(device, random, ranges, 40);
          device.stop();
        }
      }
    });
  }

  private static void playRandomly(
      TrackedDevice device, Random random, List<AddressRange> ranges, int steps) {
    RandomWrites writes = new RandomWrites(random, ranges);
    Optional<AddressRange> latest = Optional.empty();
    for (int step = 0; step < steps; step++) {
      AddressRange range = ranges.get(random.nextInt(ranges.size()));
      int choice = random.nextInt(8);
      if (choice < 5) {
        latest = Optional.of(writes.next());
        device.write(latest.get());
      } else if (choice == 5 && latest.isPresent() && range.contains(latest.get())) {
        AddressRange near =
            new AddressRange(
                U64.alignDown(latest.get().first(), PAGE), latest.get().last() | PAGE - 1);
        device.report(RandomRanges.pagesWithin(random, near, PAGE), PAGE);
      } else {
        AddressRange asked = RandomRanges.pagesWithin(random, range, PAGE);
        device.report(asked, PAGE << random.nextInt(6));
      }
    }
    device.reportAll();
    device.reportAll();
  }
}
