package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Renders a region tree in O(n log n): a walk collects the visible piece of every terminating
 * region in order of precedence, a sweep over the sorted pieces keeps the winner of each address.
 *
 * <p>QEMU's 128-bit base addresses are not needed: a region is visited with the window of its own
 * offsets that can be seen, and with the address that offset 0 has modulo 2^64.
 */
@SuppressWarnings("ReferenceEquality") // regions and listeners are who they are
final class FlatViewRenderer {

  private final Function<MemoryRegion, DirtyLogMask> dirtyLogMask;
  private final boolean keepsUnmergeable;
  private final List<Piece> pieces = new ArrayList<>();

  /** The part of a terminating region that can be seen if nothing precedes it. */
  private record Piece(
      int precedence,
      MemoryRegion region,
      long first,
      long last,
      long addressOfOffset0,
      boolean readonly,
      boolean nonvolatile,
      boolean unmergeable) {}

  private record Inherited(boolean readonly, boolean nonvolatile, boolean unmergeable) {}

  private FlatViewRenderer(
      Function<MemoryRegion, DirtyLogMask> dirtyLogMask, boolean keepsUnmergeable) {
    this.dirtyLogMask = dirtyLogMask;
    this.keepsUnmergeable = keepsUnmergeable;
  }

  /**
   * Renders a tree.
   *
   * @param root from {@link #viewRoot}
   * @param dirtyLogMask who logs writes to a region (R-AS-39)
   * @param keepsUnmergeable whether the release knows unmergeable regions (10.x)
   */
  static FlatView render(
      @Nullable MemoryRegion root,
      Function<MemoryRegion, DirtyLogMask> dirtyLogMask,
      boolean keepsUnmergeable) {
    if (root == null) {
      return new FlatView(null, List.of());
    }
    FlatViewRenderer renderer = new FlatViewRenderer(dirtyLogMask, keepsUnmergeable);
    if (!root.size().isZero()) {
      long last = U64.min(root.size().lastOffset(), U64.MAX - root.address());
      renderer.collect(root, 0, last, root.address(), new Inherited(false, false, false));
    }
    return new FlatView(root, renderer.sweep());
  }

  /** The region whose rendering stands for the whole address space (R-AS-38). */
  static @Nullable MemoryRegion viewRoot(MemoryRegion start) {
    MemoryRegion region = start;
    while (region.isEnabled()) {
      if (region instanceof MemoryRegion.Alias alias) {
        if (alias.targetOffset() != 0 || lessThan(alias, alias.target())) {
          return region;
        }
        region = alias.target();
      } else if (!region.terminates()) {
        MemoryRegion only = null;
        int enabled = 0;
        for (MemoryRegion subregion : region.subregions()) {
          if (subregion.isEnabled()) {
            enabled++;
            only = subregion;
          }
        }
        if (only == null) {
          return null;
        }
        if (enabled > 1 || only.address() != 0 || lessThan(region, only)) {
          return region;
        }
        region = only;
      } else {
        return region;
      }
    }
    return null;
  }

  private static boolean lessThan(MemoryRegion a, MemoryRegion b) {
    return !b.size().isZero()
        && (a.size().isZero() || U64.less(a.size().lastOffset(), b.size().lastOffset()));
  }

  /**
   * Visits the offsets [first, last] of a region; offset 0 has the given address (R-AS-30 .. 34).
   */
  private void collect(
      MemoryRegion region, long first, long last, long addressOfOffset0, Inherited above) {
    if (!region.isEnabled()) {
      return;
    }
    Inherited flags =
        new Inherited(
            above.readonly || region.isReadonly(),
            above.nonvolatile || region.isNonvolatile(),
            above.unmergeable || keepsUnmergeable && region.isUnmergeable());
    if (region instanceof MemoryRegion.Alias alias) {
      MemoryRegion target = alias.target();
      long offset = alias.targetOffset();
      if (target.size().isZero() || U64.addOverflows(first, offset)) {
        return;
      }
      long targetFirst = first + offset;
      long targetLast = U64.min(U64.addSaturated(last, offset), target.size().lastOffset());
      if (U64.lessOrEqual(targetFirst, targetLast)) {
        collect(target, targetFirst, targetLast, addressOfOffset0 - offset, flags);
      }
      return;
    }
    for (MemoryRegion subregion : region.subregions()) {
      long address = subregion.address();
      if (subregion.size().isZero() || U64.less(last, address)) {
        continue;
      }
      long end = U64.min(U64.addSaturated(address, subregion.size().lastOffset()), last);
      long start = U64.max(address, first);
      if (U64.lessOrEqual(start, end)) {
        collect(subregion, start - address, end - address, addressOfOffset0 + address, flags);
      }
    }
    if (region.terminates()) {
      pieces.add(
          new Piece(
              pieces.size(),
              region,
              addressOfOffset0 + first,
              addressOfOffset0 + last,
              addressOfOffset0,
              flags.readonly,
              flags.nonvolatile,
              flags.unmergeable));
    }
  }

  private List<FlatRange> sweep() {
    List<Piece> sorted = new ArrayList<>(pieces);
    sorted.sort((a, b) -> U64.compare(a.first, b.first));
    PriorityQueue<Piece> open = new PriorityQueue<>(Comparator.comparingInt(Piece::precedence));
    List<FlatRange> ranges = new ArrayList<>();
    Piece current = null;
    int next = 0;
    long position = 0;
    while (next < sorted.size() || !open.isEmpty()) {
      if (open.isEmpty()) {
        position = sorted.get(next).first;
      }
      while (next < sorted.size() && U64.lessOrEqual(sorted.get(next).first, position)) {
        open.add(sorted.get(next++));
      }
      Piece winner = open.element();
      if (U64.less(winner.last, position)) {
        open.remove();
        continue;
      }
      long end = winner.last;
      if (next < sorted.size() && U64.lessOrEqual(sorted.get(next).first, end)) {
        end = sorted.get(next).first - 1;
      }
      emit(ranges, winner, winner == current, position, end);
      current = winner;
      if (end == U64.MAX) {
        break;
      }
      position = end + 1;
    }
    return ranges;
  }

  /** Appends a run, joined with the run before where both are one (R-AS-36). */
  private void emit(List<FlatRange> ranges, Piece piece, boolean continues, long first, long last) {
    FlatRange before = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (continues && before != null && before.range().last() + 1 == first) {
      ranges.set(ranges.size() - 1, before.upTo(last));
      return;
    }
    boolean romd = !(piece.region instanceof MemoryRegion.RomDevice rom) || rom.isRomdMode();
    FlatRange range =
        new FlatRange(
            piece.region,
            new AddressRange(first, last),
            first - piece.addressOfOffset0,
            dirtyLogMask.apply(piece.region),
            romd,
            piece.readonly,
            piece.nonvolatile,
            piece.unmergeable);
    if (before != null && before.mergesWith(range)) {
      ranges.set(ranges.size() - 1, before.upTo(last));
    } else {
      ranges.add(range);
    }
  }
}
