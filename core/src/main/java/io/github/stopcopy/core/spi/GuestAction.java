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
   * Writes page table entries to guest memory, of 4 KiB each; they are announced by the next
   * invalidation.
   *
   * @param device whose table
   * @param iova the first I/O virtual address
   * @param guestAddress the first guest physical address
   * @param pages how many pages
   */
  record Map(PciAddress device, long iova, long guestAddress, int pages) implements GuestAction {}

  /**
   * Clears page table entries and invalidates.
   *
   * @param device whose table
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
