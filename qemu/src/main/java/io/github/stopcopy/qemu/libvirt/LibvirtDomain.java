package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A VM as libvirt describes it: {@code virsh dumpxml}, with or without {@code --inactive}, the
 * status that libvirt keeps of a running domain ({@code <domstatus>}), or the XML that management
 * software defines. Immutable.
 *
 * {@snippet file="VerdictTest.java" region="libvirt"}
 *
 * @param vm the VM: machine, processors, memory, the vIOMMU, VFIO and memory devices with the PCI
 *     controllers above them, network devices that stand in for a VFIO device, and whatever {@code
 *     qemu:commandline} adds; other devices are left out
 * @param notes what was not understood, and what was assumed because libvirt would choose it; each
 *     with source and line
 * @param interfaces the ids of the VFIO devices that are an {@code <interface>} here, which only
 *     network devices are
 * @param drivers the kernel drivers that the XML binds host devices to, by the address of the
 *     host's device, e.g. {@code 0000:3b:00.2} to {@code mlx5_vfio_pci}
 * @param completed what else the VM can be: what newer releases of libvirt make of the same XML
 * @param possibleHostDevices the interfaces of which only libvirt's network knows whether they are
 *     devices of the host, in words; each with source and line
 * @param argv the words of the QEMU command line that the VM was read from, as libvirt would write
 *     them
 */
public record LibvirtDomain(
    VmConfig vm,
    List<String> notes,
    List<String> interfaces,
    Map<String, String> drivers,
    Optional<Completed> completed,
    List<String> possibleHostDevices,
    List<String> argv) {

  /**
   * A VM with what a release of libvirt adds.
   *
   * @param vm the VM
   * @param what is added, by which releases and why, in words
   */
  public record Completed(VmConfig vm, String what) {}

  /** Copies the lists. */
  public LibvirtDomain {
    notes = List.copyOf(notes);
    interfaces = List.copyOf(interfaces);
    drivers = Map.copyOf(drivers);
    possibleHostDevices = List.copyOf(possibleHostDevices);
    argv = List.copyOf(argv);
  }

  /**
   * Reads a domain.
   *
   * @param source a file name or another name of the text, for messages
   * @param xml the XML, at most 4 Mi characters; a document type declaration is refused
   * @return the VM and the notes; the VM knows the memory layout of its machine
   * @throws InputException with source and line if the text is no domain XML, a value cannot be
   *     read or is one that libvirt refuses, or the machine is not modelled
   */
  public static LibvirtDomain parse(String source, String xml) throws InputException {
    XmlElement root = XmlReader.read(source, xml);
    if (root.name().equals("domstatus") && root.namespace().isEmpty()) {
      XmlElement status = root;
      root =
          status
              .first("domain")
              .orElseThrow(() -> status.wrong("has no <domain>, expected that of the VM"));
    }
    return new DomainReader(source).read(root);
  }
}
