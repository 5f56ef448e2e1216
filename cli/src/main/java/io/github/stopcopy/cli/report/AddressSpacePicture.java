package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.FlatView;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.vfiopci.IovaRange;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a device sees, from address 0 up, and which of it is tracked. */
final class AddressSpacePicture {

  private static final long LAST_32 = 0xffffffffL;

  /** The bucket below 4 GiB; all others are above. */
  private static final String BELOW = "32";

  /**
   * A run of addresses that hold one kind of thing.
   *
   * @param range the addresses
   * @param kind what they hold
   * @param tracked whether they are tracked
   */
  record Segment(AddressRange range, String kind, boolean tracked) {}

  private AddressSpacePicture() {}

  /** The runs up to the last address that is memory or tracked. */
  static List<Segment> segments(FlatView view, List<IovaRange> tracked) {
    TreeSet<Long> cuts = new TreeSet<>(U64::compare);
    cuts.add(0L);
    long last = 0;
    for (FlatRange range : view.ranges()) {
      if (isShown(range)) {
        cuts.add(range.range().first());
        last = U64.max(last, range.range().last());
        addEnd(cuts, range.range().last());
      }
    }
    for (IovaRange range : tracked) {
      cuts.add(range.iova());
      last = U64.max(last, range.last());
      addEnd(cuts, range.last());
    }
    List<Segment> segments = new ArrayList<>();
    List<Long> starts = new ArrayList<>(cuts);
    for (int i = 0; i < starts.size(); i++) {
      long first = starts.get(i);
      if (U64.less(last, first)) {
        break;
      }
      long end = i + 1 < starts.size() ? starts.get(i + 1) - 1 : last;
      append(
          segments,
          new Segment(
              new AddressRange(first, U64.min(end, last)),
              kind(view, first),
              isTracked(tracked, first)));
    }
    return segments;
  }

  /**
   * The runs as lines of text; the bars grow with the logarithm of the size.
   *
   * @param unknown the buckets of which it is not known how far they reach
   */
  static String text(List<Segment> segments, List<String> unknown, String indent) {
    StringBuilder text = new StringBuilder();
    for (Segment segment : segments) {
      BigInteger bytes =
          U64.toBigInteger(segment.range.last() - segment.range.first()).add(BigInteger.ONE);
      String use =
          !segment.tracked
              ? isKnown(segment, unknown) ? "not tracked" : "not known"
              : segment.kind.equals("nothing") ? "tracked for nothing" : "tracked";
      text.append(
          String.format(
              "%s0x%016x  %-8s %9s  %-22s %s\n",
              indent,
              segment.range.first(),
              segment.kind,
              Sizes.text(bytes),
              bar(segment, bytes),
              use));
    }
    return text.toString();
  }

  private static boolean isKnown(Segment segment, List<String> unknown) {
    boolean below = U64.lessOrEqual(segment.range.first(), LAST_32);
    return unknown.stream().noneMatch(bucket -> bucket.equals(BELOW) == below);
  }

  private static String bar(Segment segment, BigInteger bytes) {
    String sign = segment.kind.equals("nothing") ? (segment.tracked ? "-" : ".") : "#";
    return sign.repeat(Math.max(1, Math.min(22, (bytes.bitLength() - 10) / 2)));
  }

  private static void addEnd(Set<Long> cuts, long last) {
    if (last != U64.MAX) {
      cuts.add(last + 1);
    }
  }

  private static void append(List<Segment> segments, Segment next) {
    if (!segments.isEmpty()) {
      Segment before = segments.get(segments.size() - 1);
      if (before.kind.equals(next.kind) && before.tracked == next.tracked) {
        segments.set(
            segments.size() - 1,
            new Segment(
                new AddressRange(before.range.first(), next.range.last()),
                next.kind,
                next.tracked));
        return;
      }
    }
    segments.add(next);
  }

  private static boolean isShown(FlatRange range) {
    return range.region().isRam() || range.region() instanceof MemoryRegion.Iommu;
  }

  private static String kind(FlatView view, long address) {
    return view.at(address)
        .filter(AddressSpacePicture::isShown)
        .map(range -> kind(range.region()))
        .orElse("nothing");
  }

  /**
   * Of device memory BARs have an owner (R-AS-4); others than VFIO have such too, a TPM for one.
   */
  private static String kind(MemoryRegion region) {
    if (region instanceof MemoryRegion.RamDevice memory) {
      return memory.owner().isPresent() ? "BAR" : "device";
    }
    return region instanceof MemoryRegion.Iommu ? "remapped" : "memory";
  }

  private static boolean isTracked(List<IovaRange> tracked, long address) {
    return tracked.stream()
        .anyMatch(range ->
            U64.lessOrEqual(range.iova(), address) && U64.lessOrEqual(address, range.last()));
  }
}
