package io.github.stopcopy.qemu.libvirt;

/**
 * A device that takes a PCI address.
 *
 * @param element what describes it; of one that libvirt adds, an element that is not in the XML
 * @param connect where it wants to be
 */
record PciClient(XmlElement element, PciConnect connect) {}
