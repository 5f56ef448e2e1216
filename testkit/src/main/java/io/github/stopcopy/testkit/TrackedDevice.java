package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
  private final AddressSet owed = new AddressSet();
  private final AddressSet allowed = new AddressSet();
  private List<AddressRange> ranges = List.of();
  private long granted = BLOCK;
  private DirtyBitmap reported = new DirtyBitmap(0);
  private DirtyBitmap reportedThen = new DirtyBitmap(0);
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
    return granted;
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
    granted = pageSize;
    allowed.clear();
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
    allowed.add(wholePages(written, granted));
    for (AddressRange range : ranges) {
      if (range.overlaps(written)) {
        long first = U64.max(range.first(), written.first());
        long last = U64.min(range.last(), written.last());
        if (exact) {
          first = U64.max(range.first(), U64.alignDown(first, granted));
          last = U64.min(range.last(), last | granted - 1);
        }
        owed.add(wholePages(new AddressRange(first, last), BLOCK));
      }
    }
  }

  /** The pages of which a byte lies in the range. */
  private static AddressRange wholePages(AddressRange range, long pageSize) {
    return new AddressRange(U64.alignDown(range.first(), pageSize), range.last() | pageSize - 1);
  }

  /** Takes note that the pages that lie in the range whole were reported. */
  private void tellsNoMoreOf(AddressRange range) {
    long first = U64.alignUp(range.first(), granted);
    long end = U64.alignDown(range.last() + 1, granted);
    boolean reachesTheTop = range.last() == U64.MAX;
    if (!U64.less(first, range.first()) && (reachesTheTop || U64.less(first, end))) {
      allowed.remove(new AddressRange(first, end - 1));
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

  /** Reports into a log, of a range that begins with a page. */
  void reportIntoLog(AddressRange range, long pageSize) {
    report(range, pageSize, new DirtyBitmap(bits(range, pageSize)), this::intoLog);
  }

  private Optional<Errno> intoLog(AddressRange range, long pageSize, DirtyBitmap into) {
    DirtyLog log = new DirtyLog(pageSize);
    Optional<Errno> refused = tracker.report(range, log);
    log.collect(new AddressRange(range.first(), range.last() | pageSize - 1), pageSize, into);
    if (!log.isEmpty()) {
      fail("report of " + range + " into a log marked " + log.dirtyRanges().get(0));
    }
    return refused;
  }

  /** Asks for one of both forms of a report. */
  private interface Form {
    Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into);
  }

  /**
   * Reports and checks what came; whether the tracker did not refuse, as it may outside its ranges.
   */
  boolean report(AddressRange range, long pageSize, DirtyBitmap into) {
    return report(range, pageSize, into, tracker::report);
  }

  private boolean report(AddressRange range, long pageSize, DirtyBitmap into, Form form) {
    String what = "report of " + range + " in pages of " + U64.decimal(pageSize);
    checkBitmapOfLastReport();
    DirtyBitmap before = new DirtyBitmap(into.pages());
    into.mergeInto(before, 0);
    Optional<Errno> refused = form.report(range, pageSize, into);
    if (refused.isPresent() && isLogged(range)) {
      fail(what + " was refused: " + refused.get() + "; logged are " + ranges);
    }
    checkCleared(what, before, into);
    checkMarked(what, range, pageSize, before, into);
    if (refused.isEmpty()) {
      checkOwed(what, range, pageSize, into);
      tellsNoMoreOf(range);
    }
    reported = into;
    reportedThen = before;
    into.mergeInto(reportedThen, 0);
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
    long beyond = after.nextDirty(bits);
    while (beyond >= 0 && before.isDirty(beyond)) {
      beyond = after.nextDirty(beyond + 1);
    }
    if (beyond >= 0) {
      fail(what + " set bit " + beyond + " of " + bits);
    }
    long lastPage = range.first() + (bits - 1) * pageSize;
    long end = exact ? U64.addSaturated(lastPage, pageSize - 1) : range.last();
    List<AddressRange> pieces = allowed.in(new AddressRange(range.first(), end));
    int piece = 0;
    long bit = exact ? after.nextDirty(0) : -1;
    while (bit >= 0 && bit < bits) {
      long first = range.first() + bit * pageSize;
      AddressRange page = new AddressRange(first, U64.addSaturated(first, pageSize - 1));
      while (piece < pieces.size() && U64.less(pieces.get(piece).last(), first)) {
        piece++;
      }
      boolean written = piece < pieces.size() && pieces.get(piece).overlaps(page);
      if (!written && !before.isDirty(bit)) {
        fail(
            what
                + " set bit "
                + bit
                + " for "
                + page
                + ", where nothing was written"
                + " since the last report; pages of the log have "
                + U64.decimal(granted)
                + " bytes");
      }
      long rest = written ? pieces.get(piece).last() - range.first() : 0;
      bit = after.nextDirty(Math.max(bit, Long.divideUnsigned(rest, pageSize)) + 1);
    }
  }

  /** A bitmap belongs to the caller: once a report has returned, nobody else writes to it. */
  void checkBitmapOfLastReport() {
    for (long bit = 0; bit < reported.pages(); bit++) {
      long now = reported.nextDirty(bit);
      long then = reportedThen.nextDirty(bit);
      if (now != then) {
        long changed = now < 0 || then >= 0 && then < now ? then : now;
        fail("bit " + changed + " of the bitmap changed after its report had returned");
      }
      if (now < 0) {
        return;
      }
      bit = Math.min(reported.nextClean(now), reportedThen.nextClean(now)) - 1;
    }
  }

  private void checkOwed(String what, AddressRange range, long pageSize, DirtyBitmap into) {
    AddressRange blocks = wholePages(range, BLOCK);
    for (AddressRange written : owed.in(blocks)) {
      long first = U64.max(written.first(), range.first());
      long bit = Long.divideUnsigned(first - range.first(), pageSize);
      long clean = into.nextClean(bit);
      long last = U64.min(written.last(), range.last()) - range.first();
      if (clean <= Long.divideUnsigned(last, pageSize)) {
        fail(
            what
                + " lost the write at "
                + U64.hex(U64.max(first, range.first() + clean * pageSize))
                + "; pages of the log have "
                + U64.decimal(granted)
                + " bytes");
      }
    }
    owed.remove(blocks);
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
    checkBitmapOfLastReport();
  }
}
