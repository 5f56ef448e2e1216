package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Faults in what becomes of a write. */
final class WriteFaults {

  private static final long SMALL = 4096;
  private static final long LARGE = 0x10000;

  private WriteFaults() {}

  static DirtyTracker losesFewWrites(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private int writes;

      @Override
      public void dmaWrite(AddressRange written) {
        writes++;
        if (writes % 50 != 0) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker losesLastPageOfRange(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        long from = written.first();
        for (AddressRange range : logged) {
          if (written.contains(range.last()) || range.contains(written.last())) {
            long lastPage = U64.alignDown(range.last(), SMALL);
            writeUpTo(new AddressRange(from, written.last()), lastPage - 1);
            if (U64.lessOrEqual(written.last(), range.last())) {
              return;
            }
            from = range.last() + 1;
          }
        }
        writeFrom(written, from);
      }
    };
  }

  static DirtyTracker logsFirstPageOnly(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        writeUpTo(written, written.first() | SMALL - 1);
      }
    };
  }

  static DirtyTracker cutsLargeWrites(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        writeUpTo(written, U64.addSaturated(written.first(), SMALL << 15));
      }
    };
  }

  static DirtyTracker ignoresWritesThatLeaveARange(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        if (logged.stream().anyMatch(range -> range.contains(written))) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker comparesSigned(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        for (AddressRange range : logged) {
          if (written.first() <= range.last() && range.first() <= written.last()) {
            honest.dmaWrite(written);
            return;
          }
        }
      }
    };
  }

  static DirtyTracker keepsRanges(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private List<AddressRange> kept = List.of();

      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        kept = ranges;
        return super.start(ranges, pageSize);
      }

      @Override
      public void dmaWrite(AddressRange written) {
        if (kept.stream().anyMatch(range -> range.overlaps(written))) {
          honest.dmaWrite(written);
        }
      }
    };
  }

  static DirtyTracker reportsLate(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      private final List<AddressRange> held = new ArrayList<>();

      @Override
      public void dmaWrite(AddressRange written) {
        held.add(written);
      }

      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        Optional<Errno> refused = honest.report(range, pageSize, into);
        held.forEach(honest::dmaWrite);
        held.clear();
        return refused;
      }
    };
  }

  static DirtyTracker reportsTwice(DirtyTracker honest) {
    return new RememberingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        Optional<Errno> refused = honest.report(range, pageSize, into);
        latest.forEach(honest::dmaWrite);
        latest.clear();
        return refused;
      }
    };
  }

  static DirtyTracker logsLargerPagesThanGranted(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public void dmaWrite(AddressRange written) {
        honest.dmaWrite(
            new AddressRange(U64.alignDown(written.first(), LARGE), written.last() | LARGE - 1));
      }
    };
  }

  static DirtyTracker logsSmallerPagesThanGranted(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public StartResult start(List<AddressRange> ranges, long pageSize) {
        StartResult result = super.start(ranges, pageSize);
        return result instanceof StartResult.Granted granted
            ? new StartResult.Granted(2 * granted.pageSize())
            : result;
      }
    };
  }
}
