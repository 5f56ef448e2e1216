package io.github.stopcopy.core.config;

import io.github.stopcopy.core.address.AddressRange;

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
    String name, RegionKind kind, AddressRange range, long offsetInRegion, boolean readonly) {}
