package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.List;

/**
 * A VM as libvirt describes it: {@code virsh dumpxml}, with or without {@code --inactive}, or the
 * XML that management software defines. Immutable.
 *
 * {@snippet file="VerdictTest.java" region="libvirt"}
 *
 * @param vm the VM: machine, processors, memory, the vIOMMU, VFIO and memory devices with the PCI
 *     controllers above them, and whatever {@code qemu:commandline} adds; other devices are left
 *     out
 * @param notes what was not understood, and what was assumed because libvirt would choose it; each
 *     with source and line
 * @param interfaces the ids of the VFIO devices that are an {@code <interface>} here, which only
 *     network devices are
 */
public record LibvirtDomain(VmConfig vm, List<String> notes, List<String> interfaces) {

  /** Copies the lists. */
  public LibvirtDomain {
    notes = List.copyOf(notes);
    interfaces = List.copyOf(interfaces);
  }

  /**
   * Reads a domain.
   *
   * @param source a file name or another name of the text, for messages
   * @param xml the XML, at most 4 Mi characters; a document type declaration is refused
   * @return the VM and the notes; the VM knows the memory layout of its machine
   * @throws InputException with source and line if the text is no domain XML, a value cannot be
   *     read, or the machine is not modelled
   */
  public static LibvirtDomain parse(String source, String xml) throws InputException {
    return new DomainReader(source).read(XmlReader.read(source, xml));
  }
}
