package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random marks and reports of a log, held against a set of page numbers. */
class RandomLogTest {

  /** The pages that are written and asked for: some windows, so that runs fill one and more. */
  private static final int PAGES = 5 * DirtyLog.WINDOW_PAGES;

  private static final int[] PAGE_SHIFTS = {12, 12, 13, 16, 21, 30, 46};

  @Test
  void R_DT_44_aLogIsASetOfPageNumbers() {
    long[] pages = new long[1];
    Seeds.run(
        300,
        seed -> {
          Story story = new Story(new SplittableRandom(seed));
          for (int i = 0; i < 25; i++) {
            pages[0] += story.step();
          }
        });
    if (Seeds.areUsual()) {
      assertThat(pages[0]).as("pages reported dirty").isGreaterThan(1_000_000);
    }
  }

  /** A log of pages of any size, somewhere in the space, and the pages that are dirty in it. */
  private static final class Story {

    private final SplittableRandom random;
    private final int pageShift;
    private final DirtyLog log;

    /** The first address of the pages in the set, which ends at 2^64 at the latest. */
    private final long base;

    private final BitSet dirty = new BitSet(PAGES);

    Story(SplittableRandom random) {
      this.random = random;
      this.pageShift = PAGE_SHIFTS[random.nextInt(PAGE_SHIFTS.length)];
      this.log = new DirtyLog(1L << pageShift);
      long bytes = (long) PAGES << pageShift;
      this.base =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> -bytes;
            case 2 -> pageShift == 46 ? 0 : Long.MIN_VALUE - (bytes >>> 1 & -1L << pageShift);
            default -> pageShift == 46 ? 0 : random.nextLong() >>> 1 & -1L << pageShift;
          };
    }

    /** Does something and compares; answers how many pages were reported. */
    long step() {
      long reported = 0;
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          for (int i = random.nextInt(20); i >= 0; i--) {
            mark(anyRange(random.nextInt(200)));
          }
        }
        case 3 -> mark(anyRange(random.nextInt(PAGES)));
        case 4 -> clear(anyRange(random.nextInt(PAGES)));
        case 5 -> clear(anyRange(random.nextInt(100)));
        default -> reported = collect(anyRange(random.nextInt(random.nextBoolean() ? 300 : PAGES)));
      }
      check();
      return reported;
    }

    private void mark(AddressRange range) {
      log.mark(range);
      dirty.set(page(range.first()), page(range.last()) + 1);
    }

    private void clear(AddressRange range) {
      log.clear(range);
      forget(range);
    }

    private void forget(AddressRange range) {
      int first = page(range.first());
      int last = page(range.last());
      first += range.contains(bytes(first, first)) ? 0 : 1;
      last -= range.contains(bytes(last, last)) ? 0 : 1;
      if (first <= last) {
        dirty.clear(first, last + 1);
      }
    }

    private long collect(AddressRange range) {
      int reportShift = reportShift(range);
      int bits = (int) (range.last() - range.first() >>> reportShift) + 1;
      DirtyBitmap into = new DirtyBitmap(bits + random.nextInt(2));
      log.collect(range, 1L << reportShift, into);
      for (int bit = 0; bit < bits; bit++) {
        long first = range.first() + ((long) bit << reportShift);
        long last = bit == bits - 1 ? range.last() : first + (1L << reportShift) - 1;
        boolean expected = false;
        for (int page = page(first); page <= page(last) && !expected; page++) {
          expected = dirty.get(page);
        }
        if (into.isDirty(bit) != expected) {
          throw new AssertionError("bit " + bit + " of " + range + " is " + !expected);
        }
      }
      assertThat(into.pages() == bits || !into.isDirty(bits)).isTrue();
      forget(range);
      return into.count();
    }

    /** Any page size of a report, with not too many bits for the range. */
    private int reportShift(AddressRange range) {
      int shift =
          switch (random.nextInt(3)) {
            case 0 -> pageShift;
            case 1 -> pageShift + random.nextInt(14);
            default -> pageShift - random.nextInt(10);
          };
      shift = Math.max(12, shift);
      while ((range.last() - range.first() >>> shift) > 1 << 16) {
        shift++;
      }
      return shift;
    }

    private void check() {
      List<AddressRange> ranges = new ArrayList<>();
      for (int first = dirty.nextSetBit(0); first >= 0; ) {
        int end = dirty.nextClearBit(first);
        ranges.add(bytes(first, end - 1));
        first = dirty.nextSetBit(end);
      }
      assertThat(log.dirtyRanges()).isEqualTo(ranges);
      assertThat(log.isEmpty()).isEqualTo(dirty.isEmpty());
      for (int i = 0; i < 20; i++) {
        int page = random.nextInt(PAGES);
        assertThat(log.isDirty(anyByte(page))).isEqualTo(dirty.get(page));
      }
    }

    private int page(long address) {
      return (int) (address - base >>> pageShift);
    }

    private AddressRange bytes(int firstPage, int lastPage) {
      return new AddressRange(
          base + ((long) firstPage << pageShift), base + ((long) lastPage + 1 << pageShift) - 1);
    }

    private long anyByte(int page) {
      return base + ((long) page << pageShift) + (random.nextLong() & (1L << pageShift) - 1);
    }

    /** So many more pages than one, where windows meet now and then, aligned to pages or not. */
    private AddressRange anyRange(int more) {
      int first = random.nextInt(PAGES - more);
      if (random.nextInt(3) == 0) {
        first = Math.min(first & -DirtyLog.WINDOW_PAGES, PAGES - more - 1);
      }
      AddressRange pages = bytes(first, first + more);
      if (random.nextBoolean()) {
        return pages;
      }
      long one = anyByte(first);
      long other = anyByte(first + more);
      boolean ordered = more > 0 || Long.compareUnsigned(one, other) <= 0;
      return ordered ? new AddressRange(one, other) : new AddressRange(other, one);
    }
  }
}
