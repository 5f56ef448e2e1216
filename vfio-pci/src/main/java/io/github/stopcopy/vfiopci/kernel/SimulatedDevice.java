package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.vfiopci.IovaRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps the books of a device: its migration state and, with a tracker, its log. */
final class SimulatedDevice implements KernelDevice {

  /** What a range takes in the page of ranges that the kernel reads. */
  private static final int BYTES_PER_RANGE = 16;

  /**
   * More than this is refused as if no memory were left for the bitmap of 8 GiB (R-DT-50): 256 TiB
   * in pages of 4 KiB. If all of it is dirty a report takes many seconds.
   */
  private static final long MOST_PAGES = DirtyBitmap.MAX_PAGES;

  /** How many pages the kernel asks a driver for at once (R-DT-44). */
  private static final long WINDOW_PAGES = 1 << 24;

  private final HostDevice facts;
  private final int hostPageSize;
  private VfioDeviceState state = VfioDeviceState.RUNNING;
  private final DirtyTracker tracker;
  private boolean logging;

  SimulatedDevice(HostDevice facts, int pageSize, DirtyTracker tracker) {
    this.facts = facts;
    this.hostPageSize = pageSize;
    this.tracker = tracker;
  }

  @Override
  public HostDevice.MigrationSupport migrationSupport() {
    return facts.migration();
  }

  @Override
  public boolean hasDmaLogging() {
    return facts.dmaLogging().supported();
  }

  @Override
  public VfioDeviceState state() {
    return state;
  }

  @Override
  public Optional<Errno> setState(VfioDeviceState wanted) {
    Errno refused = facts.setStateErrors().get(wanted);
    if (refused != null) {
      return Optional.of(refused);
    }
    if (!DeviceStateArcs.isReachable(state, wanted, facts.migration())) {
      return Optional.of(Errno.EINVAL);
    }
    state = wanted;
    return Optional.empty();
  }

  @Override
  public Optional<Errno> reset() {
    state = VfioDeviceState.RUNNING;
    return Optional.empty();
  }

  @Override
  public StartResult startLogging(long pageSize, List<IovaRange> ranges) {
    DmaLogging log = facts.dmaLogging();
    if (log.startError().isPresent()) {
      return new StartResult.Refused(log.startError().get(), "");
    }
    Optional<StartResult> refused = check(pageSize, ranges);
    if (refused.isPresent()) {
      return refused.get();
    }
    List<AddressRange> inclusive = new ArrayList<>(ranges.size());
    for (IovaRange range : ranges) {
      if (range.length() == 0 && range.iova() != 0) {
        return new StartResult.Refused(Errno.EINVAL, "a range of no bytes");
      }
      inclusive.add(range.inclusive());
    }
    StartResult result = tracker.start(List.copyOf(inclusive), pageSize);
    logging |= result instanceof StartResult.Granted;
    return result;
  }

  @Override
  public Optional<Errno> stopLogging() {
    if (facts.dmaLogging().stopError().isPresent() || !logging) {
      return facts.dmaLogging().stopError();
    }
    Optional<Errno> refused = tracker.stop();
    logging = refused.isPresent();
    return refused;
  }

  /**
   * Asks in windows, as the kernel does, which a device cannot tell from several reports (R-DT-44).
   */
  @Override
  public Optional<Errno> report(long iova, long length, DirtyLog into) {
    if (facts.dmaLogging().reportError().isPresent()) {
      return facts.dmaLogging().reportError();
    }
    if (!logging || length == 0) {
      return Optional.of(Errno.EINVAL);
    }
    if (U64.addOverflows(iova, length)) {
      return Optional.of(Errno.EOVERFLOW);
    }
    long pageSize = into.pageSize();
    if (U64.less(MOST_PAGES, Long.divideUnsigned(length, pageSize))) {
      return Optional.of(Errno.ENOMEM);
    }
    long last = iova + length - 1;
    long windowSize = pageSize * WINDOW_PAGES;
    for (long first = iova; ; first += windowSize) {
      long end = U64.min(last, U64.addSaturated(first, windowSize - 1));
      Optional<Errno> refused = tracker.report(new AddressRange(first, end), into);
      if (refused.isPresent() || end == last) {
        return refused;
      }
    }
  }

  @Override
  public void dmaWrite(AddressRange written) {
    tracker.dmaWrite(written);
  }

  /** The limits of the driver and the checks of the kernel (R-DT-40 .. R-DT-43). */
  private Optional<StartResult> check(long pageSize, List<IovaRange> ranges) {
    DmaLogging log = facts.dmaLogging();
    if (!log.supported()) {
      return refusal(Errno.ENOTTY, "the device does not log");
    }
    if (logging || ranges.isEmpty()) {
      return refusal(Errno.EINVAL, logging ? "it logs already" : "no range");
    }
    if (ranges.size() > hostPageSize / BYTES_PER_RANGE) {
      return refusal(Errno.E2BIG, ranges.size() + " ranges do not fit a page");
    }
    long total = 0;
    for (IovaRange range : ranges) {
      total = U64.addSaturated(total, range.length());
    }
    if (log.maxRanges() > 0 && ranges.size() > log.maxRanges()) {
      return refusal(log.limitError(), "more than " + log.maxRanges() + " ranges");
    }
    if (log.maxLength() != 0 && U64.less(log.maxLength(), total)) {
      return refusal(log.limitError(), "more than " + U64.hex(log.maxLength()) + " bytes");
    }
    for (int i = 0; i < ranges.size(); i++) {
      IovaRange range = ranges.get(i);
      if (((range.iova() | range.length()) & (pageSize - 1)) != 0) {
        return refusal(Errno.EINVAL, range + " is not aligned to pages");
      }
      if (U64.addOverflows(range.iova(), range.length())) {
        return refusal(Errno.EOVERFLOW, range + " reaches the end of the address space");
      }
      for (IovaRange earlier : ranges.subList(0, i)) {
        if (U64.lessOrEqual(range.iova(), earlier.last())
            && U64.lessOrEqual(earlier.iova(), range.last())) {
          return refusal(Errno.EINVAL, earlier + " and " + range + " overlap");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<StartResult> refusal(Errno errno, String why) {
    return Optional.of(new StartResult.Refused(errno, why));
  }
}
