package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.FlatView;
import io.github.stopcopy.core.memory.MemoryRegion;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** What a device sees, from address 0 up, cut where something changes. */
public final class AddressSpaceMap {

  /** What addresses hold. */
  public enum Kind {
    /** Nothing, or I/O that VFIO does not map. */
    NOTHING("nothing"),
    /** Memory that the device may write. */
    RAM("RAM"),
    /** Memory that it may only read. */
    ROM("ROM"),
    /** A BAR of an assigned device. */
    BAR("BAR"),
    /** Other device memory, a TPM's for one. */
    DEVICE("device"),
    /** What the vIOMMU translates, wherever to. */
    REMAPPED("remapped"),
    /** Several small runs of the others. */
    MIXED("mixed");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * A run of addresses that hold one kind of thing.
   *
   * @param range the addresses
   * @param kind what they hold
   * @param name the name of the memory region; empty where there is none
   * @param isTracked whether they are tracked
   * @param runs how many runs it stands for, more than 1 only if mixed
   */
  public record Segment(AddressRange range, Kind kind, String name, boolean isTracked, int runs) {

    /** How many addresses. */
    public BigInteger bytes() {
      return U64.toBigInteger(range.last() - range.first()).add(BigInteger.ONE);
    }

    /** Whether it is tracked and has no RAM that a device could write. */
    public boolean isTrackedForNothing() {
      return isTracked && kind != Kind.RAM && kind != Kind.REMAPPED && kind != Kind.MIXED;
    }

    private boolean continues(Segment before) {
      return before.kind == kind && before.name.equals(name) && before.isTracked == isTracked;
    }
  }

  private final FlatView view;
  private final List<AddressRange> tracked;

  private AddressSpaceMap(FlatView view, List<AddressRange> tracked) {
    this.view = view;
    this.tracked = tracked;
  }

  /**
   * The runs up to the last address that is memory or tracked.
   *
   * @param tracked the ranges that are tracked
   * @param cut an address at which a run ends too, if it lies in one; the last of a vIOMMU's width
   */
  static List<Segment> segments(FlatView view, List<AddressRange> tracked, OptionalLong cut) {
    return new AddressSpaceMap(view, tracked).segments(cut);
  }

  private List<Segment> segments(OptionalLong cut) {
    TreeSet<Long> cuts = new TreeSet<>(U64::compare);
    cuts.add(0L);
    long last = 0;
    for (FlatRange range : view.ranges()) {
      if (isShown(range)) {
        last = U64.max(last, addEnds(cuts, range.range()));
      }
    }
    for (AddressRange range : tracked) {
      last = U64.max(last, addEnds(cuts, range));
    }
    if (cut.isPresent() && U64.less(cut.getAsLong(), last)) {
      cuts.add(cut.getAsLong() + 1);
    }
    List<Segment> segments = new ArrayList<>();
    List<Long> starts = new ArrayList<>(cuts);
    for (int i = 0; i < starts.size() && U64.lessOrEqual(starts.get(i), last); i++) {
      long end = i + 1 < starts.size() ? U64.min(starts.get(i + 1) - 1, last) : last;
      Segment next = segment(new AddressRange(starts.get(i), end));
      Segment before = segments.isEmpty() ? null : segments.get(segments.size() - 1);
      boolean isCut = cut.isPresent() && cut.getAsLong() + 1 == starts.get(i);
      if (before != null && !isCut && next.continues(before)) {
        segments.set(
            segments.size() - 1,
            new Segment(
                new AddressRange(before.range.first(), end),
                next.kind,
                next.name,
                next.isTracked,
                1));
      } else {
        segments.add(next);
      }
    }
    return segments;
  }

  private Segment segment(AddressRange range) {
    Optional<FlatRange> found = view.at(range.first()).filter(AddressSpaceMap::isShown);
    boolean isTracked = tracked.stream().anyMatch(each -> each.contains(range.first()));
    return new Segment(
        range,
        found.map(AddressSpaceMap::kind).orElse(Kind.NOTHING),
        found.map(each -> each.region().name()).orElse(""),
        isTracked,
        1);
  }

  /** Adds where a range begins and where it has ended, and returns its last address. */
  private static long addEnds(Set<Long> cuts, AddressRange range) {
    cuts.add(range.first());
    if (range.last() != U64.MAX) {
      cuts.add(range.last() + 1);
    }
    return range.last();
  }

  private static boolean isShown(FlatRange range) {
    return range.region().isRam() || range.region() instanceof MemoryRegion.Iommu;
  }

  /**
   * Of device memory BARs have an owner (R-AS-4); others than VFIO have such too, a TPM for one.
   */
  private static Kind kind(FlatRange range) {
    if (range.region() instanceof MemoryRegion.RamDevice memory) {
      return memory.owner().isPresent() ? Kind.BAR : Kind.DEVICE;
    } else if (range.region() instanceof MemoryRegion.Iommu) {
      return Kind.REMAPPED;
    }
    return range.readonly() ? Kind.ROM : Kind.RAM;
  }

  /**
   * The same with at most about twice so many runs: the greatest stay, and those between two of
   * them are told as one.
   */
  public static List<Segment> fewer(List<Segment> segments, int most) {
    if (segments.size() <= most) {
      return segments;
    }
    List<BigInteger> sizes = new ArrayList<>(segments.stream().map(Segment::bytes).toList());
    sizes.sort(null);
    BigInteger least = sizes.get(sizes.size() - most);
    List<Segment> fewer = new ArrayList<>();
    int kept = 0;
    for (Segment each : segments) {
      boolean isKept = each.bytes().compareTo(least) >= 0 && kept < most;
      Segment before = fewer.isEmpty() ? null : fewer.get(fewer.size() - 1);
      if (isKept) {
        kept++;
        fewer.add(each);
      } else if (before != null && before.kind == Kind.MIXED) {
        fewer.set(
            fewer.size() - 1,
            new Segment(
                new AddressRange(before.range.first(), each.range.last()),
                Kind.MIXED,
                "",
                before.isTracked || each.isTracked,
                before.runs + 1));
      } else {
        fewer.add(new Segment(each.range, Kind.MIXED, "", each.isTracked, 1));
      }
    }
    return fewer;
  }
}
