package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** The contract holds for trackers that differ in every way in which they may. */
class HonestTrackersTest {

  @Nested
  class AsAsked extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new ReferenceTracker();
    }
  }

  @Nested
  class LargePages extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new ReferenceTracker(0x10000);
    }
  }

  @Nested
  class HugePages extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new ReferenceTracker(0x200000);
    }
  }

  @Nested
  class LargePagesAsked extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new ReferenceTracker();
    }

    @Override
    protected long pageSize() {
      return 0x10000;
    }
  }

  @Nested
  class InOtherRanges extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new ReferenceTracker();
    }

    @Override
    protected List<AddressRange> startRanges() {
      return List.of(
          new AddressRange(0x100000, 0x1fffff),
          new AddressRange(0x40000000, 0x7fffffff),
          new AddressRange(0x7000000000000000L, 0x70000000ffffffffL));
    }
  }

  @Nested
  class EverythingIsLogged extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new WideTracker();
    }
  }

  @Nested
  class OneRegionOfWhichReportsAreParts extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new OneRegionTracker();
    }
  }

  @Nested
  class EverythingIsDirty extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return new AllDirtyTracker();
    }

    @Override
    protected boolean isExact() {
      return false;
    }
  }

  /** Logs writes anywhere while it logs; a log of core instead of the naive one. */
  private static class WideTracker implements DirtyTracker {
    private Optional<DirtyLog> log = Optional.empty();

    @Override
    public StartResult start(List<AddressRange> ranges, long pageSize) {
      if (log.isPresent()) {
        return new StartResult.Refused(Errno.EEXIST, "it logs already");
      }
      log = Optional.of(new DirtyLog(pageSize));
      return new StartResult.Granted(pageSize);
    }

    @Override
    public void dmaWrite(AddressRange written) {
      log.ifPresent(open -> open.mark(written));
    }

    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      log.ifPresent(open -> open.collect(range, pageSize, into));
      return log.isPresent() ? Optional.empty() : Optional.of(Errno.EINVAL);
    }

    @Override
    public Optional<Errno> stop() {
      boolean logged = log.isPresent();
      log = Optional.empty();
      return logged ? Optional.empty() : Optional.of(Errno.EINVAL);
    }
  }

  /** Logs the range around all ranges, and refuses reports that are not within it. */
  private static final class OneRegionTracker extends WideTracker {
    private AddressRange region = new AddressRange(0, 0);

    @Override
    public StartResult start(List<AddressRange> ranges, long pageSize) {
      StartResult result = super.start(ranges, pageSize);
      if (result instanceof StartResult.Granted) {
        region = ranges.get(0);
        for (AddressRange range : ranges) {
          region =
              new AddressRange(
                  U64.min(region.first(), range.first()), U64.max(region.last(), range.last()));
        }
      }
      return result;
    }

    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      return region.contains(range)
          ? super.report(range, pageSize, into)
          : Optional.of(Errno.EINVAL);
    }
  }

  /** Calls every page dirty that it is asked for. */
  private static final class AllDirtyTracker extends WideTracker {
    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      Optional<Errno> refused = super.report(range, pageSize, into);
      if (refused.isEmpty()) {
        into.mark(0, TrackedDevice.bits(range, pageSize));
      }
      return refused;
    }
  }
}
