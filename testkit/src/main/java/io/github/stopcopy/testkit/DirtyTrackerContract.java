package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a {@link DirtyTracker} must hold to (R-DT-40 .. R-DT-44): never lose a write, and do with
 * reports whatever QEMU does with them. Extend it in a test, say how a tracker is opened, and
 * override the hooks in which trackers may differ honestly:
 *
 * {@snippet file="LogTrackerTest.java" region="tracker-contract"}
 *
 * <p>Every report is checked twice: all that was written in the ranges and not reported before is
 * in it, and, if the tracker {@linkplain #isExact() is exact}, nothing else. Pages are those of the
 * granted page size; a page that a report cuts may be told of again until one report takes it
 * whole. Random cases go by {@link Seeds}. Single-threaded, as trackers are.
 */
public abstract class DirtyTrackerContract extends TrackerScaleContract {

  private static final int RUNS = 15;

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
  @DisplayName("a write of 160 MiB is reported whole")
  void aLargeWriteIsReported() throws InputException {
    AddressRange range = startRanges().get(0);
    try (TrackedDevice device = started()) {
      device.write(middle(range) + 1, U64.min(middle(range) + 0xa000000, range.last()));
      device.reportAll();
      device.reportAll();
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
    Seeds.forEach(
        RUNS,
        random -> {
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
  @DisplayName("a report into a log marks what bits would stand for")
  void reportsGoIntoLogsToo() throws InputException {
    Seeds.forEach(
        RUNS,
        random -> {
          AddressRange range = startRanges().get(0);
          for (long pageSize = PAGE; pageSize <= 0x200000; pageSize *= 8) {
            long first = U64.alignUp(range.first(), pageSize);
            if (U64.less(middle(range), first)) {
              continue;
            }
            try (TrackedDevice device = started()) {
              RandomWrites writes = new RandomWrites(random, List.of(range));
              for (int i = 0; i < 5; i++) {
                device.write(writes.next());
              }
              device.write(middle(range) + 777, middle(range) + 777);
              device.write(range.last(), range.last());
              device.reportIntoLog(new AddressRange(first, middle(range) + 777), pageSize);
              device.reportIntoLog(new AddressRange(first, range.last()), pageSize);
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
    Seeds.forEach(
        RUNS,
        random -> {
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
    Seeds.forEach(
        RUNS,
        random -> {
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
  @DisplayName(
      "a report outside of the ranges sets no bit or is refused, and nothing inside is lost")
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
  @DisplayName("no page is lost in random writes and reports")
  void randomWritesAndReports() throws InputException {
    Seeds.forEach(
        RUNS,
        random -> {
          try (TrackedDevice device = started()) {
            playRandomly(device, random, startRanges(), 150);
          }
        });
  }

  @Test
  @DisplayName("no page is lost in random ranges, over several starts")
  void randomRanges() throws InputException {
    Seeds.forEach(
        RUNS,
        random -> {
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
