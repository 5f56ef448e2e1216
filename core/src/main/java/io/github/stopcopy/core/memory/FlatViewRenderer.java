package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
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
  private final Deque<Visit> todo = new ArrayDeque<>();

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

  /**
   * The offsets [first, last] of a region, which are to be visited; offset 0 has the given address.
   *
   * @param belowIsDone whether all below the region is done, and {@code above} is of itself
   */
  private record Visit(
      MemoryRegion region,
      long first,
      long last,
      long addressOfOffset0,
      Inherited above,
      boolean belowIsDone) {}

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
      Inherited nothing = new Inherited(false, false, false);
      renderer.collect(new Visit(root, 0, last, root.address(), nothing, false));
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
  private void collect(Visit root) {
    todo.push(root);
    while (!todo.isEmpty()) {
      Visit visit = todo.pop();
      if (visit.belowIsDone) {
        add(visit);
      } else if (visit.region.isEnabled()) {
        visit(visit, visit.above.and(visit.region, keepsUnmergeable));
      }
    }
  }

  private void visit(Visit visit, Inherited flags) {
    MemoryRegion region = visit.region;
    if (region instanceof MemoryRegion.Alias alias) {
      MemoryRegion target = alias.target();
      long offset = alias.targetOffset();
      if (target.size().isZero() || U64.addOverflows(visit.first, offset)) {
        return;
      }
      long first = visit.first + offset;
      long last = U64.min(U64.addSaturated(visit.last, offset), target.size().lastOffset());
      if (U64.lessOrEqual(first, last)) {
        todo.push(new Visit(target, first, last, visit.addressOfOffset0 - offset, flags, false));
      }
      return;
    }
    if (region.terminates()) {
      todo.push(new Visit(region, visit.first, visit.last, visit.addressOfOffset0, flags, true));
    }
    // the winning one is pushed last, and so comes first
    for (MemoryRegion subregion : region.below().descendingSet()) {
      long address = subregion.address();
      if (subregion.size().isZero() || U64.less(visit.last, address)) {
        continue;
      }
      long end = U64.min(U64.addSaturated(address, subregion.size().lastOffset()), visit.last);
      long start = U64.max(address, visit.first);
      if (U64.lessOrEqual(start, end)) {
        todo.push(
            new Visit(
                subregion,
                start - address,
                end - address,
                visit.addressOfOffset0 + address,
                flags,
                false));
      }
    }
  }

  private void add(Visit visit) {
    pieces.add(
        new Piece(
            pieces.size(),
            visit.region,
            visit.addressOfOffset0 + visit.first,
            visit.addressOfOffset0 + visit.last,
            visit.addressOfOffset0,
            visit.above.readonly,
            visit.above.nonvolatile,
            visit.above.unmergeable));
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
