package io.github.stopcopy.qemu.libvirt;

/** Where on the PCI buses something wants to be. */
enum PciConnect {
  /** Behind a PCI Express port, alone. */
  EXPRESS,
  /** On a conventional PCI bus. */
  CONVENTIONAL,
  /** On the root bus of PCI Express, in a slot of its own. */
  ROOT_BUS,
  /** On the root bus of PCI Express; up to eight of them share a slot. */
  ROOT_PORT,
  /** Below the upstream port of a PCI Express switch. */
  SWITCH
}
