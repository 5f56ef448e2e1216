package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a flat view (R-AS-35): a run of addresses that one region serves. Immutable; equal
 * to another with the same values.
 */
public final class FlatRange {

  private final MemoryRegion region;
  private final AddressRange range;
  private final long offsetInRegion;
  private final DirtyLogMask dirtyLogMask;
  private final boolean romdMode;
  private final boolean readonly;
  private final boolean nonvolatile;
  private final boolean unmergeable;

  /** Made when the first listener is told; whoever else makes one makes an equal one. */
  private @Nullable MemorySection section;

  /**
   * A run.
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
  public FlatRange(
      MemoryRegion region,
      AddressRange range,
      long offsetInRegion,
      DirtyLogMask dirtyLogMask,
      boolean romdMode,
      boolean readonly,
      boolean nonvolatile,
      boolean unmergeable) {
    this.region = region;
    this.range = range;
    this.offsetInRegion = offsetInRegion;
    this.dirtyLogMask = dirtyLogMask;
    this.romdMode = romdMode;
    this.readonly = readonly;
    this.nonvolatile = nonvolatile;
    this.unmergeable = unmergeable;
  }

  /** The region that serves it. */
  public MemoryRegion region() {
    return region;
  }

  /** The addresses, ends inclusive. */
  public AddressRange range() {
    return range;
  }

  /** Where in the region the run begins, in bytes. */
  public long offsetInRegion() {
    return offsetInRegion;
  }

  /** Who logs writes here (R-AS-39). */
  public DirtyLogMask dirtyLogMask() {
    return dirtyLogMask;
  }

  /** Whether a ROM device reads like memory. */
  public boolean romdMode() {
    return romdMode;
  }

  /** Whether writes are refused, also by a region above (R-AS-31). */
  public boolean readonly() {
    return readonly;
  }

  /** Whether the contents survive a power loss. */
  public boolean nonvolatile() {
    return nonvolatile;
  }

  /** Whether the run is kept apart from its neighbours. */
  public boolean unmergeable() {
    return unmergeable;
  }

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
    MemorySection known = section;
    if (known == null) {
      known =
          new MemorySection(
              region,
              offsetInRegion,
              range.first(),
              region.sizeIfLast(range.last() - range.first()),
              readonly,
              nonvolatile);
      section = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FlatRange run && sameAs(run) && dirtyLogMask.equals(run.dirtyLogMask);
  }

  @Override
  public int hashCode() {
    return 31 * Objects.hashCode(region) + range.hashCode();
  }

  @Override
  public String toString() {
    return range + " " + region.name() + " from " + U64.hex(offsetInRegion);
  }
}
