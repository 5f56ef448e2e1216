package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.List;
import java.util.Optional;

/** Keeps the books of a device: its migration state and its log. */
final class SimulatedDevice implements KernelDevice {

  /** What a range takes in the page of ranges that the kernel reads. */
  private static final int BYTES_PER_RANGE = 16;

  private final HostDevice facts;
  private final int hostPageSize;
  private VfioDeviceState state = VfioDeviceState.RUNNING;
  private boolean logging;

  SimulatedDevice(HostDevice facts, int pageSize) {
    this.facts = facts;
    this.hostPageSize = pageSize;
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
  public Optional<Errno> startLogging(long pageSize, List<IovaRange> ranges) {
    DmaLogging log = facts.dmaLogging();
    Optional<Errno> refused = log.startError().isPresent() ? log.startError() : check(pageSize, ranges);
    logging |= refused.isEmpty();
    return refused;
  }

  @Override
  public Optional<Errno> stopLogging() {
    Optional<Errno> refused = facts.dmaLogging().stopError();
    logging &= refused.isPresent();
    return refused;
  }

  @Override
  public Optional<Errno> report(long iova, long length) {
    if (facts.dmaLogging().reportError().isPresent()) {
      return facts.dmaLogging().reportError();
    }
    if (!logging) {
      return Optional.of(Errno.EINVAL);
    }
    return U64.addOverflows(iova, length) ? Optional.of(Errno.EOVERFLOW) : Optional.empty();
  }

  /** The limits of the driver and the checks of the kernel (R-DT-40 .. R-DT-43). */
  private Optional<Errno> check(long pageSize, List<IovaRange> ranges) {
    DmaLogging log = facts.dmaLogging();
    if (!log.supported()) {
      return Optional.of(Errno.ENOTTY);
    }
    if (logging || ranges.isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    if (ranges.size() > hostPageSize / BYTES_PER_RANGE) {
      return Optional.of(Errno.E2BIG);
    }
    long total = 0;
    for (IovaRange range : ranges) {
      total = U64.addSaturated(total, range.length());
    }
    if (log.maxRanges() > 0 && ranges.size() > log.maxRanges()
        || log.maxLength() != 0 && U64.less(log.maxLength(), total)) {
      return Optional.of(log.limitError());
    }
    for (int i = 0; i < ranges.size(); i++) {
      IovaRange range = ranges.get(i);
      if (((range.iova() | range.length()) & (pageSize - 1)) != 0) {
        return Optional.of(Errno.EINVAL);
      }
      if (U64.addOverflows(range.iova(), range.length())) {
        return Optional.of(Errno.EOVERFLOW);
      }
      for (IovaRange earlier : ranges.subList(0, i)) {
        if (U64.lessOrEqual(range.iova(), earlier.last())
            && U64.lessOrEqual(earlier.iova(), range.last())) {
          return Optional.of(Errno.EINVAL);
        }
      }
    }
    return Optional.empty();
  }
}
