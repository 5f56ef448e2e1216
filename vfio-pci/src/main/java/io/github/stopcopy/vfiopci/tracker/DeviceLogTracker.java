package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device that logs its writes as it is asked, within its limits. Ranges that its driver coalesces
 * are tracked with the gaps between them. Not thread-safe.
 */
public final class DeviceLogTracker implements DirtyTracker {

  private final DeviceLimits limits;
  private List<AddressRange> tracked = List.of();
  private @Nullable DirtyLog log;

  /** A device with these limits that logs nothing yet. */
  public DeviceLogTracker(DeviceLimits limits) {
    this.limits = limits;
  }

  /** What is tracked now, ascending; nothing while it does not log. */
  @Override
  public List<AddressRange> logged() {
    return tracked;
  }

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    if (log != null) {
      return new StartResult.Refused(Errno.EINVAL, "it logs already");
    }
    long granted = limits.granted(pageSize);
    List<AddressRange> wanted = limits.tracked(ranges);
    Optional<String> refusal = limits.refusal(wanted, granted);
    if (refusal.isPresent()) {
      return new StartResult.Refused(Errno.EOPNOTSUPP, refusal.get());
    }
    tracked = wanted;
    log = new DirtyLog(granted);
    return new StartResult.Granted(granted);
  }

  @Override
  public void dmaWrite(AddressRange written) {
    if (log == null) {
      return;
    }
    for (AddressRange range : tracked) {
      if (range.overlaps(written)) {
        log.mark(
            new AddressRange(
                U64.max(range.first(), written.first()), U64.min(range.last(), written.last())));
      }
    }
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    if (log == null || limits.reportsOnlyInside() && !isInside(range)) {
      return Optional.of(Errno.EINVAL);
    }
    log.collect(range, pageSize, into);
    return Optional.empty();
  }

  /** {@inheritDoc} Where bits of the other form are pages of the log it needs none. */
  @Override
  public Optional<Errno> report(AddressRange range, DirtyLog into) {
    if ((range.first() & into.pageSize() - 1) != 0) {
      return DirtyTracker.super.report(range, into);
    }
    if (log == null || limits.reportsOnlyInside() && !isInside(range)) {
      return Optional.of(Errno.EINVAL);
    }
    log.collect(range, into);
    return Optional.empty();
  }

  @Override
  public Optional<Errno> stop() {
    if (log == null) {
      return Optional.of(Errno.EINVAL);
    }
    log = null;
    tracked = List.of();
    return Optional.empty();
  }

  private boolean isInside(AddressRange range) {
    return tracked.stream().anyMatch(one -> one.contains(range));
  }
}
