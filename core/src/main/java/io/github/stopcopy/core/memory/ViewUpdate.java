package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a commit changes in a view (R-AS-51). What did not change is in neither list.
 *
 * @param before the view before
 * @param after the view after
 * @param gone the runs that only the first has, ascending, as listeners see them
 * @param come the runs that only the second has, likewise
 */
record ViewUpdate(
    FlatView before, FlatView after, ArrayList<MemorySection> gone, ArrayList<MemorySection> come) {

  private static final List<AddressRange> EVERYWHERE = List.of(new AddressRange(0, U64.MAX));

  /** Of so many runs only some change as a rule. */
  private static final int MANY = 64;

  /** All that is different between two views. */
  static ViewUpdate between(FlatView before, FlatView after) {
    return between(before, after, EVERYWHERE);
  }

  /**
   * What is different between two views of which it is known where they differ.
   *
   * @param touched ascending, without overlaps; whole runs that are different lie in one of them
   */
  static ViewUpdate between(FlatView before, FlatView after, List<AddressRange> touched) {
    ViewUpdate update = new ViewUpdate(before, after, new ArrayList<>(0), new ArrayList<>(0));
    for (int i = 0; i < touched.size(); i++) {
      update.compare(touched.get(i));
    }
    return update;
  }

  private void compare(AddressRange range) {
    Iterator<FlatRange> old = reaching(before.runs(), range, gone);
    Iterator<FlatRange> now = reaching(after.runs(), range, come);
    FlatRange was = next(old, range.last());
    FlatRange is = next(now, range.last());
    while (was != null || is != null) {
      if (was != null && is != null && was.sameAs(is)) {
        was = next(old, range.last());
        is = next(now, range.last());
      } else if (was != null
          && (is == null || U64.lessOrEqual(was.range().first(), is.range().first()))) {
        gone.add(was.section());
        was = next(old, range.last());
      } else if (is != null) {
        come.add(is.section());
        is = next(now, range.last());
      }
    }
  }

  /** The runs from those that reach a range on; many of the range find room in a list. */
  private static Iterator<FlatRange> reaching(
      FlatRanges ranges, AddressRange range, ArrayList<MemorySection> list) {
    int from = ranges.endingBefore(range.first());
    int reaching = ranges.endingBefore(range.last()) + 1 - from;
    if (reaching > MANY) {
      list.ensureCapacity(list.size() + reaching);
    }
    return ranges.iteratorAt(from);
  }

  private static @Nullable FlatRange next(Iterator<FlatRange> ranges, long last) {
    if (!ranges.hasNext()) {
      return null;
    }
    FlatRange range = ranges.next();
    return U64.lessOrEqual(range.range().first(), last) ? range : null;
  }
}
