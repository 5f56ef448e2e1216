package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A rendered region tree: sorted runs that do not overlap (R-AS-30 .. R-AS-36). Immutable,
 * thread-safe as far as its regions are.
 */
public final class FlatView {

  /** A view in which nothing is visible. */
  static final FlatView EMPTY = new FlatView(null, List.of());

  private final @Nullable MemoryRegion root;
  private final List<FlatRange> ranges;

  FlatView(@Nullable MemoryRegion root, List<FlatRange> ranges) {
    this.root = root;
    this.ranges = List.copyOf(ranges);
  }

  /** The region that was rendered, after the shortcuts of R-AS-38; empty for an empty view. */
  public Optional<MemoryRegion> root() {
    return Optional.ofNullable(root);
  }

  /** The runs in ascending order. */
  public List<FlatRange> ranges() {
    return ranges;
  }

  /** The same runs, with who logs writes to their regions. */
  FlatView withDirtyLogMasks(Function<MemoryRegion, DirtyLogMask> masks) {
    List<FlatRange> masked = new ArrayList<>(ranges.size());
    for (FlatRange range : ranges) {
      masked.add(range.withDirtyLogMask(masks.apply(range.region())));
    }
    return new FlatView(root, masked);
  }

  /** The run that holds an address. */
  public Optional<FlatRange> at(long address) {
    int low = 0;
    int high = ranges.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      FlatRange range = ranges.get(middle);
      if (U64.less(address, range.range().first())) {
        high = middle - 1;
      } else if (U64.less(range.range().last(), address)) {
        low = middle + 1;
      } else {
        return Optional.of(range);
      }
    }
    return Optional.empty();
  }
}
