package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The views of all address spaces. A change of a region is followed upwards, to the containers it
 * is in and the windows that show it, until the regions are reached that stand for address spaces:
 * they remember which of their addresses are to be rendered anew, once for all address spaces that
 * share them (R-AS-38, R-AS-50). Each change is followed as the topology is before or after it, so
 * that all that a transaction changes is found, whatever else it changes. Not thread-safe.
 */
final class RenderedViews {

  private final Function<MemoryRegion, DirtyLogMask> dirtyLogMask;
  private final FlatViewRenderer renderer;
  private final List<RenderedRoot> outdated = new ArrayList<>(4);
  private final List<RenderedRoot> rendered = new ArrayList<>(4);
  private final List<AddressSpace> unresolved = new ArrayList<>(4);

  /** Which address spaces get another view, and another list to be used next. */
  private List<AddressSpace> installed = new ArrayList<>(4);

  private List<AddressSpace> spare = new ArrayList<>(4);
  private int newestInstalled = -1;
  private boolean inOrder = true;
  private int commit = 1;
  private final List<MemoryRegion> examined = new ArrayList<>(4);

  /** What is still to be followed upwards; on the heap, since it may be nested very deep. */
  private MemoryRegion[] regions = new MemoryRegion[4];

  private long[] ends = new long[2 * regions.length];
  private int height;
  private int transaction = 1;
  private long followed;
  private long lookedAt;

  /** Counts the times that others began to log writes. */
  private int masks;

  /**
   * No views yet.
   *
   * @param dirtyLogMask who logs writes to a region (R-AS-39)
   * @param keepsUnmergeable whether the release knows unmergeable regions (10.x)
   */
  RenderedViews(Function<MemoryRegion, DirtyLogMask> dirtyLogMask, boolean keepsUnmergeable) {
    this.dirtyLogMask = dirtyLogMask;
    this.renderer = new FlatViewRenderer(dirtyLogMask, keepsUnmergeable);
  }

  /** How many regions were visited so far to be rendered, and to follow changes upwards. */
  long work() {
    return renderer.visited() + followed;
  }

  /** How many times address spaces were looked at so far for another view. */
  long lookedAt() {
    return lookedAt;
  }

  /** The offsets [first, last] of a region show something else. */
  void outdate(MemoryRegion region, long first, long last) {
    push(region, first, last);
    while (height > 0) {
      height--;
      follow(regions[height], ends[2 * height], ends[2 * height + 1]);
    }
  }

  private void follow(MemoryRegion region, long first, long last) {
    followed++;
    if (!region.isEnabled() || region.wasOutdated(transaction, first, last)) {
      return;
    }
    RenderedRoot root = region.rendered();
    if (root != null) {
      addOutdated(root);
      root.outdate(first, last);
    }
    MemoryRegion container = region.inContainer();
    if (container != null && !U64.addOverflows(first, region.address())) {
      long at = region.address();
      push(container, first + at, U64.addSaturated(last, at));
    }
    for (MemoryRegion.Alias window = region.windows(); window != null; window = window.next()) {
      long offset = window.targetOffset();
      if (U64.lessOrEqual(offset, last) && !isDeadEnd(window)) {
        push(window, U64.less(offset, first) ? first - offset : 0, last - offset);
      }
    }
  }

  /**
   * Whether nothing renders a window: it is alone in a container for which what it shows stands, as
   * where a vIOMMU does not translate for a device. There may be very many of them.
   */
  private static boolean isDeadEnd(MemoryRegion window) {
    MemoryRegion container = window.inContainer();
    return window.rendered() == null
        && window.windows() == null
        && (container == null
            || container.rendered() == null
                && container.windows() == null
                && container.inContainer() == null);
  }

  /** Cuts an interval to the size of its region. */
  private void push(MemoryRegion region, long first, long last) {
    if (region.size().isZero() || U64.less(region.size().lastOffset(), first)) {
      return;
    }
    if (height == regions.length) {
      regions = Arrays.copyOf(regions, 2 * height);
      ends = Arrays.copyOf(ends, 4 * height);
    }
    regions[height] = region;
    ends[2 * height] = first;
    ends[2 * height + 1] = U64.min(last, region.size().lastOffset());
    height++;
  }

  /** All that a region shows which stands for address spaces is to be rendered anew. */
  void outdateAll(RenderedRoot root) {
    addOutdated(root);
    root.outdateAll();
  }

  private void addOutdated(RenderedRoot root) {
    if (!root.isOutdated()) {
      outdated.add(root);
    }
  }

  /** Others may stand for the address spaces that a region was looked at for. */
  void unresolve(Collection<AddressSpace> spaces) {
    for (AddressSpace space : spaces) {
      if (space.setResolved(false)) {
        unresolved.add(space);
      }
    }
  }

  /**
   * Gives a new address space its view.
   *
   * @param changing whether a transaction is open, whose end renders anew what others have seen
   */
  FlatView open(AddressSpace space, boolean changing) {
    resolve(space);
    RenderedRoot root = space.rendered();
    if (root == null) {
      return FlatView.EMPTY;
    }
    if (changing) {
      install(space);
      return renderer.render(root.root());
    }
    renderOutdated();
    forgetUpdates();
    return root.view();
  }

  /** Renders what changed. */
  void renderOutdated() {
    transaction++;
    unresolved.forEach(this::resolve);
    unresolved.clear();
    for (int i = 0; i < outdated.size(); i++) {
      RenderedRoot root = outdated.get(i);
      if (root.spaces() != null) {
        FlatView before = root.view();
        root.render(renderer);
        rendered.add(root);
        if (root.view() != before) {
          installAll(root);
        }
      }
    }
    outdated.clear();
  }

  private void installAll(RenderedRoot root) {
    for (AddressSpace space = root.spaces(); space != null; space = space.nextSharing()) {
      install(space);
    }
  }

  private void install(AddressSpace space) {
    if (space.isFirstIn(commit)) {
      int number = space.number();
      inOrder &= number > newestInstalled;
      newestInstalled = number;
      installed.add(space);
      lookedAt++;
    }
  }

  /**
   * The address spaces whose view is another one since they were last asked for, and some more, in
   * the order of their creation.
   *
   * @param more others that are wanted
   */
  List<AddressSpace> takeOutdated(Collection<AddressSpace> more) {
    more.forEach(this::install);
    List<AddressSpace> taken = installed;
    if (!inOrder) {
      taken.sort(Comparator.comparingInt(AddressSpace::number));
    }
    installed = spare;
    installed.clear();
    spare = taken;
    newestInstalled = -1;
    inOrder = true;
    commit++;
    return taken;
  }

  /** Lets go of what {@link #renderOutdated} has changed. */
  void forgetUpdates() {
    rendered.forEach(RenderedRoot::forgetUpdate);
    rendered.clear();
  }

  /** Others log writes: that follows from the region alone, so that all runs stay. */
  void changeMasks(List<AddressSpace> spaces) {
    masks++;
    for (AddressSpace space : spaces) {
      RenderedRoot root = space.rendered();
      if (root != null) {
        root.changeMasks(masks, dirtyLogMask);
      }
    }
  }

  private void resolve(AddressSpace space) {
    examined.clear();
    MemoryRegion found = ViewRoot.of(space.root(), examined);
    space.setResolved(true);
    space.setExamined(examined);
    RenderedRoot before = space.rendered();
    if (before != null && before.root() == found) {
      return;
    }
    if (before != null) {
      before.remove(space);
      if (before.spaces() == null) {
        before.root().setRendered(null);
      }
    }
    RenderedRoot root = found == null ? null : rootOf(found);
    if (root != null) {
      root.add(space);
    }
    space.setRendered(root);
    install(space);
  }

  private RenderedRoot rootOf(MemoryRegion region) {
    @Nullable RenderedRoot known = region.rendered();
    if (known != null) {
      return known;
    }
    RenderedRoot root = new RenderedRoot(region);
    region.setRendered(root);
    outdated.add(root);
    return root;
  }
}
