package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.config.PlacedRegion;
import java.util.List;
import java.util.Optional;

/**
 * The output of {@code info mtree -f}.
 *
 * @param views the flat views in the order printed
 */
public record MtreeDump(List<MtreeFlatView> views) {

  /** The name of the address space of the processors and of devices without a vIOMMU. */
  private static final String SYSTEM_MEMORY = "memory";

  /** Copies the list. */
  public MtreeDump {
    views = List.copyOf(views);
  }

  /** The first view that an address space of this name shares. */
  public Optional<MtreeFlatView> viewOf(String addressSpace) {
    return views.stream().filter(view -> view.isOf(addressSpace)).findFirst();
  }

  /** What the address space {@code memory} shows, ascending; empty if it is not in the text. */
  public Optional<List<PlacedRegion>> systemMemory() {
    return viewOf(SYSTEM_MEMORY).map(MtreeFlatView::placedRegions);
  }
}
