package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.core.address.AddressRange;
import java.util.ArrayList;
import java.util.List;

/** Random ranges, ascending, that are to be combined. Static, thread-safe. */
final class ManyRanges {

  private ManyRanges() {}

  /** So many ranges of up to 16 MiB with gaps of up to 16 MiB between them. */
  static List<AddressRange> of(int count, long seed) {
    SplitMix random = new SplitMix(seed);
    List<AddressRange> ranges = new ArrayList<>(count);
    long at = 0;
    for (int i = 0; i < count; i++) {
      long first = at + 1 + (random.next() >>> 40);
      at = first + (random.next() >>> 40);
      ranges.add(new AddressRange(first, at));
    }
    return ranges;
  }

  static long checksum(List<AddressRange> ranges) {
    long checksum = 0;
    for (AddressRange range : ranges) {
      checksum += SplitMix.mix(range.first() ^ SplitMix.mix(range.last()));
    }
    return checksum;
  }
}
