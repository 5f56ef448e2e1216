package io.github.stopcopy.qemu.libvirt;

/**
 * A PCI address of the VM.
 *
 * @param bus the number of the controller whose bus it is on
 * @param slot the slot there
 * @param function the function there
 * @param multifunction whether it says that more functions follow
 */
record PciPlace(int bus, int slot, int function, boolean multifunction) {

  /** The slot and function as QEMU's property {@code addr} has them. */
  String addr() {
    return "0x" + Integer.toHexString(slot) + (function == 0 ? "" : ".0x" + function);
  }
}
