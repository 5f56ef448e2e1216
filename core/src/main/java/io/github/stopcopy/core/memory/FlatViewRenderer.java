package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Renders a region tree, or what an interval of addresses shows of it: a walk collects the visible
 * piece of every terminating region in order of precedence, a sweep over the sorted pieces keeps
 * the winner of each address. Takes O(n log n) for the n regions that touch the interval. Not
 * thread-safe.
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

  /** The first {@link #count} count; the others are of earlier renderings and used again. */
  private @Nullable Piece[] pieces = new Piece[FEW];

  private int count;
  private final List<FlatRange> swept = new ArrayList<>(FEW);
  private final Deque<Visit> visits = new ArrayDeque<>(4);

  /** What is below the regions of {@link #visits} and still to be gone through. */
  private final ArrayList<MemoryRegion> below = new ArrayList<>(FEW);

  private final PriorityQueue<Piece> open = new PriorityQueue<>(2, WINNING_FIRST);
  private long visited;

  /** The part of a terminating region that can be seen if nothing precedes it. */
  private static final class Piece {
    int precedence;
    MemoryRegion region;
    long first;
    long last;
    long addressOfOffset0;
    Inherited flags = Inherited.NOTHING;

    Piece(MemoryRegion region) {
      this.region = region;
    }

    int precedence() {
      return precedence;
    }
  }

  /** What a region has of those above it. */
  private record Inherited(boolean readonly, boolean nonvolatile, boolean unmergeable) {

    static final Inherited NOTHING = new Inherited(false, false, false);
    static final Inherited READONLY = new Inherited(true, false, false);

    Inherited and(MemoryRegion region, boolean keepsUnmergeable) {
      boolean moreReadonly = readonly || region.isReadonly();
      boolean moreNonvolatile = nonvolatile || region.isNonvolatile();
      boolean moreUnmergeable = unmergeable || keepsUnmergeable && region.isUnmergeable();
      boolean isSame =
          moreReadonly == readonly
              && moreNonvolatile == nonvolatile
              && moreUnmergeable == unmergeable;
      return isSame ? this : of(moreReadonly, moreNonvolatile, moreUnmergeable);
    }

    /** That something is read-only is by far the most frequent. */
    private static Inherited of(boolean readonly, boolean nonvolatile, boolean unmergeable) {
      return readonly && !nonvolatile && !unmergeable
          ? READONLY
          : new Inherited(readonly, nonvolatile, unmergeable);
    }
  }

  /** A region that is gone through: its offsets [first, last], offset 0 at the given address. */
  private static final class Visit {
    final MemoryRegion region;
    final long first;
    final long last;
    final long addressOfOffset0;
    final Inherited flags;
    final int start;
    final int end;
    int next;

    Visit(
        MemoryRegion region,
        long first,
        long last,
        long addressOfOffset0,
        Inherited flags,
        int start,
        int end) {
      this.region = region;
      this.first = first;
      this.last = last;
      this.addressOfOffset0 = addressOfOffset0;
      this.flags = flags;
      this.start = start;
      this.end = end;
      this.next = start;
    }
  }

  /**
   * A renderer.
   *
   * @param dirtyLogMask who logs writes to a region (R-AS-39)
   * @param keepsUnmergeable whether the release knows unmergeable regions (10.x)
   */
  FlatViewRenderer(Function<MemoryRegion, DirtyLogMask> dirtyLogMask, boolean keepsUnmergeable) {
    this.dirtyLogMask = dirtyLogMask;
    this.keepsUnmergeable = keepsUnmergeable;
  }

  /** How many regions were visited so far. */
  long visited() {
    return visited;
  }

  /**
   * Renders a tree.
   *
   * @param root as {@link ViewRoot} finds it
   */
  FlatView render(@Nullable MemoryRegion root) {
    if (root == null) {
      return FlatView.EMPTY;
    }
    render(root, 0, U64.MAX, swept);
    FlatRanges ranges = FlatRanges.of(swept);
    swept.clear();
    return new FlatView(root, ranges);
  }

  /** What a tree shows at the addresses [first, last]. */
  List<FlatRange> render(MemoryRegion root, long first, long last) {
    List<FlatRange> ranges = new ArrayList<>();
    render(root, first, last, ranges);
    return ranges;
  }

  private void render(MemoryRegion root, long first, long last, List<FlatRange> ranges) {
    count = 0;
    if (root.size().isZero() || U64.less(last, root.address())) {
      return;
    }
    long end = U64.min(last, U64.addSaturated(root.address(), root.size().lastOffset()));
    long start = U64.max(first, root.address());
    if (U64.lessOrEqual(start, end)) {
      collect(root, start - root.address(), end - root.address());
      sweep(ranges);
    }
  }

  /**
   * Goes through a tree from its root, what wins first (R-AS-30 .. 34). What is still to be visited
   * is kept on the heap, since windows may be nested deeper than the stack reaches.
   */
  private void collect(MemoryRegion root, long firstOffset, long lastOffset) {
    enter(root, firstOffset, lastOffset, root.address(), Inherited.NOTHING);
    while (!visits.isEmpty()) {
      Visit visit = visits.element();
      if (visit.next == visit.end) {
        visits.remove();
        for (int i = visit.end - 1; i >= visit.start; i--) {
          below.remove(i);
        }
        if (visit.region.terminates()) {
          add(visit.region, visit.first, visit.last, visit.addressOfOffset0, visit.flags);
        }
        continue;
      }
      MemoryRegion subregion = below.get(visit.next++);
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
      visited++;
      flags = flags.and(region, keepsUnmergeable);
      if (!(region instanceof MemoryRegion.Alias alias)) {
        Subregions subregions = region.below();
        if (!subregions.isEmpty()) {
          int start = below.size();
          subregions.touching(first, last, below);
          visits.push(new Visit(region, first, last, base, flags, start, below.size()));
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
    if (count == pieces.length) {
      pieces = Arrays.copyOf(pieces, 2 * count);
    }
    Piece piece = pieces[count];
    if (piece == null) {
      piece = new Piece(region);
      pieces[count] = piece;
    }
    piece.precedence = count++;
    piece.region = region;
    piece.first = addressOfOffset0 + first;
    piece.last = addressOfOffset0 + last;
    piece.addressOfOffset0 = addressOfOffset0;
    piece.flags = flags;
  }

  private void sweep(List<FlatRange> ranges) {
    Arrays.sort(pieces, 0, count, ASCENDING);
    open.clear();
    int next = 0;
    long position = 0;
    while (next < count || !open.isEmpty()) {
      if (open.isEmpty()) {
        Piece alone = piece(next);
        position = alone.first;
        if (next + 1 == count || U64.less(alone.last, piece(next + 1).first)) {
          emit(ranges, alone, alone.first, alone.last);
          next++;
          continue;
        }
      }
      while (next < count && U64.lessOrEqual(piece(next).first, position)) {
        open.add(piece(next++));
      }
      Piece winner = open.element();
      if (U64.less(winner.last, position)) {
        open.remove();
        continue;
      }
      long end = winner.last;
      while (next < count && U64.lessOrEqual(piece(next).first, end)) {
        Piece later = piece(next);
        if (later.precedence < winner.precedence) {
          end = later.first - 1;
          break;
        }
        open.add(later);
        next++;
      }
      emit(ranges, winner, position, end);
      if (end == U64.MAX) {
        break;
      }
      position = end + 1;
    }
  }

  private Piece piece(int index) {
    return Objects.requireNonNull(pieces[index], "a piece that was added");
  }

  /** Appends a run, joined with the run before where both are one (R-AS-36). */
  private void emit(List<FlatRange> ranges, Piece piece, long first, long last) {
    boolean romd = !(piece.region instanceof MemoryRegion.RomDevice rom) || rom.isRomdMode();
    FlatRanges.append(
        ranges,
        new FlatRange(
            piece.region,
            new AddressRange(first, last),
            first - piece.addressOfOffset0,
            dirtyLogMask.apply(piece.region),
            romd,
            piece.flags.readonly,
            piece.flags.nonvolatile,
            piece.flags.unmergeable));
  }
}
