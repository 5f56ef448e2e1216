package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A set of addresses as ranges that do not touch: what a write of many GiB adds costs no more than
 * a byte. Not thread-safe.
 */
final class AddressSet {

  private final NavigableMap<Long, Long> lastByFirst = new TreeMap<>(Long::compareUnsigned);

  /** Adds all addresses of a range. */
  void add(AddressRange range) {
    long first = range.first();
    long last = range.last();
    AddressRange touching = new AddressRange(first == 0 ? 0 : first - 1, U64.addSaturated(last, 1));
    for (AddressRange there : in(touching)) {
      AddressRange whole = rangeAt(there.first());
      lastByFirst.remove(whole.first());
      first = U64.min(first, whole.first());
      last = U64.max(last, whole.last());
    }
    lastByFirst.put(first, last);
  }

  /** Takes all addresses of a range out. */
  void remove(AddressRange range) {
    for (AddressRange there : in(range)) {
      AddressRange whole = rangeAt(there.first());
      lastByFirst.remove(whole.first());
      if (U64.less(whole.first(), range.first())) {
        lastByFirst.put(whole.first(), range.first() - 1);
      }
      if (U64.less(range.last(), whole.last())) {
        lastByFirst.put(range.last() + 1, whole.last());
      }
    }
  }

  /** Takes everything out. */
  void clear() {
    lastByFirst.clear();
  }

  /** What of a range is in the set, ascending. */
  List<AddressRange> in(AddressRange range) {
    List<AddressRange> there = new ArrayList<>();
    Long from = lastByFirst.floorKey(range.first());
    long begin = from == null ? range.first() : from;
    for (Map.Entry<Long, Long> entry :
        lastByFirst.subMap(begin, true, range.last(), true).entrySet()) {
      if (U64.lessOrEqual(range.first(), entry.getValue())) {
        there.add(
            new AddressRange(
                U64.max(entry.getKey(), range.first()), U64.min(entry.getValue(), range.last())));
      }
    }
    return there;
  }

  /** The range of the set that holds an address of it. */
  private AddressRange rangeAt(long address) {
    Map.Entry<Long, Long> entry = lastByFirst.floorEntry(address);
    return new AddressRange(entry.getKey(), entry.getValue());
  }
}
