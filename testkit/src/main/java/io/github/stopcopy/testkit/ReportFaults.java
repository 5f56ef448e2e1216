package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import java.util.Optional;

/** Faults in reports. */
final class ReportFaults {

  private static final long PAGE = 4096;

  private ReportFaults() {}

  static DirtyTracker losesLastBitOfWord(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        DirtyBitmap whole = new DirtyBitmap(into.pages());
        Optional<Errno> refused = honest.report(range, pageSize, whole);
        for (long bit = whole.nextDirty(0); bit >= 0; bit = whole.nextDirty(bit + 1)) {
          if (bit % 64 != 63) {
            into.mark(bit);
          }
        }
        return refused;
      }
    };
  }

  static DirtyTracker losesLastPageInLogs(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, DirtyLog into) {
        Optional<Errno> refused = super.report(range, into);
        long last = U64.alignDown(range.last(), into.pageSize());
        into.clear(new AddressRange(last, last + into.pageSize() - 1));
        return refused;
      }
    };
  }

  static DirtyTracker marksBeyondInLogs(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, DirtyLog into) {
        long beyond = (range.last() | into.pageSize() - 1) + 1;
        into.mark(new AddressRange(beyond, beyond));
        return super.report(range, into);
      }
    };
  }

  static DirtyTracker losesLastPageOfReport(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        long last = TrackedDevice.bits(range, pageSize) - 1;
        boolean before = into.isDirty(last);
        Optional<Errno> refused = honest.report(range, pageSize, into);
        if (!before) {
          into.clear(last);
        }
        return refused;
      }
    };
  }

  static DirtyTracker forgetsRestOfRange(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        Optional<Errno> refused = honest.report(range, pageSize, into);
        logged.stream().filter(range::overlaps).forEach(this::forget);
        return refused;
      }
    };
  }

  static DirtyTracker wantsStartRanges(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        return logged.isEmpty() || logged.contains(range)
            ? honest.report(range, pageSize, into)
            : Optional.of(Errno.EINVAL);
      }
    };
  }

  static DirtyTracker throwsOutside(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        if (!logged.isEmpty() && logged.stream().noneMatch(inside -> inside.contains(range))) {
          throw new IllegalArgumentException(range + " is not logged");
        }
        return honest.report(range, pageSize, into);
      }
    };
  }

  static DirtyTracker forgetsWhatItRefuses(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        if (!logged.isEmpty() && logged.stream().noneMatch(inside -> inside.contains(range))) {
          forget(range);
          return Optional.of(Errno.EINVAL);
        }
        return honest.report(range, pageSize, into);
      }
    };
  }

  static DirtyTracker marksOutside(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        Optional<Errno> refused = honest.report(range, pageSize, into);
        if (!logged.isEmpty() && logged.stream().noneMatch(inside -> inside.overlaps(range))) {
          into.mark(0, TrackedDevice.bits(range, pageSize));
        }
        return refused;
      }
    };
  }

  static DirtyTracker marksBeyondReport(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        Optional<Errno> refused = honest.report(range, pageSize, into);
        long bits = TrackedDevice.bits(range, pageSize);
        if (into.pages() > bits && into.isDirty(bits - 1)) {
          into.mark(bits);
        }
        return refused;
      }
    };
  }

  static DirtyTracker clearsBitmap(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        into.clear(0, into.pages());
        return honest.report(range, pageSize, into);
      }
    };
  }

  static DirtyTracker ignoresPageSizeOfReport(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        DirtyBitmap small = new DirtyBitmap(TrackedDevice.bits(range, PAGE));
        Optional<Errno> refused = honest.report(range, PAGE, small);
        for (long bit = small.nextDirty(0); bit >= 0; bit = small.nextDirty(bit + 1)) {
          if (bit < into.pages()) {
            into.mark(bit);
          }
        }
        return refused;
      }
    };
  }

  static DirtyTracker countsBitsFromStartRange(DirtyTracker honest) {
    return new ForwardingTracker(honest) {
      @Override
      public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
        DirtyBitmap whole = new DirtyBitmap(into.pages());
        Optional<Errno> refused = honest.report(range, pageSize, whole);
        long first = range.first();
        for (AddressRange inside : logged) {
          first = inside.contains(range.first()) ? inside.first() : first;
        }
        long shift = Long.divideUnsigned(range.first() - first, pageSize);
        for (long bit = whole.nextDirty(0); bit >= 0; bit = whole.nextDirty(bit + 1)) {
          if (U64.less(bit + shift, into.pages())) {
            into.mark(bit + shift);
          }
        }
        return refused;
      }
    };
  }
}
