package io.github.stopcopy.core.memory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named root of a region tree: "memory" is system memory, a vIOMMU makes one per device. Made by
 * {@link GuestMemory#addressSpace}. Not thread-safe.
 */
public final class AddressSpace {

  private final GuestMemory memory;
  private final String name;
  private final MemoryRegion root;
  private final int number;
  private final ListenerList listeners = new ListenerList();
  private List<MemoryRegion> examined = List.of();
  private @Nullable RenderedRoot rendered;
  private boolean resolved;
  private FlatView view = FlatView.EMPTY;
  private int commit;

  /** The others that the same region stands for, in a chain. */
  private @Nullable AddressSpace previousSharing;

  private @Nullable AddressSpace nextSharing;

  AddressSpace(GuestMemory memory, String name, MemoryRegion root, int number) {
    this.memory = memory;
    this.name = name;
    this.root = root;
    this.number = number;
  }

  /** The name; it need not be unique. */
  public String name() {
    return name;
  }

  /** The region at the top. */
  public MemoryRegion root() {
    return root;
  }

  /** What is visible now. During the callbacks of a commit it is still the old view (R-AS-54). */
  public FlatView view() {
    memory.catchUp();
    return view;
  }

  void setView(FlatView view) {
    this.view = view;
  }

  /** How many were made before it. */
  int number() {
    return number;
  }

  /** Who follows it. */
  ListenerList listeners() {
    return listeners;
  }

  /** Says that a commit gives it another view, and returns whether nobody has said so before. */
  boolean isFirstIn(int commit) {
    boolean isFirst = this.commit != commit;
    this.commit = commit;
    return isFirst;
  }

  @Nullable AddressSpace nextSharing() {
    return nextSharing;
  }

  @Nullable AddressSpace previousSharing() {
    return previousSharing;
  }

  /** Puts it behind the last one of a chain. */
  void follow(AddressSpace last) {
    last.nextSharing = this;
    previousSharing = last;
  }

  /** Takes it out of its chain. */
  void leave() {
    if (nextSharing != null) {
      nextSharing.previousSharing = previousSharing;
    }
    if (previousSharing != null) {
      previousSharing.nextSharing = nextSharing;
    }
    nextSharing = null;
    previousSharing = null;
  }

  /** The region that stands for it (R-AS-38), if anything can be seen. */
  @Nullable RenderedRoot rendered() {
    return rendered;
  }

  void setRendered(@Nullable RenderedRoot rendered) {
    this.rendered = rendered;
  }

  /** Says whether {@link #rendered} is known to be right, and returns whether it was. */
  boolean setResolved(boolean resolved) {
    boolean before = this.resolved;
    this.resolved = resolved;
    return before;
  }

  /** The regions that were looked at to find {@link #rendered}: when they change, it may too. */
  void setExamined(List<MemoryRegion> regions) {
    if (!isExamined(regions)) {
      examined.forEach(region -> region.removeExaminedFor(this));
      examined = List.copyOf(regions);
      examined.forEach(region -> region.addExaminedFor(this));
    }
  }

  private boolean isExamined(List<MemoryRegion> regions) {
    boolean isSame = examined.size() == regions.size();
    for (int i = 0; isSame && i < regions.size(); i++) {
      isSame = examined.get(i).equals(regions.get(i));
    }
    return isSame;
  }

  @Override
  public String toString() {
    return name + " (" + root.name() + ")";
  }
}
