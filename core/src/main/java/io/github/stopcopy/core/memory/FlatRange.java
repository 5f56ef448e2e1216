package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;

/**
 * One entry of a flat view (R-AS-35): a run of addresses that one region serves.
 *
 * @param region the region that serves it
 * @param range the addresses, ends inclusive
 * @param offsetInRegion where in the region the run begins, in bytes
 * @param dirtyLogMask who logs writes here (R-AS-39)
 * @param romdMode whether a ROM device reads like memory
 * @param readonly whether writes are refused, also by a region above (R-AS-31)
 * @param nonvolatile whether the contents survive a power loss
 * @param unmergeable whether the run is kept apart from its neighbours
 */
public record FlatRange(
    MemoryRegion region,
    AddressRange range,
    long offsetInRegion,
    DirtyLogMask dirtyLogMask,
    boolean romdMode,
    boolean readonly,
    boolean nonvolatile,
    boolean unmergeable) {

  /** Whether two views show the same here; who logs writes does not count (R-AS-37). */
  boolean sameAs(FlatRange other) {
    return region == other.region
        && range.equals(other.range)
        && offsetInRegion == other.offsetInRegion
        && romdMode == other.romdMode
        && readonly == other.readonly
        && nonvolatile == other.nonvolatile
        && unmergeable == other.unmergeable;
  }

  /** Whether {@code next} only continues this run (R-AS-36). */
  boolean mergesWith(FlatRange next) {
    return region == next.region
        && range.last() != U64.MAX
        && range.last() + 1 == next.range.first()
        && !U64.addOverflows(offsetInRegion, next.range.first() - range.first())
        && offsetInRegion + (next.range.first() - range.first()) == next.offsetInRegion
        && dirtyLogMask.equals(next.dirtyLogMask)
        && romdMode == next.romdMode
        && readonly == next.readonly
        && nonvolatile == next.nonvolatile
        && !unmergeable
        && !next.unmergeable;
  }

  /** This run with its end moved to {@code last}. */
  FlatRange upTo(long last) {
    return new FlatRange(
        region,
        new AddressRange(range.first(), last),
        offsetInRegion,
        dirtyLogMask,
        romdMode,
        readonly,
        nonvolatile,
        unmergeable);
  }

  /** This run with its start moved to {@code first}. */
  FlatRange from(long first) {
    return new FlatRange(
        region,
        new AddressRange(first, range.last()),
        offsetInRegion + (first - range.first()),
        dirtyLogMask,
        romdMode,
        readonly,
        nonvolatile,
        unmergeable);
  }

  /** This run with others who log writes. */
  FlatRange withDirtyLogMask(DirtyLogMask mask) {
    return mask.equals(dirtyLogMask)
        ? this
        : new FlatRange(
            region, range, offsetInRegion, mask, romdMode, readonly, nonvolatile, unmergeable);
  }

  /** The run as listeners see it. */
  public MemorySection section() {
    return new MemorySection(
        region, offsetInRegion, range.first(), range.size(), readonly, nonvolatile);
  }
}
