package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
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

  private static final Comparator<Piece> ASCENDING = (a, b) -> U64.compare(a.first, b.first);
  private static final Comparator<Piece> WINNING_FIRST = Comparator.comparingInt(Piece::precedence);

  /** As many pieces as a small VM has. */
  private static final int FEW = 16;

  private final Function<MemoryRegion, DirtyLogMask> dirtyLogMask;
  private final boolean keepsUnmergeable;
  private final List<Piece> pieces = new ArrayList<>(FEW);
  private final Deque<Visit> visits = new ArrayDeque<>(4);

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

  /** What a region has of those above it. */
  private record Inherited(boolean readonly, boolean nonvolatile, boolean unmergeable) {

    static final Inherited NOTHING = new Inherited(false, false, false);

    Inherited and(MemoryRegion region, boolean keepsUnmergeable) {
      boolean moreReadonly = readonly || region.isReadonly();
      boolean moreNonvolatile = nonvolatile || region.isNonvolatile();
      boolean moreUnmergeable = unmergeable || keepsUnmergeable && region.isUnmergeable();
      boolean isSame =
          moreReadonly == readonly
              && moreNonvolatile == nonvolatile
              && moreUnmergeable == unmergeable;
      return isSame ? this : new Inherited(moreReadonly, moreNonvolatile, moreUnmergeable);
    }
  }

  /** A region that is gone through: its offsets [first, last], offset 0 at the given address. */
  private record Visit(
      MemoryRegion region,
      long first,
      long last,
      long addressOfOffset0,
      Inherited flags,
      Iterator<MemoryRegion> below) {}

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
      return FlatView.EMPTY;
    }
    FlatViewRenderer renderer = new FlatViewRenderer(dirtyLogMask, keepsUnmergeable);
    if (!root.size().isZero()) {
      long last = U64.min(root.size().lastOffset(), U64.MAX - root.address());
      renderer.collect(root, last);
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
        for (MemoryRegion subregion : region.below()) {
          if (subregion.isEnabled()) {
            if (only != null) {
              return region;
            }
            only = subregion;
          }
        }
        if (only == null) {
          return null;
        }
        if (only.address() != 0 || lessThan(region, only)) {
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
   * Goes through a tree from its root, what wins first (R-AS-30 .. 34). What is still to be visited
   * is kept on the heap, since windows may be nested deeper than the stack reaches.
   */
  private void collect(MemoryRegion root, long lastOffset) {
    enter(root, 0, lastOffset, root.address(), Inherited.NOTHING);
    while (!visits.isEmpty()) {
      Visit visit = visits.element();
      if (!visit.below.hasNext()) {
        visits.remove();
        if (visit.region.terminates()) {
          add(visit.region, visit.first, visit.last, visit.addressOfOffset0, visit.flags);
        }
        continue;
      }
      MemoryRegion subregion = visit.below.next();
      long address = subregion.address();
      if (subregion.size().isZero() || U64.less(visit.last, address)) {
        continue;
      }
      long end = U64.min(U64.addSaturated(address, subregion.size().lastOffset()), visit.last);
      long start = U64.max(address, visit.first);
      if (U64.lessOrEqual(start, end)) {
        enter(
            subregion,
            start - address,
            end - address,
            visit.addressOfOffset0 + address,
            visit.flags);
      }
    }
  }

  /** Follows windows to what they show, which is a piece, or has others below to go through. */
  private void enter(
      MemoryRegion seen, long from, long to, long addressOfOffset0, Inherited above) {
    MemoryRegion region = seen;
    long first = from;
    long last = to;
    long base = addressOfOffset0;
    Inherited flags = above;
    while (region.isEnabled()) {
      flags = flags.and(region, keepsUnmergeable);
      if (!(region instanceof MemoryRegion.Alias alias)) {
        if (!region.below().isEmpty()) {
          visits.push(new Visit(region, first, last, base, flags, region.below().iterator()));
        } else if (region.terminates()) {
          add(region, first, last, base, flags);
        }
        return;
      }
      region = alias.target();
      long offset = alias.targetOffset();
      if (region.size().isZero() || U64.addOverflows(first, offset)) {
        return;
      }
      first += offset;
      last = U64.min(U64.addSaturated(last, offset), region.size().lastOffset());
      base -= offset;
      if (U64.less(last, first)) {
        return;
      }
    }
  }

  private void add(
      MemoryRegion region, long first, long last, long addressOfOffset0, Inherited flags) {
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

  private List<FlatRange> sweep() {
    List<Piece> sorted = pieces;
    sorted.sort(ASCENDING);
    PriorityQueue<Piece> open = new PriorityQueue<>(WINNING_FIRST);
    List<FlatRange> ranges = new ArrayList<>(sorted.size());
    Piece current = null;
    int next = 0;
    long position = 0;
    while (next < sorted.size() || !open.isEmpty()) {
      if (open.isEmpty()) {
        Piece alone = sorted.get(next);
        position = alone.first;
        if (next + 1 == sorted.size() || U64.less(alone.last, sorted.get(next + 1).first)) {
          emit(ranges, alone, false, alone.first, alone.last);
          next++;
          continue;
        }
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

  /**
   * Appends a run, joined with the run before where both are one (R-AS-36).
   *
   * @param continues whether the piece is that of the run before, which ended here only because
   *     another piece begins
   */
  private void emit(List<FlatRange> ranges, Piece piece, boolean continues, long first, long last) {
    int newest = ranges.size() - 1;
    if (continues) {
      ranges.set(newest, ranges.get(newest).upTo(last));
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
    if (newest >= 0 && ranges.get(newest).mergesWith(range)) {
      ranges.set(newest, ranges.get(newest).upTo(last));
    } else {
      ranges.add(range);
    }
  }
}
