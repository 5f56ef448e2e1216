package io.github.stopcopy.migration;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.TrackerChoice.TrackerFailure;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Names a tracker of somebody else when it throws or answers what no tracker may. */
final class GuardedTracker implements DirtyTracker {

  private final String name;
  private final DirtyTracker tracker;

  GuardedTracker(String name, DirtyTracker tracker) {
    this.name = name;
    this.tracker = tracker;
  }

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    StartResult result = guard("start", () -> tracker.start(ranges, pageSize));
    if (result instanceof StartResult.Granted granted
        && (Long.bitCount(granted.pageSize()) != 1 || (granted.pageSize() & 0xfff) != 0)) {
      throw new TrackerFailure(
          name,
          "start granted pages of "
              + U64.decimal(granted.pageSize())
              + " bytes, expected a power of two from 4096 on");
    }
    return result;
  }

  @Override
  public void dmaWrite(AddressRange written) {
    guard(
        "dmaWrite",
        () -> {
          tracker.dmaWrite(written);
          return name;
        });
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    Optional<Errno> refused = guard("report", () -> tracker.report(range, pageSize, into));
    long asked = Long.divideUnsigned(range.last() - range.first(), pageSize) + 1;
    if (into.nextDirty(asked) >= 0) {
      throw new TrackerFailure(
          name, "report set bits behind " + range + ", expected only those of the range");
    }
    return refused;
  }

  @Override
  public Optional<Errno> stop() {
    return guard("stop", tracker::stop);
  }

  @Override
  public void close() {
    guard(
        "close",
        () -> {
          tracker.close();
          return name;
        });
  }

  private <T> T guard(String call, Supplier<T> asked) {
    T answer;
    try {
      answer = asked.get();
    } catch (Throwable broken) { // also checked ones, which other languages throw
      throw new TrackerFailure(name, call + " threw " + broken);
    }
    if (answer == null) {
      throw new TrackerFailure(name, call + " answered null");
    }
    return answer;
  }
}
