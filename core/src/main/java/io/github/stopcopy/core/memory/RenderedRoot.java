package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region that stands for one or more address spaces (R-AS-38): their view, and the addresses at
 * which changes since have made it old. Only those are rendered anew. Not thread-safe.
 */
final class RenderedRoot {

  /** An interval takes about as long as so many regions, when all are rendered. */
  private static final int REGIONS_PER_INTERVAL = 16;

  /** So many intervals are joined where they overlap before there are more. */
  private static final int MANY = 1024;

  private final MemoryRegion root;
  private FlatView view;
  private List<AddressRange> outdated = new ArrayList<>(4);
  private boolean wholeOutdated;
  private int joinedAt = MANY;
  private long visitsOfAll;
  private int spaces;
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

  void setView(FlatView view) {
    this.view = view;
  }

  /** What the newest rendering changed, if any did. */
  @Nullable ViewUpdate update() {
    return update;
  }

  void forgetUpdate() {
    update = null;
  }

  /** Counts the address spaces for which it stands. */
  int countSpaces(int more) {
    spaces += more;
    return spaces;
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
    AddressRange range = new AddressRange(base + first, U64.addSaturated(base, last));
    int newest = outdated.size() - 1;
    if (newest >= 0 && outdated.get(newest).contains(range)) {
      return;
    }
    outdated.add(range);
    if (outdated.size() > joinedAt) {
      outdated = AddressRange.disjoint(outdated);
      joinedAt = Math.max(MANY, 2 * outdated.size());
    }
  }

  /** Renders what is old anew. */
  void render(FlatViewRenderer renderer) {
    FlatView before = view;
    List<AddressRange> intervals = AddressRange.disjoint(outdated);
    if (wholeOutdated || intervals.size() * (long) REGIONS_PER_INTERVAL >= visitsOfAll) {
      long visited = renderer.visited();
      view = renderer.render(root);
      visitsOfAll = renderer.visited() - visited;
      update = ViewUpdate.between(before, view);
    } else {
      ViewSplicer splicer = new ViewSplicer(renderer, root, before.runs());
      intervals.forEach(splicer::renderAgain);
      view = new FlatView(root, splicer.ranges());
      update = ViewUpdate.between(before, view, splicer.touched());
    }
    outdated.clear();
    wholeOutdated = false;
  }
}
