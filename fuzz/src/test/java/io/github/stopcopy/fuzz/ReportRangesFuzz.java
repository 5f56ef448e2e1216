package io.github.stopcopy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports of any ranges in pages of any size, held against the list of what was written and
 * cleared.
 */
class ReportRangesFuzz {

  private static final long MOST_BITS = 5000;

  /** Pages of the log from one to another, which is included, that became dirty or clean. */
  private record Change(boolean dirty, long firstPage, long lastPage) {}

  private static final class Story {
    final int shift;
    final DirtyLog log;
    final List<Change> changes = new ArrayList<>();

    Story(int shift) {
      this.shift = shift;
      this.log = new DirtyLog(1L << shift);
    }

    boolean isDirty(long page) {
      for (int i = changes.size() - 1; i >= 0; i--) {
        Change change = changes.get(i);
        if (change.firstPage <= page && page <= change.lastPage) {
          return change.dirty;
        }
      }
      return false;
    }

    /** Whether a page is dirty from one to another: they can differ only where a change begins. */
    boolean isAnyDirty(long first, long last) {
      boolean any = isDirty(first);
      for (int i = 0; i < changes.size() && !any; i++) {
        Change change = changes.get(i);
        any |= first <= change.firstPage && change.firstPage <= last && isDirty(change.firstPage);
        long behind = change.lastPage + 1;
        any |= first <= behind && behind <= last && isDirty(behind);
      }
      return any;
    }

    void clear(AddressRange range) {
      long mask = (1L << shift) - 1;
      long first = (range.first() >>> shift) + ((range.first() & mask) == 0 ? 0 : 1);
      long last = (range.last() >>> shift) - ((range.last() & mask) == mask ? 0 : 1);
      if (first <= last) {
        changes.add(new Change(false, first, last));
      }
    }
  }

  @FuzzTest(maxDuration = "30s")
  void R_DT_44_aReportShowsWhatWasWrittenAndClearsIt(FuzzedDataProvider data) {
    Story story = new Story(data.consumeInt(12, 63));
    for (int i = 0; i < 60 && data.remainingBytes() > 0; i++) {
      AddressRange range = anyRange(data);
      switch (data.consumeInt(0, 3)) {
        case 0, 1 -> {
          story.log.mark(range);
          story.changes.add(
              new Change(true, range.first() >>> story.shift, range.last() >>> story.shift));
        }
        case 2 -> {
          story.log.clear(range);
          story.clear(range);
        }
        default -> report(story, range, data);
      }
      assertThat(story.log.isDirty(range.first()))
          .isEqualTo(story.isDirty(range.first() >>> story.shift));
      assertThat(story.log.isDirty(range.last()))
          .isEqualTo(story.isDirty(range.last() >>> story.shift));
    }
    checkRanges(story);
  }

  private static void report(Story story, AddressRange range, FuzzedDataProvider data) {
    int shift = data.consumeInt(12, 63);
    while (U64.less(MOST_BITS, range.last() - range.first() >>> shift)) {
      shift++;
    }
    int bits = (int) (range.last() - range.first() >>> shift) + 1;
    DirtyBitmap into = new DirtyBitmap(bits);
    story.log.collect(range, 1L << shift, into);
    for (int bit = 0; bit < bits; bit++) {
      long first = range.first() + ((long) bit << shift);
      long last = bit == bits - 1 ? range.last() : first + (1L << shift) - 1;
      if (into.isDirty(bit) != story.isAnyDirty(first >>> story.shift, last >>> story.shift)) {
        throw new AssertionError(
            "bit " + bit + " of " + range + " in pages of 2^" + shift + " bytes");
      }
    }
    story.clear(range);
  }

  private static void checkRanges(Story story) {
    List<AddressRange> ranges = story.log.dirtyRanges();
    assertThat(story.log.isEmpty()).isEqualTo(ranges.isEmpty());
    long next = 0;
    boolean end = false;
    for (AddressRange range : ranges) {
      long first = range.first() >>> story.shift;
      long last = range.last() >>> story.shift;
      assertThat(end || U64.less(range.first(), next << story.shift)).as("ascending").isFalse();
      assertThat(first > next && story.isAnyDirty(next, first - 1)).as("dirty between").isFalse();
      assertThat(story.isDirty(first) && story.isDirty(last)).isTrue();
      assertThat(first > 0 && story.isDirty(first - 1)).as("cut in two").isFalse();
      next = last + 1;
      end = range.last() == U64.MAX;
    }
    assertThat(!end && story.isAnyDirty(next, U64.MAX >>> story.shift))
        .as("dirty behind")
        .isFalse();
  }

  private static AddressRange anyRange(FuzzedDataProvider data) {
    long one = data.consumeLong();
    long other =
        data.consumeBoolean()
            ? data.consumeLong()
            : U64.addSaturated(one, data.consumeLong(0, 1 << 28));
    return U64.lessOrEqual(one, other)
        ? new AddressRange(one, other)
        : new AddressRange(other, one);
  }
}
