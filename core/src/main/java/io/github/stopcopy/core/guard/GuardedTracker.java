package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

/** Names a tracker of somebody else when it throws or answers what no tracker may. */
final class GuardedTracker implements DirtyTracker {

  private final DirtyTracker tracker;
  private final PluginGuard guard;

  GuardedTracker(DirtyTracker tracker, PluginGuard guard) {
    this.tracker = tracker;
    this.guard = guard;
  }

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    List<AddressRange> given = List.copyOf(ranges); // no tracker may change what others ask for
    StartResult result = guard.call("start", () -> tracker.start(given, pageSize));
    if (result instanceof StartResult.Granted granted
        && (Long.bitCount(granted.pageSize()) != 1 || (granted.pageSize() & 0xfff) != 0)) {
      throw guard.failure(
          "start granted pages of "
              + U64.decimal(granted.pageSize())
              + " bytes, expected a power of two from 4096 on");
    }
    return result;
  }

  @Override
  public void dmaWrite(AddressRange written) {
    guard.run("dmaWrite", () -> tracker.dmaWrite(written));
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    Optional<Errno> refused = guard.call("report", () -> tracker.report(range, pageSize, into));
    long asked = Long.divideUnsigned(range.last() - range.first(), pageSize) + 1;
    if (into.nextDirty(asked) >= 0) {
      throw guard.failure("report set bits behind " + range + ", expected only those of the range");
    }
    return refused;
  }

  /** Into a log of its own first, so that what lies outside is seen. */
  @Override
  public Optional<Errno> report(AddressRange range, DirtyLog into) {
    DirtyLog found = new DirtyLog(into.pageSize());
    Optional<Errno> refused = guard.call("report", () -> tracker.report(range, found));
    if (refused.isEmpty()) {
      long offset = into.pageSize() - 1;
      found.collect(new AddressRange(range.first() & ~offset, range.last() | offset), into);
      if (!found.isEmpty()) {
        throw guard.failure(
            "report marked " + found.dirtyRanges().get(0) + ", expected only pages of " + range);
      }
    }
    return refused;
  }

  @Override
  public List<AddressRange> logged() {
    return List.copyOf(guard.call("logged", tracker::logged));
  }

  @Override
  public Optional<Errno> stop() {
    return guard.call("stop", tracker::stop);
  }

  @Override
  public void close() {
    guard.run("close", tracker::close);
  }
}
