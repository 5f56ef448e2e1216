package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The PCI controllers of a domain and the addresses on them. libvirt numbers buses by controller.
 * What has no address gets the one that libvirt gives when it stores the domain: controllers first,
 * then devices kind by kind, each in the first place that suits it; where none does a controller is
 * added, and all addresses are given out anew.
 */
final class PciPlaces {

  private static final int MOST_BUSES = 256;
  private static final int MOST_SLOT = 31;
  private static final String ROOT_PORT = "pcie-root-port";

  /** The slot of the root bus where an Intel machine has its bridge to conventional PCI. */
  private static final int DMI_SLOT = 0x1e;

  /** Controllers of libvirt and the device that QEMU has for each. */
  private static final Map<String, String> DRIVERS =
      Map.of(
          ROOT_PORT,
          "pcie-root-port",
          "pcie-switch-upstream-port",
          "x3130-upstream",
          "pcie-switch-downstream-port",
          "xio3130-downstream",
          "pcie-to-pci-bridge",
          "pcie-pci-bridge",
          "dmi-to-pci-bridge",
          "i82801b11-bridge",
          "pci-bridge",
          "pci-bridge",
          "pcie-expander-bus",
          "pxb-pcie",
          "pci-expander-bus",
          "pxb");

  private final XmlElement devices;
  private final boolean express;
  private final List<String> notes;
  private final PciClients clients;
  private final TreeMap<Integer, XmlElement> controllers = new TreeMap<>();
  private final IdentityHashMap<XmlElement, PciPlace> places = new IdentityHashMap<>();
  private final List<PciBus> buses = new ArrayList<>();
  private final List<String> chosen = new ArrayList<>();
  private Optional<XmlElement> root = Optional.empty();

  PciPlaces(XmlElement devices, boolean express, List<String> notes) {
    this.devices = devices;
    this.express = express;
    this.notes = notes;
    clients = new PciClients(devices, express);
  }

  /** The controller that is the root, if the domain mentions it. */
  Optional<XmlElement> root() {
    return root;
  }

  /** Reads the controllers and gives every device its address. */
  void read() throws InputException {
    number();
    boolean spare = express && controllers.isEmpty();
    fillGaps();
    int before;
    do {
      before = controllers.size();
      assign(spare);
    } while (controllers.size() > before);
  }

  /** Gives each controller its number; the root may have none, or only its model. */
  private void number() throws InputException {
    List<XmlElement> unnumbered = new ArrayList<>();
    for (XmlElement controller : devices.all("controller")) {
      if (!controller.has("type", "pci")) {
        continue;
      }
      boolean isRoot = isRoot(controller);
      if (controller.optional("index").isEmpty() && !isRoot) {
        unnumbered.add(controller);
        continue;
      }
      int index = controller.numberOr("index", 0, 0, MOST_BUSES - 1);
      if (isRoot && index != 0) {
        throw controller.wrong("index='" + index + "' of the root, expected 0");
      }
      Optional<XmlElement> other = index == 0 ? root : Optional.ofNullable(controllers.get(index));
      if (other.isPresent()) {
        throw controller.wrong("index='" + index + "' is used twice, expected each once");
      } else if (index == 0) {
        rootModel(controller);
        root = Optional.of(controller);
      } else {
        controllers.put(index, controller);
      }
    }
    int index = 1;
    for (XmlElement controller : unnumbered) {
      while (controllers.containsKey(index)) {
        index++;
      }
      if (index >= MOST_BUSES) {
        throw tooMany(controller);
      }
      controllers.put(index, controller);
    }
  }

  private static boolean isRoot(XmlElement controller) {
    return controller.has("model", "pcie-root") || controller.has("model", "pci-root");
  }

  private void rootModel(XmlElement controller) throws InputException {
    String model = express ? "pcie-root" : "pci-root";
    if (!controller.attributes().getOrDefault("model", model).equals(model)) {
      throw controller.wrong(
          "index='0' has model='"
              + controller.required("model")
              + "', expected "
              + model
              + " with this machine");
    }
  }

  private static InputException tooMany(XmlElement element) {
    return element.wrong("needs more than " + MOST_BUSES + " PCI buses, expected at most so many");
  }

  /** Adds the controllers that are missing below the highest number in use. */
  private void fillGaps() throws InputException {
    int highest = controllers.isEmpty() ? 0 : controllers.lastKey();
    for (XmlElement device : devices.children()) {
      Optional<XmlElement> address = given(device);
      if (address.isPresent()) {
        highest = Math.max(highest, address.get().numberOr("bus", 0, 0, MOST_BUSES - 1));
      }
    }
    for (int index = 1; index < highest; index++) {
      addIfMissing(index);
    }
    if (highest > 0) {
      addIfMissing(highest);
    }
  }

  private void addIfMissing(int index) {
    if (!controllers.containsKey(index)) {
      controllers.put(index, controller(express ? ROOT_PORT : "pci-bridge"));
    }
  }

  private XmlElement controller(String model) {
    XmlElement added =
        new XmlElement(devices.source(), devices.namespace(), "controller", devices.line());
    added.attribute("model", model);
    return added;
  }

  private String model(XmlElement controller) {
    return controller.optional("model").orElse(express ? ROOT_PORT : "pci-bridge");
  }

  /** Gives out addresses from the start, and adds the controllers that turn out to be missing. */
  private void assign(boolean spare) throws InputException {
    places.clear();
    chosen.clear();
    buses.clear();
    buses.add(PciBus.root(express));
    controllers.forEach((index, controller) -> buses.add(PciBus.of(index, model(controller))));
    reserve();
    for (Map.Entry<Integer, XmlElement> entry : List.copyOf(controllers.entrySet())) {
      XmlElement controller = entry.getValue();
      if (!place(controller, wanted(model(controller)))) {
        throw full(controller);
      }
    }
    for (PciClient client : clients.inOrder()) {
      while (!place(client.element(), client.connect())) {
        grow(client);
      }
    }
    // libvirt keeps a port free for hot-plugging where nobody planned the ports
    if (spare && find(PciConnect.EXPRESS).isEmpty()) {
      add(ROOT_PORT, devices);
    }
  }

  private PciConnect wanted(String model) {
    if (!express) {
      return PciConnect.CONVENTIONAL;
    }
    return switch (model) {
      case "pcie-switch-upstream-port", "pcie-to-pci-bridge" -> PciConnect.EXPRESS;
      case "pcie-switch-downstream-port" -> PciConnect.SWITCH;
      case "dmi-to-pci-bridge", "pcie-expander-bus" -> PciConnect.ROOT_BUS;
      case "pci-bridge" -> PciConnect.CONVENTIONAL;
      default -> PciConnect.ROOT_PORT;
    };
  }

  /** Marks what the machine and given addresses take, so that nobody is put there. */
  private void reserve() throws InputException {
    PciBus first = buses.get(0);
    first.reserve(express ? MOST_SLOT : 1);
    for (XmlElement device : devices.children()) {
      Optional<XmlElement> address = given(device);
      if (address.isPresent()) {
        PciPlace place = placeOf(address.get());
        buses.get(place.bus()).reserve(place.slot());
        places.put(device, place);
      }
    }
    clients.rootSlots().forEach(first::reserve);
  }

  private static PciPlace placeOf(XmlElement address) throws InputException {
    int domain = address.numberOr("domain", 0, 0, 0xffff);
    if (domain != 0) {
      throw address.wrong("domain='" + domain + "', expected 0, a PC has no other");
    }
    PciPlace place =
        new PciPlace(
            address.numberOr("bus", 0, 0, MOST_BUSES - 1),
            address.numberOr("slot", 0, 0, MOST_SLOT),
            address.numberOr("function", 0, 0, 7),
            address.flag("multifunction", "on", "off").orElse(false));
    if (place.bus() == 0 && place.slot() == 0) {
      throw address.wrong("function='" + place.function() + "' of slot 0, the root's own");
    }
    return place;
  }

  /** The PCI address that the XML gives; one of zeros only stands for none, as in libvirt. */
  private static Optional<XmlElement> given(XmlElement device) throws InputException {
    Optional<XmlElement> address = device.first("address").filter(a -> a.has("type", "pci"));
    if (address.isPresent()) {
      for (String part : List.of("domain", "bus", "slot", "function")) {
        if (address.get().numberOr(part, 0, 0, 0xffff) != 0) {
          return address;
        }
      }
    }
    return Optional.empty();
  }

  /** Finds a place, unless there is one or none is wanted; false if there is no room. */
  private boolean place(XmlElement element, PciConnect connect) {
    Optional<XmlElement> address = element.first("address");
    if (places.containsKey(element) || address.isPresent() && !address.get().has("type", "pci")) {
      return true;
    }
    if (element.has("model", "dmi-to-pci-bridge") && buses.get(0).isFree(DMI_SLOT)) {
      buses.get(0).reserve(DMI_SLOT);
      places.put(element, new PciPlace(0, DMI_SLOT, 0, false));
      return true;
    }
    Optional<PciPlace> found = find(connect);
    found.ifPresent(place -> places.put(element, place));
    return found.isPresent();
  }

  private Optional<PciPlace> find(PciConnect connect) {
    for (PciBus bus : buses) {
      Optional<PciPlace> place = bus.take(connect);
      if (place.isPresent()) {
        return place;
      }
    }
    return Optional.empty();
  }

  /** Adds what a device needs: a port, or a bridge and a place for that. */
  private void grow(PciClient client) throws InputException {
    switch (client.connect()) {
      case EXPRESS -> add(ROOT_PORT, client.element());
      case CONVENTIONAL -> {
        if (!express) {
          add("pci-bridge", client.element());
        } else {
          if (find(PciConnect.EXPRESS).isEmpty()) {
            add(ROOT_PORT, client.element());
            find(PciConnect.EXPRESS);
          }
          add("pcie-to-pci-bridge", client.element());
        }
      }
      default -> throw full(client.element());
    }
  }

  private void add(String model, XmlElement wanting) throws InputException {
    int index = buses.size();
    if (index >= MOST_BUSES) {
      throw tooMany(wanting);
    }
    controllers.put(index, controller(model));
    buses.add(PciBus.of(index, model));
  }

  private static InputException full(XmlElement element) {
    return element.wrong(
        "has no PCI address and no bus has room for it, expected the XML that libvirt stored (virsh"
            + " dumpxml)");
  }

  /** The controllers in the order of their numbers, which is libvirt's on the command line. */
  List<QemuDevice> controllers() throws InputException {
    List<QemuDevice> all = new ArrayList<>();
    ControllerNumbers numbers = new ControllerNumbers(controllers.values());
    for (Map.Entry<Integer, XmlElement> entry : controllers.entrySet()) {
      XmlElement element = entry.getValue();
      String driver = DRIVERS.get(model(element));
      if (driver == null) {
        throw element.wrong(
            "model='"
                + model(element)
                + "', expected one of "
                + String.join(", ", DRIVERS.keySet().stream().sorted().toList()));
      }
      if (element.first("model").filter(name -> name.has("name", "ioh3420")).isPresent()) {
        driver = "ioh3420";
      }
      QemuDevice device = QemuDevice.device(element, driver, busName(entry.getKey()));
      numbers.number(device, driver, entry.getKey(), element);
      place(device, element);
      all.add(device);
    }
    return all;
  }

  private String busName(int index) {
    if (index == 0) {
      return express ? "pcie.0" : "pci.0";
    }
    XmlElement controller = controllers.get(index);
    return controller == null ? "pci." + index : Aliases.of(controller).orElse("pci." + index);
  }

  /** Gives a device the bus and the address that its element has or libvirt gives it. */
  void place(QemuDevice device, XmlElement element) throws InputException {
    Optional<XmlElement> address = element.first("address");
    if (address.isPresent() && !address.get().has("type", "pci")) {
      String type = address.get().required("type");
      throw address.get().wrong("type='" + type + "' of <" + element.name() + ">, expected pci");
    }
    PciPlace place = places.get(element);
    if (place == null) {
      throw full(element);
    }
    device.with("bus", busName(place.bus()));
    if (place.multifunction()) {
      device.with("multifunction", true);
    }
    device.with("addr", place.addr());
    if (!element.name().equals("controller") && given(element).isEmpty()) {
      chosen.add(device.id());
    }
  }

  /** Tells what got an address here. */
  void tell() {
    if (!chosen.isEmpty()) {
      notes.add(
          devices.note(
              "Without a PCI address: "
                  + String.join(", ", chosen)
                  + "; those were chosen that libvirt 11.3 would, another release may choose others"
                  + " when it stores the domain."));
    }
  }
}
