package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The cases of many, large and high ones: writes, ranges, starts, pages and addresses by orders of
 * magnitude. A part of {@link DirtyTrackerContract}, which is what to extend.
 */
abstract class TrackerScaleContract extends TrackerLifecycleContract {

  private static final long HUGE_PAGE = 0x200000;
  private static final int MOST_RANGES = 256;

  /** What of the start ranges is whole pages of this size; they stay in their order. */
  private List<AddressRange> alignedRanges(long pageSize) {
    List<AddressRange> aligned = new ArrayList<>();
    for (AddressRange range : startRanges()) {
      long first = U64.alignUp(range.first(), pageSize);
      long last = U64.alignDown(range.last() + 1, pageSize) - 1;
      boolean wraps = U64.less(first, range.first()) || U64.less(range.last(), last);
      if (!wraps && U64.less(first, last)) {
        aligned.add(new AddressRange(first, last));
      }
    }
    return aligned;
  }

  /** As many ranges as the kernel hands over, with holes between them, of very different sizes. */
  private List<AddressRange> manyRanges(Random random) {
    List<AddressRange> ranges = new ArrayList<>();
    int each = MOST_RANGES / startRanges().size();
    for (AddressRange range : startRanges()) {
      long units = Long.divideUnsigned(range.last() - range.first(), LARGE_PAGE) + 1;
      long count = U64.min(each, Math.max(1, units >>> 1));
      long stride = Long.divideUnsigned(units, count);
      for (long i = 0; i < count; i++) {
        long most = Math.max(1, stride - 1);
        long length = 1 + (RandomRanges.upTo(random, most - 1) >>> random.nextInt(64));
        long first = range.first() + i * stride * LARGE_PAGE;
        ranges.add(new AddressRange(first, first + length * LARGE_PAGE - 1));
      }
    }
    Collections.shuffle(ranges, random);
    return ranges;
  }

  @Test
  @DisplayName("thousands of writes between two reports are all reported")
  void manyWritesBetweenReportsAreReported() throws InputException {
    Random random = new Random(Seeds.first());
    try (TrackedDevice device = started()) {
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
          AddressRange range = startRanges().get(i % startRanges().size());
          long at = range.first() + RandomRanges.upTo(random, range.last() - range.first());
          device.write(at, at);
        }
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a start may have as many ranges as the kernel hands over, 256 (R-DT-40)")
  void manyRangesAreLogged() throws InputException {
    Seeds.forEach(
        3,
        random -> {
          List<AddressRange> ranges = manyRanges(random);
          try (TrackedDevice device = started(ranges)) {
            for (AddressRange range : ranges) {
              device.write(range.first(), range.first());
              device.write(range.last(), range.last());
            }
            device.reportAll();
            device.reportAll();
          }
        });
  }

  @Test
  @DisplayName("a tracker starts again as often as migrations are tried")
  void aTrackerStartsManyTimes() throws InputException {
    try (TrackedDevice device = opened()) {
      for (int start = 0; start < 40; start++) {
        device.start(start % 2 == 0 ? startRanges() : partedRanges(), pageSize());
        AddressRange range = partedRanges().get(start / 2 % 2);
        device.write(middle(range), middle(range) + start * PAGE);
        device.reportAll();
        device.write(range.first(), range.first());
        device.stop();
      }
    }
  }

  @Test
  @DisplayName("a start in pages of any size to 2 MiB is granted, and no write is lost")
  void startsComeInAnyPageSize() throws InputException {
    for (long pageSize = PAGE; pageSize <= 1L << 30; pageSize *= 2) {
      List<AddressRange> ranges = alignedRanges(pageSize);
      if (ranges.isEmpty()) {
        continue;
      }
      try (TrackedDevice device = opened()) {
        if (pageSize <= HUGE_PAGE) {
          device.start(ranges, pageSize);
        } else if (!device.offer(ranges, pageSize)) {
          continue;
        }
        for (AddressRange range : ranges) {
          device.write(range.first(), range.first());
          device.write(middle(range) + 5 * PAGE, middle(range) + 5 * PAGE);
          device.write(range.last(), range.last());
        }
        device.reportAll();
        device.reportAll();
      }
    }
  }

  @Test
  @DisplayName("a write of any size is reported whole, also one of many GiB")
  void writesOfEverySizeAreReported() throws InputException {
    List<AddressRange> ranges = alignedRanges(HUGE_PAGE);
    Assumptions.assumeFalse(ranges.isEmpty(), "the start ranges hold no page of 2 MiB");
    try (TrackedDevice device = started(ranges, HUGE_PAGE)) {
      for (AddressRange range : ranges) {
        for (int bits = 12; bits < 64; bits++) {
          for (long length = (1L << bits) - 1; length <= (1L << bits) + 1; length++) {
            if (U64.less(range.last() - range.first(), length)) {
              continue;
            }
            device.write(range.first() + 1, range.first() + length);
            device.report(range, HUGE_PAGE);
          }
        }
        device.write(range);
        device.report(range, HUGE_PAGE);
      }
    }
  }

  @Test
  @DisplayName("a bit may stand for pages far larger than 2 MiB")
  void reportsComeInHugePages() throws InputException {
    try (TrackedDevice device = started()) {
      for (AddressRange range : startRanges()) {
        for (int bits = 22; bits < 64; bits++) {
          device.write(range.first(), range.first());
          device.write(middle(range) + PAGE, middle(range) + 9 * PAGE);
          device.write(range.last(), range.last());
          device.report(range, 1L << bits);
          device.report(range, 1L << bits);
        }
      }
      device.reportAll();
    }
  }

  @Test
  @DisplayName("a report of 64 GiB has 2^24 bits, as QEMU asks for of a large VM")
  void aReportMayHaveManyBits() throws InputException {
    AddressRange large = new AddressRange(1L << 32, (1L << 32) + (1L << 40) - 1);
    try (TrackedDevice device = opened()) {
      boolean granted = device.offer(List.of(large), pageSize());
      Assumptions.assumeTrue(granted, "the tracker knows no range of 1 TiB");
      for (long first : new long[] {large.first(), 1L << 36, 0xf500000000L}) {
        AddressRange asked = new AddressRange(first, first + (1L << 36) - 1);
        for (int bits = 12; bits < 36; bits++) {
          device.write(first + (1L << bits) - 1, first + (1L << bits));
        }
        device.write(asked.last() - 2 * PAGE, asked.last());
        device.report(asked, PAGE);
        device.report(asked, PAGE);
      }
      device.write(large.last(), large.last());
      device.reportAll();
    }
  }

  @Test
  @DisplayName("addresses of every magnitude are logged, if a start there is granted")
  void addressesOfEveryMagnitude() throws InputException {
    boolean anyGranted = false;
    for (int bits = 21; bits < 64; bits++) {
      long at = 1L << bits;
      AddressRange range = new AddressRange(at - 0x100000, at + 0xfffff);
      try (TrackedDevice device = opened()) {
        if (device.offer(List.of(range), pageSize())) {
          anyGranted = true;
          device.write(range.first(), range.first());
          device.write(at - 1, at);
          device.write(range.last(), range.last());
          device.reportAll();
          device.reportAll();
        }
      }
    }
    assertTrue(anyGranted, "no start of 2 MiB anywhere was granted");
  }

  @Test
  @DisplayName("a bitmap belongs to the caller, who may reuse it")
  void theBitmapBelongsToTheCaller() throws InputException {
    AddressRange range = startRanges().get(0);
    DirtyBitmap into = new DirtyBitmap(TrackedDevice.bits(range, HUGE_PAGE));
    try (TrackedDevice device = started()) {
      for (int round = 0; round < 3; round++) {
        device.report(range, HUGE_PAGE, into);
        device.write(middle(range), middle(range) + 3 * PAGE);
        device.checkBitmapOfLastReport();
        device.report(range, HUGE_PAGE);
        device.write(range.last(), range.last());
        device.checkBitmapOfLastReport();
        into.clear(0, into.pages());
      }
      device.stop();
      device.checkBitmapOfLastReport();
    }
  }
}
