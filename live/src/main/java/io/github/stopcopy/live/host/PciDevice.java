package io.github.stopcopy.live.host;

import io.github.stopcopy.vfiopci.driver.KernelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A PCI device of the host and what links say of it.
 *
 * @param address as sysfs names it
 * @param driver the driver that it is bound to
 * @param group its IOMMU group
 * @param iommu the IOMMU that serves it
 * @param vfioName how VFIO names it, where the kernel has devices of VFIO as files
 */
record PciDevice(
    String address,
    Optional<String> driver,
    OptionalInt group,
    Optional<String> iommu,
    Optional<String> vfioName) {

  static final String FOLDER = "sys/bus/pci/devices";

  private static final Pattern ADDRESS =
      Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}");
  private static final Pattern GROUP = Pattern.compile("[0-9]{1,9}");
  private static final Pattern VFIO_NAME = Pattern.compile("vfio[0-9]{1,9}");

  /** The addresses of all, in order. */
  static List<String> addresses(HostTree tree) {
    return tree.list(FOLDER).names().stream()
        .filter(name -> ADDRESS.matcher(name).matches())
        .toList();
  }

  /** Whether a text is an address as sysfs has it. */
  static boolean isAddress(String text) {
    return ADDRESS.matcher(text).matches();
  }

  static PciDevice read(HostTree tree, String address) {
    String folder = FOLDER + "/" + address + "/";
    Optional<String> group =
        tree.linkedName(folder + "iommu_group").filter(name -> GROUP.matcher(name).matches());
    return new PciDevice(
        address,
        tree.linkedName(folder + "driver").filter(name -> NAME.matcher(name).matches()),
        group.map(number -> OptionalInt.of(Integer.parseInt(number))).orElse(OptionalInt.empty()),
        tree.linkedName(folder + "iommu").filter(name -> NAME.matcher(name).matches()),
        tree.list(folder + "vfio-dev").names().stream()
            .filter(name -> VFIO_NAME.matcher(name).matches())
            .findFirst());
  }

  /** The path of one of its files. */
  String file(String name) {
    return FOLDER + "/" + address + "/" + name;
  }

  /** Whether it is part of the buses, and nothing to assign. */
  boolean isBridge(HostTree tree) {
    return tree.read(file("class")).text().orElse("").startsWith("0x06");
  }

  /** The row of its driver in the table of the kernel's VFIO drivers. */
  Optional<KernelDriver> knownDriver() {
    return driver.flatMap(KernelDriver::named);
  }

  /** Whether a VM could get it as it is. */
  boolean isBoundToVfio() {
    return vfioName.isPresent() || driver.filter(PciDevice::isOfVfio).isPresent();
  }

  private static boolean isOfVfio(String driver) {
    return KernelDriver.named(driver).isPresent() || driver.contains("vfio");
  }
}
