package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.address.PciAddress;

/** What guest software does to a vIOMMU. Addresses are unsigned. */
public sealed interface GuestAction {

  /** How a device's context entry treats its requests. */
  enum ContextMode {
    /** They are translated. */
    TRANSLATE,
    /** They pass untranslated. */
    PASSTHROUGH,
    /** There is no entry. */
    ABSENT
  }

  /**
   * Writes a device's context entry to guest memory; it takes effect with an invalidation.
   *
   * @param device whose entry
   * @param mode how its requests are treated
   * @param addressBits the width of its page table, e.g. 39 or 48
   */
  record WriteContext(PciAddress device, ContextMode mode, int addressBits)
      implements GuestAction {}

  /**
   * Attaches a device to a domain, as the driver of a virtio-iommu does: the devices of a domain
   * share its mappings. A domain begins with its first device and ends with its last.
   *
   * @param device which
   * @param domain the number of the domain, not negative
   */
  record Attach(PciAddress device, int domain) implements GuestAction {}

  /**
   * Detaches a device from its domain.
   *
   * @param device which
   * @param domain the domain that it is in
   */
  record Detach(PciAddress device, int domain) implements GuestAction {}

  /**
   * Writes page table entries to guest memory, of 4 KiB each; they are announced by the next
   * invalidation. Of a vIOMMU with domains: asks it for a mapping in the device's domain, which is
   * announced at once.
   *
   * @param device whose table, or whose domain
   * @param iova the first I/O virtual address
   * @param guestAddress the first guest physical address
   * @param pages how many pages
   */
  record Map(PciAddress device, long iova, long guestAddress, int pages) implements GuestAction {}

  /**
   * Clears page table entries and invalidates. Of a vIOMMU with domains: takes the mappings in the
   * range from the device's domain.
   *
   * @param device whose table, or whose domain
   * @param iova the first I/O virtual address
   * @param pages how many pages
   */
  record Unmap(PciAddress device, long iova, int pages) implements GuestAction {}

  /** Sets the root table and turns translation on. */
  record Enable() implements GuestAction {}

  /** Turns translation off. */
  record Disable() implements GuestAction {}

  /** Sets the root table. */
  record SetRoot() implements GuestAction {}

  /** Invalidates all cached contexts and translations. */
  record Invalidate() implements GuestAction {}
}
