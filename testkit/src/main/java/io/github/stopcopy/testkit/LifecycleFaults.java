package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

/** Faults in start, stop and close. */
final class LifecycleFaults {

  private LifecycleFaults() {}

  static DirtyTracker refusesStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        return new StartResult.Refused(Errno.EOPNOTSUPP, "it refuses every start");
      }
    };
  }

  static DirtyTracker refusesLargePages(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        return pageSize == 4096
            ? super.start(ranges, pageSize)
            : new StartResult.Refused(Errno.EINVAL, "it knows only pages of 4096 bytes");
      }
    };
  }

  static DirtyTracker grantsOddPageSize(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        StartResult result = super.start(ranges, pageSize);
        return result instanceof StartResult.Granted ? new StartResult.Granted(6000) : result;
      }
    };
  }

  static DirtyTracker wantsAscendingRanges(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        for (int i = 1; i < ranges.size(); i++) {
          if (U64.less(ranges.get(i).first(), ranges.get(i - 1).first())) {
            return new StartResult.Refused(Errno.EINVAL, "the ranges do not ascend");
          }
        }
        return super.start(ranges, pageSize);
      }
    };
  }

  static DirtyTracker sortsRangesOfTheCaller(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        ranges.sort((a, b) -> U64.compare(a.first(), b.first()));
        return super.start(ranges, pageSize);
      }
    };
  }

  static DirtyTracker grantsSecondStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        honest.stop();
        return super.start(ranges, pageSize);
      }
    };
  }

  static DirtyTracker forgetsAtSecondStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        StartResult result = super.start(ranges, pageSize);
        if (result instanceof StartResult.Refused) {
          logged.forEach(this::forget);
        }
        return result;
      }
    };
  }

  static DirtyTracker keepsLogOverRestart(DirtyTracker honest) {
    return new RememberingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        StartResult result = super.start(ranges, pageSize);
        latest.forEach(honest::dmaWrite);
        return result;
      }

      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        latest.clear();
        return honest.report(range, pageSize, into);
      }
    };
  }

  static DirtyTracker reportsWithoutStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        honest.report(range, pageSize, into);
        return Optional.empty();
      }
    };
  }

  static DirtyTracker stopsWithoutStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> stop() {
        honest.stop();
        return Optional.empty();
      }
    };
  }

  static DirtyTracker throwsAtClose(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void close() {
        if (honest.stop().isPresent()) {
          throw new IllegalStateException("it logs nothing");
        }
      }
    };
  }
}
