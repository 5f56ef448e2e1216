package io.github.stopcopy.core.memory;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/** Says what can be reached from a region, so that none ever shows itself. */
@SuppressWarnings("ReferenceEquality") // regions are who they are
final class Reach {

  private Reach() {}

  /** Whether a region is the wanted one, or that can be reached below it, also through windows. */
  static boolean shows(MemoryRegion start, MemoryRegion wanted) {
    MemoryRegion only = start; // a window to a region without others is the common case
    while (only != wanted && only.below().isEmpty() && only instanceof MemoryRegion.Alias window) {
      only = window.target();
    }
    return only == wanted || !only.below().isEmpty() && showsBelow(only, wanted);
  }

  private static boolean showsBelow(MemoryRegion start, MemoryRegion wanted) {
    Set<MemoryRegion> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<MemoryRegion> todo = new ArrayDeque<>();
    todo.add(start);
    while (!todo.isEmpty()) {
      MemoryRegion region = todo.remove();
      if (region == wanted) {
        return true;
      }
      if (seen.add(region)) {
        todo.addAll(region.below().all());
        if (region instanceof MemoryRegion.Alias window) {
          todo.add(window.target());
        }
      }
    }
    return false;
  }
}
