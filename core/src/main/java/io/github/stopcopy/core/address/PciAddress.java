package io.github.stopcopy.core.address;

import org.jspecify.annotations.Nullable;

/**
 * Where a device sits for the vIOMMU: a bus, named as on QEMU's command line, and slot and
 * function. Bus numbers are given out by the guest, so the name stands for the bus.
 *
 * @param bus the bus, e.g. {@code pcie.0}
 * @param slot 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(String bus, int slot, int function) {

  /** Checks slot and function. */
  public PciAddress {
    if (slot < 0 || slot > 31 || function < 0 || function > 7) {
      throw new IllegalArgumentException("no PCI address " + slot + "." + function);
    }
  }

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PciAddress address
        && slot == address.slot
        && function == address.function
        && bus.equals(address.bus);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * bus.hashCode() + slot) + function;
  }

  /** Slot and function in one number, slot*8+function. */
  public int devfn() {
    return slot << 3 | function;
  }

  /** {@code SS.F}, the slot in two hexadecimal digits. */
  public String slotAndFunction() {
    return (slot < 0x10 ? "0" : "") + Integer.toHexString(slot) + "." + function;
  }

  /** Bus, slot and function, for people. */
  @Override
  public String toString() {
    return bus + "/" + slotAndFunction();
  }
}
