package io.github.stopcopy.core.memory;

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
  static final FlatView EMPTY = new FlatView(null, FlatRanges.NONE);

  private final @Nullable MemoryRegion root;
  private final FlatRanges ranges;

  FlatView(@Nullable MemoryRegion root, FlatRanges ranges) {
    this.root = root;
    this.ranges = ranges;
  }

  /** The region that was rendered, after the shortcuts of R-AS-38; empty for an empty view. */
  public Optional<MemoryRegion> root() {
    return Optional.ofNullable(root);
  }

  /** The runs in ascending order; an iterator takes the next one faster than an index does. */
  public List<FlatRange> ranges() {
    return ranges;
  }

  /** The runs as they are kept. */
  FlatRanges runs() {
    return ranges;
  }

  /** The same runs, with who logs writes to their regions. */
  FlatView withDirtyLogMasks(Function<MemoryRegion, DirtyLogMask> masks) {
    List<FlatRange> masked = new ArrayList<>(ranges.size());
    for (FlatRange range : ranges) {
      masked.add(range.withDirtyLogMask(masks.apply(range.region())));
    }
    return new FlatView(root, FlatRanges.of(masked));
  }

  /** The run that holds an address. */
  public Optional<FlatRange> at(long address) {
    return Optional.ofNullable(ranges.at(address));
  }
}
