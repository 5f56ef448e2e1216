package io.github.stopcopy.core.viommu;

import io.github.stopcopy.core.address.AddressRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Pages and where each leads, kept as runs: pages that follow each other and lead to pages that
 * follow each other take the room of one. All addresses are below 2^63.
 */
final class PageRuns {

  private final NavigableMap<Long, Run> runs = new TreeMap<>();
  private long pages;

  /** What begins at a page: the address of the last page, and where the first one leads. */
  private record Run(long last, long target) {}

  /** How many pages there are. */
  long size() {
    return pages;
  }

  /** Where a page leads. */
  Optional<Long> target(long page) {
    Map.Entry<Long, Run> run = runs.floorEntry(page);
    return run == null || run.getValue().last() < page
        ? Optional.empty()
        : Optional.of(run.getValue().target() + (page - run.getKey()));
  }

  /** Has pages lead to as many pages from {@code target} on, wherever they led before. */
  void put(long first, int count, long target) {
    remove(first, count);
    pages += count;
    long start = first;
    long last = first + (count - 1) * GuestTable.PAGE;
    long startTarget = target;
    Map.Entry<Long, Run> before = runs.lowerEntry(first);
    if (before != null && continues(before.getKey(), before.getValue(), first, target)) {
      start = before.getKey();
      startTarget = before.getValue().target();
    }
    Run after = runs.get(last + GuestTable.PAGE);
    if (after != null && after.target() - target == last + GuestTable.PAGE - first) {
      runs.remove(last + GuestTable.PAGE);
      last = after.last();
    }
    runs.put(start, new Run(last, startTarget));
  }

  private static boolean continues(long start, Run run, long first, long target) {
    return run.last() + GuestTable.PAGE == first && target - run.target() == first - start;
  }

  /** Forgets pages, also some that are not there. */
  void remove(long first, int count) {
    long last = first + (count - 1) * GuestTable.PAGE;
    cut(first);
    cut(last + GuestTable.PAGE);
    NavigableMap<Long, Run> gone = runs.subMap(first, true, last, true);
    gone.forEach((start, run) -> pages -= (run.last() - start) / GuestTable.PAGE + 1);
    gone.clear();
  }

  /** Lets no run reach from below a page into it. */
  private void cut(long page) {
    Map.Entry<Long, Run> run = runs.lowerEntry(page);
    if (run != null && run.getValue().last() >= page) {
      long start = run.getKey();
      Run whole = run.getValue();
      runs.put(start, new Run(page - GuestTable.PAGE, whole.target()));
      runs.put(page, new Run(whole.last(), whole.target() + (page - start)));
    }
  }

  /** Those of some pages that are there, as runs like those of {@link #ranges}. */
  List<AddressRange> within(long first, int count) {
    long last = first + (count - 1) * GuestTable.PAGE;
    Long from = runs.floorKey(first);
    List<AddressRange> found = new ArrayList<>();
    for (var run : runs.subMap(from == null ? first : from, true, last, true).entrySet()) {
      long inFirst = Math.max(run.getKey(), first);
      long inLast = Math.min(run.getValue().last(), last);
      if (inFirst <= inLast) {
        found.add(new AddressRange(inFirst, inLast));
      }
    }
    return found;
  }

  /** How many pages a run has. */
  static int pages(AddressRange run) {
    return (int) ((run.last() - run.first()) / GuestTable.PAGE) + 1;
  }

  void clear() {
    runs.clear();
    pages = 0;
  }

  /** The runs, ascending; the last address is that of the last page. */
  List<AddressRange> ranges() {
    List<AddressRange> all = new ArrayList<>();
    runs.forEach((first, run) -> all.add(new AddressRange(first, run.last())));
    return all;
  }
}
