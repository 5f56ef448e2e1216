package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What libvirt from 10.10 on adds to a domain when it stores it, so that its processors can be
 * interrupted: a vIOMMU that remaps interrupts for more than 255 of them, and the I/O APIC that
 * such a vIOMMU needs. Also says what every libvirt refuses about these.
 */
final class Completion {

  /** Up to so many virtual CPUs need no interrupt remapping. */
  private static final int CPUS_WITHOUT_IOMMU = 255;

  private final XmlElement domain;
  private final XmlElement place;
  private final boolean isQ35;
  private final int vcpus;
  private final List<String> added = new ArrayList<>();

  /**
   * Looks at a domain.
   *
   * @param place the element that a message about the number of processors is about
   */
  Completion(XmlElement domain, XmlElement place, boolean isQ35, int vcpus) {
    this.domain = domain;
    this.place = place;
    this.isQ35 = isQ35;
    this.vcpus = vcpus;
  }

  /** The domain as libvirt would store it, if that differs. */
  Optional<XmlElement> complete() throws InputException {
    boolean many = vcpus > CPUS_WITHOUT_IOMMU;
    if (many && !isQ35) {
      throw place.wrong(
          vcpus + " virtual CPUs, expected at most " + CPUS_WITHOUT_IOMMU + " with this machine");
    }
    XmlElement completed = domain.copy();
    XmlElement devices = completed.childOrNew("devices");
    Optional<XmlElement> iommu = devices.first("iommu");
    if (many && iommu.isEmpty()) {
      added.add("an <iommu> of model intel with intremap and eim");
      XmlElement intel = devices.childOrNew("iommu");
      intel.attribute("model", "intel");
      remap(intel);
      iommu = Optional.of(intel);
    } else if (many && iommu.get().has("model", "intel")) {
      extend(iommu.get());
    } else if (many && iommu.get().has("model", "virtio")) {
      throw iommu
          .get()
          .wrong(
              "model='virtio' with "
                  + vcpus
                  + " virtual CPUs, expected one with extended interrupt mode (eim) for more than "
                  + CPUS_WITHOUT_IOMMU);
    }
    if (iommu.isPresent() && iommu.get().has("model", "intel")) {
      ioapic(completed, iommu.get());
    }
    return added.isEmpty() ? Optional.empty() : Optional.of(completed);
  }

  /** What is added, in words. */
  String what() {
    String reason =
        vcpus > CPUS_WITHOUT_IOMMU
            ? vcpus + " virtual CPUs are more than " + CPUS_WITHOUT_IOMMU
            : "the vIOMMU remaps interrupts";
    return "libvirt from 10.10 on adds "
        + String.join(" and ", added)
        + " when it stores the domain, since "
        + reason;
  }

  private static void remap(XmlElement iommu) {
    XmlElement driver = iommu.childOrNew("driver");
    driver.attribute("intremap", "on");
    driver.attribute("eim", "on");
  }

  private void extend(XmlElement iommu) {
    XmlElement driver = iommu.childOrNew("driver");
    for (String attribute : List.of("intremap", "eim")) {
      if (driver.optional(attribute).isEmpty()) {
        driver.attribute(attribute, "on");
        added.add(attribute + "='on' of the <iommu>");
      }
    }
  }

  private void ioapic(XmlElement completed, XmlElement iommu) throws InputException {
    Optional<XmlElement> driver = iommu.first("driver");
    boolean remaps = driver.filter(e -> e.has("intremap", "on")).isPresent();
    if (!remaps && driver.filter(e -> e.has("eim", "on")).isPresent()) {
      throw driver.get().wrong("eim='on' without intremap='on', expected both");
    }
    if (!remaps) {
      return;
    }
    XmlElement ioapic = completed.childOrNew("features").childOrNew("ioapic");
    if (ioapic.has("driver", "kvm")) {
      throw ioapic.wrong("driver='kvm' with a vIOMMU that remaps interrupts, expected qemu");
    }
    if (ioapic.optional("driver").isEmpty()) {
      ioapic.attribute("driver", "qemu");
      added.add("<ioapic driver='qemu'/>");
    }
  }
}
