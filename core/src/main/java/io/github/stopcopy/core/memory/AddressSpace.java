package io.github.stopcopy.core.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * A named root of a region tree: "memory" is system memory, a vIOMMU makes one per device. Made by
 * {@link GuestMemory#addressSpace}. Not thread-safe.
 */
public final class AddressSpace {

  private final String name;
  private final MemoryRegion root;
  private final List<MemoryListener> listeners = new ArrayList<>();
  private FlatView view;

  AddressSpace(String name, MemoryRegion root, FlatView view) {
    this.name = name;
    this.root = root;
    this.view = view;
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
    return view;
  }

  List<MemoryListener> listeners() {
    return listeners;
  }

  void setView(FlatView view) {
    this.view = view;
  }

  @Override
  public String toString() {
    return name + " (" + root.name() + ")";
  }
}
