package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the listeners of one address space what a commit changed (R-AS-51, R-AS-52). */
final class ListenerCalls {

  private ListenerCalls() {}

  /** Tells only what went and came, to listeners that do not want to hear of what stays. */
  static void tellChanges(List<Registration> listeners, ViewUpdate update) {
    List<MemorySection> gone = update.gone();
    for (int i = 0; i < gone.size(); i++) {
      disappeared(listeners, gone.get(i));
    }
    List<MemorySection> come = update.come();
    for (int i = 0; i < come.size(); i++) {
      appeared(listeners, come.get(i));
    }
  }

  /** Tells of all runs of both views, also what stays and who begins or stops to log writes. */
  static void tellAll(List<Registration> listeners, FlatView before, FlatView after) {
    tellAll(listeners, before, after, false);
    tellAll(listeners, before, after, true);
  }

  private static void tellAll(
      List<Registration> listeners, FlatView before, FlatView after, boolean adding) {
    Iterator<FlatRange> old = before.ranges().iterator();
    Iterator<FlatRange> now = after.ranges().iterator();
    FlatRange was = next(old);
    FlatRange is = next(now);
    while (was != null || is != null) {
      if (was != null && is != null && was.sameAs(is)) {
        if (adding) {
          stayed(listeners, was.dirtyLogMask(), is);
        }
        was = next(old);
        is = next(now);
      } else if (was != null
          && (is == null || U64.lessOrEqual(was.range().first(), is.range().first()))) {
        if (!adding) {
          disappeared(listeners, was.section());
        }
        was = next(old);
      } else if (is != null) {
        if (adding) {
          appeared(listeners, is.section());
        }
        is = next(now);
      }
    }
  }

  private static @Nullable FlatRange next(Iterator<FlatRange> ranges) {
    return ranges.hasNext() ? ranges.next() : null;
  }

  private static void disappeared(List<Registration> listeners, MemorySection section) {
    for (int n = listeners.size() - 1; n >= 0; n--) {
      listeners.get(n).listener().regionDel(section);
    }
  }

  private static void appeared(List<Registration> listeners, MemorySection section) {
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).listener().regionAdd(section);
    }
  }

  private static void stayed(List<Registration> listeners, DirtyLogMask before, FlatRange range) {
    MemorySection section = range.section();
    DirtyLogMask after = range.dirtyLogMask();
    for (Registration listener : listeners) {
      if (listener.takesRegionNop()) {
        listener.listener().regionNop(section);
      }
    }
    if (after.exceeds(before)) {
      for (Registration listener : listeners) {
        listener.listener().logStart(section, before, after);
      }
    }
    if (before.exceeds(after)) {
      for (int n = listeners.size() - 1; n >= 0; n--) {
        listeners.get(n).listener().logStop(section, before, after);
      }
    }
  }
}
