package io.github.stopcopy.core.dirty;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Makes at most so many ranges of many, for devices that can track only a few. The ranges that come
 * out hold all that went in and the gaps that were closed. Static, thread-safe.
 *
 * {@snippet file="DirtyPagesTest.java" region="coalescing"}
 */
public final class RangeCoalescing {

  private static final Comparator<AddressRange> BY_START =
      (a, b) -> U64.compare(a.first(), b.first());

  private RangeCoalescing() {}

  /**
   * What the kernel does, step for step (R-DT-45): while there are too many ranges the first of the
   * smallest gaps is closed; for one range all gaps are closed at once. Takes O(n²) time.
   *
   * @param ranges in any order; they must not overlap (R-DT-42)
   * @param most how many may remain, at least 1
   * @return at most {@code most} ranges, ascending
   * @throws IllegalArgumentException if ranges overlap or {@code most} is below 1
   */
  public static List<AddressRange> asKernel(List<AddressRange> ranges, int most) {
    List<AddressRange> nodes = new ArrayList<>(sorted(ranges, most));
    if (most == 1 && !nodes.isEmpty()) {
      return List.of(new AddressRange(nodes.get(0).first(), nodes.get(nodes.size() - 1).last()));
    }
    while (nodes.size() > most) {
      int closed = 1;
      for (int next = 2; next < nodes.size(); next++) {
        if (U64.less(gapBefore(nodes, next), gapBefore(nodes, closed))) {
          closed = next;
        }
      }
      AddressRange joined =
          new AddressRange(nodes.get(closed - 1).first(), nodes.get(closed).last());
      nodes.set(closed - 1, joined);
      nodes.remove(closed);
    }
    return List.copyOf(nodes);
  }

  /**
   * The same ranges as {@link #asKernel} in one pass: closing a gap changes no other, so what
   * remains open are the {@code most - 1} greatest gaps, of equal ones the last. Takes O(n log
   * most) time, and sorting if the ranges are not ascending.
   *
   * @param ranges in any order; they must not overlap (R-DT-42)
   * @param most how many may remain, at least 1
   * @return at most {@code most} ranges, ascending
   * @throws IllegalArgumentException if ranges overlap or {@code most} is below 1
   */
  public static List<AddressRange> coalesce(List<AddressRange> ranges, int most) {
    List<AddressRange> nodes = sorted(ranges, most);
    if (nodes.size() <= most) {
      return List.copyOf(nodes);
    }
    GreatestGaps open = new GreatestGaps(most - 1);
    long last = nodes.get(0).last();
    for (int next = 1; next < nodes.size(); next++) {
      AddressRange range = nodes.get(next);
      open.offer(range.first() - last, next);
      last = range.last();
    }
    List<AddressRange> joined = new ArrayList<>(most);
    long first = nodes.get(0).first();
    for (int next : open.ascending()) {
      joined.add(new AddressRange(first, nodes.get(next - 1).last()));
      first = nodes.get(next).first();
    }
    joined.add(new AddressRange(first, nodes.get(nodes.size() - 1).last()));
    return List.copyOf(joined);
  }

  /** Ascending ranges that do not overlap. */
  private static List<AddressRange> sorted(List<AddressRange> ranges, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at most " + most + " ranges, expected 1 or more");
    }
    List<AddressRange> nodes = ranges;
    if (!isAscending(ranges)) {
      nodes = new ArrayList<>(ranges);
      nodes.sort(BY_START);
      for (int next = 1; next < nodes.size(); next++) {
        if (nodes.get(next - 1).overlaps(nodes.get(next))) {
          throw new IllegalArgumentException(
              nodes.get(next - 1) + " and " + nodes.get(next) + " overlap (R-DT-42)");
        }
      }
    }
    return nodes;
  }

  private static boolean isAscending(List<AddressRange> ranges) {
    AddressRange before = null;
    for (AddressRange range : ranges) {
      if (before != null && U64.lessOrEqual(range.first(), before.last())) {
        return false;
      }
      before = range;
    }
    return true;
  }

  /** From the last byte before to the first behind: 1 between neighbours that touch. */
  private static long gapBefore(List<AddressRange> nodes, int next) {
    return nodes.get(next).first() - nodes.get(next - 1).last();
  }
}
