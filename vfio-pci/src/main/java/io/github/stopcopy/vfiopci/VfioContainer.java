package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.memory.AddressSpace;
import java.util.List;

/**
 * A container of a VM that is played: the groups that share one set of I/O page tables, for one
 * address space. Used on the model's thread; not to be implemented.
 */
public interface VfioContainer {

  /** The number, counted from 0 in the order of creation. */
  int number();

  /** The address space whose memory is mapped. */
  AddressSpace space();

  /** Whether the address space is not the system's own: "vIOMMU preset" (R-BLK-31). */
  boolean isBehindVirtualIommu();

  /**
   * The names of the host's devices in it, newest group first and in it the newest device first.
   */
  List<String> deviceNames();

  /** The I/O virtual addresses that the vIOMMU translates, newest section first (R-LST-74). */
  List<AddressRange> iommuSections();

  /** What is mapped, ascending. */
  List<DmaMapping> mappings();

  /** Whether the container itself can track dirty pages in pages of the host's size (R-LST-4). */
  boolean canTrackDirtyPages();

  /** Who tracks what its devices write, as things are now. */
  TrackedBy trackedBy();

  /**
   * Whether a migration gets to know what its devices write while it runs; where it does not, the
   * pages that they write after these were sent are lost (R-OBS-111, R-OBS-141).
   */
  boolean findsWrites();

  /**
   * What its devices would be asked to log if they saw this address space: their own, or system
   * memory, which they see while the vIOMMU lets them pass.
   */
  TrackingRequest trackingRequest(AddressSpace seen);
}
