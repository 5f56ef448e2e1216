package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The PCI controllers of a domain and the addresses on them. libvirt numbers buses by controller; a
 * device without an address gets one when libvirt stores the domain. Here it gets a root port of
 * its own on q35 and a free slot of the root bus else, as libvirt does, and a note says that the
 * very numbers may differ.
 */
final class PciPlaces {

  private static final int MOST_BUSES = 256;

  /** Controllers of libvirt and the device that QEMU has for each. */
  private static final Map<String, String> DRIVERS =
      Map.of(
          "pcie-root-port", "pcie-root-port",
          "pcie-switch-upstream-port", "x3130-upstream",
          "pcie-switch-downstream-port", "xio3130-downstream",
          "pcie-to-pci-bridge", "pcie-pci-bridge",
          "dmi-to-pci-bridge", "i82801b11-bridge",
          "pci-bridge", "pci-bridge",
          "pcie-expander-bus", "pxb-pcie",
          "pci-expander-bus", "pxb");

  private final XmlElement devices;
  private final boolean pcie;
  private final List<String> notes;
  private final TreeMap<Integer, QemuDevice> controllers = new TreeMap<>();
  private final Map<Integer, String> names = new TreeMap<>();
  private final Set<String> taken = new HashSet<>();
  private final List<String> assumed = new ArrayList<>();
  private int portSlot = -1;
  private int nextFunction;
  private Optional<XmlElement> root = Optional.empty();

  PciPlaces(XmlElement devices, boolean pcie, List<String> notes) {
    this.devices = devices;
    this.pcie = pcie;
    this.notes = notes;
  }

  /** The controller that is the root, if the domain mentions it. */
  Optional<XmlElement> root() {
    return root;
  }

  /** The controllers in the order of their numbers, which is libvirt's on the command line. */
  Iterable<QemuDevice> controllers() {
    return controllers.values();
  }

  void read() throws InputException {
    names.put(0, pcie ? "pcie.0" : "pci.0");
    Map<Integer, XmlElement> numbered = new TreeMap<>();
    List<XmlElement> unnumbered = new ArrayList<>();
    for (XmlElement controller : devices.all("controller")) {
      if (!controller.has("type", "pci")) {
        continue;
      } else if (controller.optional("index").isEmpty()) {
        unnumbered.add(controller);
        continue;
      }
      int index = controller.number("index", 0, MOST_BUSES - 1);
      if (numbered.putIfAbsent(index, controller) != null) {
        throw controller.wrong("index='" + index + "' is used twice, expected each once");
      }
    }
    for (XmlElement controller : unnumbered) {
      int index = 1;
      while (numbered.containsKey(index)) {
        index++;
      }
      numbered.put(index, controller);
    }
    root = Optional.ofNullable(numbered.remove(0));
    for (Map.Entry<Integer, XmlElement> entry : numbered.entrySet()) {
      names.put(entry.getKey(), Aliases.of(entry.getValue()).orElse("pci." + entry.getKey()));
    }
    reserve();
    for (Map.Entry<Integer, XmlElement> entry : numbered.entrySet()) {
      controllers.put(entry.getKey(), controller(entry.getKey(), entry.getValue()));
    }
  }

  private QemuDevice controller(int index, XmlElement element) throws InputException {
    String model = element.optional("model").orElse(pcie ? "pcie-root-port" : "pci-bridge");
    String driver = DRIVERS.get(model);
    if (driver == null) {
      throw element.wrong(
          "model='"
              + model
              + "', expected one of "
              + String.join(", ", DRIVERS.keySet().stream().sorted().toList()));
    }
    if (element.first("model").filter(name -> name.has("name", "ioh3420")).isPresent()) {
      driver = "ioh3420";
    }
    QemuDevice device = QemuDevice.device(element, driver, busName(index));
    place(device, element, "controller " + index);
    return device;
  }

  /** Marks what other devices have, so that nobody is put there. */
  private void reserve() throws InputException {
    for (int slot : pcie ? new int[] {0, 0x1f} : new int[] {0, 1, 2}) {
      taken.add("0:" + slot);
    }
    for (XmlElement device : devices.children()) {
      Optional<XmlElement> address = pciAddress(device);
      if (address.isPresent()) {
        taken.add(
            address.get().number("bus", 0, MOST_BUSES - 1)
                + ":"
                + address.get().number("slot", 0, 31));
      }
    }
  }

  private static Optional<XmlElement> pciAddress(XmlElement device) {
    return device
        .first("address")
        .filter(address -> address.has("type", "pci") && address.optional("bus").isPresent());
  }

  /** The same for a device that libvirt puts behind a root port on q35. */
  void placeExpress(QemuDevice device, XmlElement element) throws InputException {
    if (!pcie || pciAddress(element).isPresent()) {
      place(device, element, device.id());
      return;
    }
    int index = 1;
    while (names.containsKey(index)) {
      index++;
    }
    names.put(index, "pci." + index);
    QemuDevice port = QemuDevice.device(element, "pcie-root-port", "pci." + index);
    if (portSlot < 0 || nextFunction == 8) {
      portSlot = freeSlot(element);
      nextFunction = 0;
      port.with("multifunction", true);
    }
    port.with("bus", busName(0)).with("addr", address(portSlot, nextFunction++));
    controllers.put(index, port);
    device.with("bus", "pci." + index).with("addr", address(0, 0));
    assumed.add(device.id());
  }

  private int freeSlot(XmlElement element) throws InputException {
    for (int slot = 1; slot < 32; slot++) {
      if (taken.add("0:" + slot)) {
        return slot;
      }
    }
    throw element.wrong(
        "has no PCI address and the root bus is full, expected the XML that libvirt stored"
            + " (virsh dumpxml)");
  }

  /** The name of a bus that is known. */
  private String busName(int index) {
    return Objects.requireNonNull(names.get(index));
  }

  /** Gives a device the bus and address that its element names, or a slot of the root bus. */
  void place(QemuDevice device, XmlElement element, String what) throws InputException {
    Optional<XmlElement> given = pciAddress(element);
    if (given.isEmpty()) {
      device.with("bus", busName(0)).with("addr", address(freeSlot(element), 0));
      assumed.add(what);
      return;
    }
    XmlElement address = given.get();
    int domain = address.optional("domain").isPresent() ? address.number("domain", 0, 0xffff) : 0;
    if (domain != 0) {
      throw address.wrong("domain='" + domain + "', expected 0, a PC has no other");
    }
    device.with("bus", bus(address));
    if (address.flag("multifunction", "on", "off").orElse(false)) {
      device.with("multifunction", true);
    }
    int function = address.optional("function").isPresent() ? address.number("function", 0, 7) : 0;
    device.with("addr", address(address.number("slot", 0, 31), function));
  }

  /** The bus that an address names; libvirt adds a controller that is missing. */
  private String bus(XmlElement address) throws InputException {
    int index = address.number("bus", 0, MOST_BUSES - 1);
    String name = names.get(index);
    if (name == null) {
      name = "pci." + index;
      names.put(index, name);
      XmlElement missing =
          new XmlElement(address.source(), address.namespace(), "controller", address.line());
      String driver = pcie ? "pcie-root-port" : "pci-bridge";
      QemuDevice controller = QemuDevice.device(missing, driver, name);
      place(controller, missing, "controller " + index + ", which is not there");
      controllers.put(index, controller);
    }
    return name;
  }

  private static String address(int slot, int function) {
    return "0x" + Integer.toHexString(slot) + (function == 0 ? "" : ".0x" + function);
  }

  /** Tells what was put on the root bus for want of an address. */
  void tell() {
    if (!assumed.isEmpty()) {
      notes.add(
          devices.note(
              "Without a PCI address: "
                  + String.join(", ", assumed)
                  + "; one was chosen here, libvirt may choose another when it stores the"
                  + " domain."));
    }
  }
}
