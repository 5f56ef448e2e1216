package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

/** Faults that only show with many, large or high ones of something. */
final class ScaleFaults {

  private static final long HUGE = 0x200000;

  private ScaleFaults() {}

  static DirtyTracker logsFirstRangesOnly(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        return super.start(ranges.subList(0, Math.min(ranges.size(), 16)), pageSize);
      }
    };
  }

  static DirtyTracker losesAllFromFourthStart(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private int starts;

      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        starts++;
        return super.start(ranges, pageSize);
      }

      @Override
      public void dmaWrite(AddressRange written) {
        if (starts < 4) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker refusesHugePages(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        return U64.less(pageSize, HUGE)
            ? super.start(ranges, pageSize)
            : new StartResult.Refused(Errno.EINVAL, "it knows no huge pages");
      }
    };
  }

  static DirtyTracker losesAllInHugePages(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private boolean huge;

      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        huge = U64.lessOrEqual(HUGE, pageSize);
        return super.start(ranges, pageSize);
      }

      @Override
      public void dmaWrite(AddressRange written) {
        if (!huge) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker overflows(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private int writes;

      @Override
      public void dmaWrite(AddressRange written) {
        writes++;
        if (writes <= 512) {
          honest.dmaWrite(written);
        }
      }

      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        writes = 0;
        return honest.report(range, pageSize, into);
      }
    };
  }

  static DirtyTracker losesWritesOf2Gib(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        if (U64.less(written.last() - written.first(), Integer.MAX_VALUE)) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker losesHighAddresses(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        writeUpTo(written, (1L << 44) - 1);
      }
    };
  }

  static DirtyTracker cutsPageSizeOfReport(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        long cut = U64.min(pageSize, HUGE);
        long room = into.pages() * cut - 1;
        long last = range.first() + U64.min(range.last() - range.first(), room);
        return honest.report(new AddressRange(range.first(), last), cut, into);
      }
    };
  }

  static DirtyTracker cutsReport(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        long most = 1L << 23;
        boolean cut = U64.less(most, TrackedDevice.bits(range, pageSize));
        return honest.report(
            cut ? new AddressRange(range.first(), range.first() + most * pageSize - 1) : range,
            pageSize,
            into);
      }
    };
  }

  static DirtyTracker keepsBitmap(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private DirtyBitmap kept = new DirtyBitmap(0);
      private AddressRange reported = new AddressRange(0, 0);
      private long reportedPage = 1;

      @Override
      public void dmaWrite(AddressRange written) {
        honest.dmaWrite(written);
        if (kept.pages() > 0 && reported.contains(written.first())) {
          kept.mark(Long.divideUnsigned(written.first() - reported.first(), reportedPage));
        }
      }

      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        kept = into;
        reported = range;
        reportedPage = pageSize;
        return honest.report(range, pageSize, into);
      }
    };
  }
}
