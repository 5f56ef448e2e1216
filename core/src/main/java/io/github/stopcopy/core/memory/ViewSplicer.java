package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;

/**
 * Renders intervals of a view anew and puts them in between what stays, so that the result is what
 * rendering all would give. Not thread-safe.
 */
final class ViewSplicer {

  private final FlatViewRenderer renderer;
  private final MemoryRegion root;
  private final List<AddressRange> touched = new ArrayList<>(4);
  private FlatRanges ranges;

  ViewSplicer(FlatViewRenderer renderer, MemoryRegion root, FlatRanges ranges) {
    this.renderer = renderer;
    this.root = root;
    this.ranges = ranges;
  }

  /** The runs as they are now. */
  FlatRanges ranges() {
    return ranges;
  }

  /** The addresses of all runs that are different now, ascending and without overlaps. */
  List<AddressRange> touched() {
    return touched;
  }

  /** Renders an interval behind those before. */
  void renderAgain(AddressRange interval) {
    long first = interval.first();
    long last = interval.last();
    // Whether two parts of a run that must not be merged are one piece of its region only shows
    // when it is rendered whole.
    FlatRange neighbour = first == 0 ? null : ranges.at(first - 1);
    if (neighbour != null && neighbour.unmergeable()) {
      first = neighbour.range().first();
    }
    neighbour = last == U64.MAX ? null : ranges.at(last + 1);
    if (neighbour != null && neighbour.unmergeable()) {
      last = neighbour.range().last();
    }
    replace(first, last, renderer.render(root, first, last));
  }

  private void replace(long first, long last, List<FlatRange> rendered) {
    List<FlatRange> come = new ArrayList<>(rendered.size() + 2);
    int from = ranges.endingBefore(first == 0 ? 0 : first - 1);
    if (from < ranges.size()) {
      FlatRange left = ranges.get(from);
      if (U64.less(left.range().first(), first)) {
        come.add(U64.less(left.range().last(), first) ? left : left.upTo(first - 1));
      }
    }
    for (FlatRange range : rendered) {
      FlatRanges.append(come, range);
    }
    int to = ranges.size();
    if (last != U64.MAX) {
      to = ranges.endingBefore(last + 1);
      if (to < ranges.size()) {
        FlatRange right = ranges.get(to);
        if (U64.lessOrEqual(right.range().first(), last + 1)) {
          FlatRanges.append(
              come, U64.less(last, right.range().first()) ? right : right.from(last + 1));
          to++;
        }
      }
    }
    if (!isSame(from, to, come)) {
      touch(from, to, come);
      ranges = ranges.replaced(from, to, come);
    }
  }

  private boolean isSame(int from, int to, List<FlatRange> come) {
    if (come.size() != to - from) {
      return false;
    }
    for (int i = 0; i < come.size(); i++) {
      if (!ranges.get(from + i).sameAs(come.get(i))) {
        return false;
      }
    }
    return true;
  }

  private void touch(int from, int to, List<FlatRange> come) {
    long first = U64.MAX;
    long last = 0;
    if (from < to) {
      first = ranges.get(from).range().first();
      last = ranges.get(to - 1).range().last();
    }
    if (!come.isEmpty()) {
      first = U64.min(first, come.get(0).range().first());
      last = U64.max(last, come.get(come.size() - 1).range().last());
    }
    AddressRange range = new AddressRange(first, last);
    while (!touched.isEmpty() && touched.get(touched.size() - 1).overlaps(range)) {
      AddressRange before = touched.remove(touched.size() - 1);
      range =
          new AddressRange(
              U64.min(before.first(), range.first()), U64.max(before.last(), range.last()));
    }
    touched.add(range);
  }
}
