package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A tracker under test and what is known of it: which pages it owes, which it may report. Every
 * report is checked against both.
 *
 * <p>Owed is what was written in the ranges and not reported since, by blocks of 4096 bytes; an
 * exact tracker owes the whole page of its log. Allowed is every page of its log of which a byte
 * was written until a report takes it whole: a tracker may or may not tell again of a page that a
 * report cut.
 */
final class TrackedDevice implements AutoCloseable {

  /** The smallest page of a report. */
  static final long BLOCK = 4096;

  private static final long MOST_BITS = 1L << 24;

  private final DirtyTracker tracker;
  private final boolean exact;
  private final NavigableSet<Long> owed = new TreeSet<>(Long::compareUnsigned);
  private List<AddressRange> ranges = List.of();
  private NaiveDirtyLog allowed = new NaiveDirtyLog(BLOCK);
  private boolean logging;
  private boolean odd;

  TrackedDevice(DirtyTracker tracker, boolean exact) {
    this.tracker = tracker;
    this.exact = exact;
  }

  DirtyTracker tracker() {
    return tracker;
  }

  /** The page size that was granted. */
  long granted() {
    return allowed.pageSize();
  }

  /** Starts, which must succeed. The tracker gets exactly this list. */
  void start(List<AddressRange> wanted, long pageSize) {
    String what = "start of " + wanted + " in pages of " + pageSize;
    List<AddressRange> copy = List.copyOf(wanted);
    StartResult result = tracker.start(wanted, pageSize);
    if (result instanceof StartResult.Refused refused) {
      fail(what + " was refused: " + refused.errno() + ", " + refused.why());
    }
    granted(copy, ((StartResult.Granted) result).pageSize(), what);
  }

  /** Starts, which the tracker may refuse; whether it did not. */
  boolean offer(List<AddressRange> wanted, long pageSize) {
    StartResult result = tracker.start(wanted, pageSize);
    if (result instanceof StartResult.Granted granted) {
      granted(List.copyOf(wanted), granted.pageSize(), "start of " + wanted);
      return true;
    }
    return false;
  }

  private void granted(List<AddressRange> wanted, long pageSize, String what) {
    if (Long.bitCount(pageSize) != 1 || U64.less(pageSize, BLOCK)) {
      fail(
          what
              + " granted pages of "
              + U64.decimal(pageSize)
              + " bytes, expected a power of two from 4096 on");
    }
    ranges = wanted;
    allowed = new NaiveDirtyLog(pageSize);
    owed.clear();
    logging = true;
  }

  /** Stops, which must succeed. */
  void stop() {
    Optional<Errno> refused = tracker.stop();
    if (refused.isPresent()) {
      fail("stop was refused: " + refused.get());
    }
    stopped();
  }

  /** Takes note that the tracker does not log. */
  void stopped() {
    logging = false;
    owed.clear();
    allowed.clear();
  }

  void write(long first, long last) {
    write(new AddressRange(first, last));
  }

  void write(AddressRange written) {
    tracker.dmaWrite(written);
    if (!logging) {
      return;
    }
    allowed.mark(written);
    for (AddressRange range : ranges) {
      if (range.overlaps(written)) {
        long first = U64.max(range.first(), written.first());
        long last = U64.min(range.last(), written.last());
        if (exact) {
          first = U64.max(range.first(), U64.alignDown(first, granted()));
          last = U64.min(range.last(), U64.alignDown(last, granted()) + (granted() - 1));
        }
        for (long block = first >>> 12; block != (last >>> 12) + 1; block++) {
          owed.add(block);
        }
      }
    }
  }

  /** Reports every start range, in pages as small as a bitmap of 2 MiB allows. */
  void reportAll() {
    for (AddressRange range : ranges) {
      long pageSize = BLOCK;
      while (U64.less(MOST_BITS, Long.divideUnsigned(range.last() - range.first(), pageSize))) {
        pageSize *= 2;
      }
      report(range, pageSize);
    }
  }

  DirtyBitmap report(long first, long last) {
    return report(new AddressRange(first, last), BLOCK);
  }

  /** Reports into an empty bitmap, which has exactly the room needed or more, by turns. */
  DirtyBitmap report(AddressRange range, long pageSize) {
    odd = !odd;
    DirtyBitmap into = new DirtyBitmap(bits(range, pageSize) + (odd ? 0 : 70));
    report(range, pageSize, into);
    return into;
  }

  /**
   * Reports and checks what came; whether the tracker did not refuse, as it may outside its ranges.
   */
  boolean report(AddressRange range, long pageSize, DirtyBitmap into) {
    String what = "report of " + range + " in pages of " + pageSize;
    DirtyBitmap before = new DirtyBitmap(into.pages());
    into.mergeInto(before, 0);
    Optional<Errno> refused = tracker.report(range, pageSize, into);
    if (refused.isPresent() && isLogged(range)) {
      fail(what + " was refused: " + refused.get() + "; logged are " + ranges);
    }
    checkCleared(what, before, into);
    checkMarked(what, range, pageSize, before, into);
    if (refused.isEmpty()) {
      checkOwed(what, range, pageSize, into);
      allowed.clear(range);
    }
    return refused.isEmpty();
  }

  /** A report that must be refused because nothing is logged. */
  void refusedReport(AddressRange range, String when) {
    DirtyBitmap into = new DirtyBitmap(bits(range, BLOCK));
    if (tracker.report(range, BLOCK, into).isEmpty()) {
      fail("a report " + when + " was not refused");
    }
    if (into.count() != 0) {
      fail("a report " + when + " was refused and yet set " + into.count() + " bits");
    }
  }

  /** A start that must be refused because the tracker logs already. */
  void refusedStart(List<AddressRange> wanted) {
    if (tracker.start(wanted, BLOCK) instanceof StartResult.Granted) {
      fail("a second start was granted, expected EINVAL");
    }
  }

  /** How many bits a report has. */
  static long bits(AddressRange range, long pageSize) {
    return Long.divideUnsigned(range.last() - range.first(), pageSize) + 1;
  }

  private static void checkCleared(String what, DirtyBitmap before, DirtyBitmap after) {
    for (long bit = before.nextDirty(0); bit >= 0; bit = before.nextDirty(bit + 1)) {
      if (!after.isDirty(bit)) {
        fail(what + " cleared bit " + bit + ", which was set before");
      }
    }
  }

  /** No bit beyond the range, and none for an exact tracker without a page of its log behind it. */
  private void checkMarked(
      String what, AddressRange range, long pageSize, DirtyBitmap before, DirtyBitmap after) {
    long bits = bits(range, pageSize);
    for (long bit = after.nextDirty(exact ? 0 : bits); bit >= 0; bit = after.nextDirty(bit + 1)) {
      if (before.isDirty(bit)) {
        continue;
      }
      if (bit >= bits) {
        fail(what + " set bit " + bit + " of " + bits);
      }
      long first = range.first() + bit * pageSize;
      AddressRange page = new AddressRange(first, U64.addSaturated(first, pageSize - 1));
      if (!allowed.isDirty(page)) {
        fail(
            what
                + " set bit "
                + bit
                + " for "
                + page
                + ", where nothing was written"
                + " since the last report; pages of the log have "
                + granted()
                + " bytes");
      }
    }
  }

  private void checkOwed(String what, AddressRange range, long pageSize, DirtyBitmap into) {
    NavigableSet<Long> here = owed.subSet(range.first() >>> 12, true, range.last() >>> 12, true);
    for (long block : here) {
      long offset = U64.max(block << 12, range.first()) - range.first();
      if (!into.isDirty(Long.divideUnsigned(offset, pageSize))) {
        fail(
            what
                + " lost the write at "
                + U64.hex(block << 12)
                + "; pages of the log have "
                + granted()
                + " bytes");
      }
    }
    here.clear();
  }

  private boolean isLogged(AddressRange range) {
    List<AddressRange> sorted = new ArrayList<>(ranges);
    sorted.sort((a, b) -> U64.compare(a.first(), b.first()));
    long first = range.first();
    for (AddressRange logged : sorted) {
      if (logged.contains(first)) {
        if (U64.lessOrEqual(range.last(), logged.last())) {
          return true;
        }
        first = logged.last() + 1;
      }
    }
    return false;
  }

  @Override
  public void close() {
    tracker.close();
  }
}
