package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A region that stands for one or more address spaces (R-AS-38): their view, and the addresses at
 * which changes since have made it old. Only those are rendered anew. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // address spaces and views are who they are
final class RenderedRoot {

  /** An interval takes about as long as so many regions, when all are rendered. */
  private static final int REGIONS_PER_INTERVAL = 16;

  /** That many times as many intervals as all are worth may be noted, since they may overlap. */
  private static final int OVERLAPS = 4;

  private final MemoryRegion root;
  private FlatView view;
  private final List<AddressRange> outdated = new ArrayList<>(4);
  private boolean wholeOutdated;
  private long visitsOfAll;
  private @Nullable AddressSpace spaces;
  private @Nullable AddressSpace newestSpace;
  private int masks;

  /**
   * What the newest rendering changed: the view before, and where; null where it may be anywhere.
   */
  private @Nullable FlatView before;

  private @Nullable List<AddressRange> touched;
  private @Nullable ViewUpdate update;

  /** A root whose view is empty so far. */
  RenderedRoot(MemoryRegion root) {
    this.root = root;
    this.view = FlatView.EMPTY;
    this.wholeOutdated = true;
  }

  MemoryRegion root() {
    return root;
  }

  /** The view as it was last rendered. */
  FlatView view() {
    return view;
  }

  /** Notes who logs writes, once for each number, however many address spaces it stands for. */
  void changeMasks(int number, Function<MemoryRegion, DirtyLogMask> dirtyLogMask) {
    if (masks != number) {
      masks = number;
      view = view.withDirtyLogMasks(dirtyLogMask);
    }
  }

  /**
   * What became different between this view, which an address space showed, and the newest; found
   * out once for all of them.
   */
  ViewUpdate updateOf(FlatView shown) {
    if (shown != before) {
      return ViewUpdate.between(shown, view);
    }
    if (update == null) {
      update =
          touched == null
              ? ViewUpdate.between(shown, view)
              : ViewUpdate.between(shown, view, touched);
    }
    return update;
  }

  void forgetUpdate() {
    before = null;
    touched = null;
    update = null;
  }

  /** The first of the address spaces for which it stands, which leads to the others. */
  @Nullable AddressSpace spaces() {
    return spaces;
  }

  /** Says that it stands for one more. */
  void add(AddressSpace space) {
    if (newestSpace == null) {
      spaces = space;
    } else {
      space.follow(newestSpace);
    }
    newestSpace = space;
  }

  /** Says that it stands for one of its address spaces no more. */
  void remove(AddressSpace space) {
    if (space == spaces) {
      spaces = space.nextSharing();
    }
    if (space == newestSpace) {
      newestSpace = space.previousSharing();
    }
    space.leave();
  }

  boolean isOutdated() {
    return wholeOutdated || !outdated.isEmpty();
  }

  void outdateAll() {
    wholeOutdated = true;
    outdated.clear();
  }

  /** The offsets [first, last] of the root show something else. */
  void outdate(long first, long last) {
    long base = root.address();
    if (wholeOutdated || U64.addOverflows(base, first)) {
      return;
    }
    boolean isAll = first == 0 && last == root.size().lastOffset();
    if (isAll || isWorthAll(outdated.size(), OVERLAPS)) {
      outdateAll();
      return;
    }
    AddressRange range = new AddressRange(base + first, U64.addSaturated(base, last));
    int newest = outdated.size() - 1;
    if (newest < 0 || !outdated.get(newest).contains(range)) {
      outdated.add(range);
    }
  }

  /** Whether so many intervals take as long as so many times all. */
  private boolean isWorthAll(int intervals, int times) {
    return visitsOfAll <= REGIONS_PER_INTERVAL
        || intervals * (long) REGIONS_PER_INTERVAL >= visitsOfAll * times;
  }

  /** Renders what is old anew. */
  void render(FlatViewRenderer renderer) {
    before = view;
    List<AddressRange> intervals = outdated.size() < 2 ? outdated : AddressRange.disjoint(outdated);
    if (wholeOutdated || isWorthAll(intervals.size(), 1)) {
      long visited = renderer.visited();
      view = renderer.render(root);
      visitsOfAll = renderer.visited() - visited;
    } else {
      ViewSplicer splicer = new ViewSplicer(renderer, root, view.runs());
      intervals.forEach(splicer::renderAgain);
      view = new FlatView(root, splicer.ranges());
      touched = splicer.touched();
    }
    outdated.clear();
    wholeOutdated = false;
  }
}
