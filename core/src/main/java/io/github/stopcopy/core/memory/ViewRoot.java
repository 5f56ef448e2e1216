package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the region whose rendering stands for a whole address space (R-AS-38). */
final class ViewRoot {

  private ViewRoot() {}

  /**
   * Goes down from the root of an address space.
   *
   * @param examined gets every region that was looked at: another may be found only after one of
   *     them, or which subregions of one of them are enabled, changed
   * @return null if nothing can be seen
   */
  static @Nullable MemoryRegion of(MemoryRegion start, List<MemoryRegion> examined) {
    MemoryRegion region = start;
    examined.add(region);
    while (region.isEnabled()) {
      if (region.terminates()) {
        return region;
      }
      MemoryRegion next;
      if (region instanceof MemoryRegion.Alias alias) {
        if (alias.targetOffset() != 0) {
          return region;
        }
        next = alias.target();
        examined.add(next);
        if (isLess(alias, next)) {
          return region;
        }
      } else {
        Subregions below = region.below();
        if (below.enabled() != 1) {
          return below.enabled() == 0 ? null : region;
        }
        next = below.anyEnabled();
        if (next == null) {
          return null;
        }
        examined.add(next);
        if (next.address() != 0 || isLess(region, next)) {
          return region;
        }
      }
      region = next;
    }
    return null;
  }

  private static boolean isLess(MemoryRegion a, MemoryRegion b) {
    return !b.size().isZero()
        && (a.size().isZero() || U64.less(a.size().lastOffset(), b.size().lastOffset()));
  }
}
