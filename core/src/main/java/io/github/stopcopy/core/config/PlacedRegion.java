package io.github.stopcopy.core.config;

import io.github.stopcopy.core.address.AddressRange;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A run of guest addresses and the memory found there. Runs with one name belong to one region.
 *
 * @param name the name of the region, as {@code info mtree} prints it
 * @param kind what kind of memory it is
 * @param range the guest physical addresses
 * @param offsetInRegion where in the region the run begins, in bytes
 * @param readonly whether writes are refused here, whatever the kind
 */
public record PlacedRegion(
    String name, RegionKind kind, AddressRange range, long offsetInRegion, boolean readonly) {

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PlacedRegion region
        && readonly == region.readonly
        && offsetInRegion == region.offsetInRegion
        && kind == region.kind
        && range.equals(region.range)
        && name.equals(region.name);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, kind, range, offsetInRegion, readonly);
  }
}
