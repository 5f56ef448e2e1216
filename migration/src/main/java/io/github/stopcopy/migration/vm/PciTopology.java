package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.property.PciProperties;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.property.SizeText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where PCI devices sit, and as whom the vIOMMU sees them (R-LST-1). */
final class PciTopology {

  /** Ports behind which every device keeps its own identity. */
  private static final Set<String> PCIE_PORTS =
      Set.of("pcie-root-port", "ioh3420", "x3130-upstream", "xio3130-downstream");

  private static final Set<String> CONVENTIONAL_BRIDGES = Set.of("pci-bridge", "i82801b11-bridge");
  private static final String PCIE_TO_PCI_BRIDGE = "pcie-pci-bridge";
  private static final String PCIE_ROOT_BUS = "pcie.0";
  private static final String PCIE_EXPANDER = "pxb-pcie";
  private static final Set<String> EXPANDERS = Set.of("pxb", PCIE_EXPANDER);

  /** The PCI domain, of which a PC has one. */
  private static final String ROOT_PATH = "0000:";

  private final Map<String, Bus> buses = new HashMap<>(4);
  private final Set<String> expressBuses = new HashSet<>(4);
  private final Map<PciAddress, String> occupants = new HashMap<>(4);
  private final String rootBus;

  /**
   * A bus; {@code alias} is whom the vIOMMU sees instead of any device on it, {@code above} where
   * its bridge sits, or the beginning of paths where it has none.
   */
  private record Bus(
      String name, Above above, boolean bypassesIommu, Optional<PciAddress> alias, int firstSlot) {}

  /** What is above a bus: a bridge on another one, or nothing but the beginning of paths. */
  private record Above(@Nullable Bus bus, String path) {}

  /**
   * A device's place.
   *
   * @param address where it sits
   * @param requester as whom the vIOMMU sees it
   * @param bypassesIommu whether the vIOMMU does not see it at all
   */
  record Placement(PciAddress address, PciAddress requester, boolean bypassesIommu) {}

  PciTopology(VmConfig vm) {
    rootBus = vm.isQ35() ? PCIE_ROOT_BUS : "pci.0";
    boolean bypass =
        isOn(vm.machineOptions().get("default-bus-bypass-iommu"))
            || isOn(vm.machineOptions().get("default_bus_bypass_iommu"));
    buses.put(
        rootBus, new Bus(rootBus, new Above(null, ROOT_PATH + "00"), bypass, Optional.empty(), 1));
    if (vm.isQ35()) {
      expressBuses.add(rootBus);
    }
  }

  /**
   * Puts a device on its bus.
   *
   * @return its place, or QEMU's error if the bus does not exist or is full, or something else sits
   *     there
   */
  Result<Placement> place(DeviceConfig device) {
    Bus bus = buses.get(device.bus().orElse(rootBus));
    if (bus == null) {
      return Result.failed(QemuError.of("Bus '" + device.bus().orElse(rootBus) + "' not found"));
    }
    Optional<Integer> devfn = device.setting("addr").flatMap(PciProperties::devfn);
    Optional<PciAddress> found =
        devfn.isPresent()
            ? Optional.of(new PciAddress(bus.name, devfn.get() >> 3, devfn.get() & 7))
            : freeSlot(bus);
    if (found.isEmpty()) {
      return Result.failed(
          QemuError.of(
              "PCI: no slot/function available for "
                  + device.driver()
                  + ", all in use or reserved"));
    }
    PciAddress address = found.get();
    String other =
        occupants.putIfAbsent(address, device.driver() + ",id=" + device.id().orElse("(null)"));
    if (other != null) {
      return Result.failed(
          QemuError.of(
              "PCI: slot "
                  + address.slot()
                  + " function "
                  + address.function()
                  + " not available for "
                  + device.driver()
                  + ", in use by "
                  + other));
    }
    if (device.id().isPresent() && isBridge(device.driver())) {
      addBus(device, address, bus);
    }
    return Result.ok(new Placement(address, bus.alias.orElse(address), bus.bypassesIommu));
  }

  /** Whether a device without meaning for the model could sit on a PCI bus we know. */
  boolean knowsBusOf(DeviceConfig device) {
    return device
        .bus()
        .map(buses::containsKey)
        .orElseGet(() ->
            device.setting("addr").isPresent()
                || isBridge(device.driver())
                || MemoryDevices.hasMemoryBar(device.driver()));
  }

  /**
   * QEMU's path of a place, e.g. {@code 0000:00:02.0:00.0} behind a port: root bus, then the slots
   * on the way. An expander's own slot is among them (seen on 11.1.3).
   */
  String path(PciAddress address) {
    Deque<String> parts = new ArrayDeque<>();
    parts.addFirst(address.slotAndFunction());
    Bus bus = buses.get(address.bus());
    while (bus != null) {
      parts.addFirst(bus.above.path);
      bus = bus.above.bus;
    }
    return String.join(":", parts);
  }

  /** That the bus that a device names does not exist, if so. */
  Optional<QemuError> refusesBus(DeviceConfig device) {
    String name = device.bus().orElse(rootBus);
    return buses.containsKey(name)
        ? Optional.empty()
        : Optional.of(QemuError.of("Bus '" + name + "' not found"));
  }

  /** Why nothing can be plugged into or taken from a bus while the VM runs (R-OBS-121). */
  Optional<QemuError> refusesPlug(String bus) {
    return bus.equals(PCIE_ROOT_BUS)
        ? Optional.of(QemuError.of("Bus '" + bus + "' does not support hotplugging"))
        : Optional.empty();
  }

  /** The bus that a device goes to. */
  String busOf(DeviceConfig device) {
    return device.bus().orElse(rootBus);
  }

  /** Whether a bus is PCI Express, and not conventional PCI. */
  boolean isExpress(String bus) {
    return expressBuses.contains(bus);
  }

  /** Frees a device's place. */
  void remove(PciAddress address) {
    occupants.remove(address);
  }

  private void addBus(DeviceConfig device, PciAddress address, Bus parent) {
    String name = device.id().orElseThrow();
    if (PCIE_PORTS.contains(device.driver()) || device.driver().equals(PCIE_EXPANDER)) {
      expressBuses.add(name);
    }
    Above above = new Above(parent, address.slotAndFunction());
    if (PCIE_PORTS.contains(device.driver())) {
      buses.put(name, new Bus(name, above, parent.bypassesIommu, parent.alias, 0));
    } else if (CONVENTIONAL_BRIDGES.contains(device.driver())) {
      PciAddress alias = parent.alias.orElse(address);
      buses.put(name, new Bus(name, above, parent.bypassesIommu, Optional.of(alias), 1));
    } else if (device.driver().equals(PCIE_TO_PCI_BRIDGE)) {
      PciAddress alias = parent.alias.orElse(new PciAddress(name, 0, 0));
      buses.put(name, new Bus(name, above, parent.bypassesIommu, Optional.of(alias), 1));
    } else if (EXPANDERS.contains(device.driver())) {
      boolean bypass =
          isOn(device.setting("bypass_iommu").orElse(null))
              || isOn(device.setting("bypass-iommu").orElse(null));
      String root = ROOT_PATH + busNumber(device) + ":" + address.slotAndFunction();
      buses.put(name, new Bus(name, new Above(null, root), bypass, Optional.empty(), 0));
    }
  }

  /** The number that an expander gives its bus, as in paths. */
  private static String busNumber(DeviceConfig expander) {
    return expander
        .setting("bus_nr")
        .flatMap(text -> SizeText.parse(text, 'B'))
        .map(number -> String.format("%02x", number & 0xff))
        .orElse("00");
  }

  /** Whether a device of this type has a bus of its own. */
  static boolean isBridge(String driver) {
    return PCIE_PORTS.contains(driver)
        || CONVENTIONAL_BRIDGES.contains(driver)
        || EXPANDERS.contains(driver)
        || driver.equals(PCIE_TO_PCI_BRIDGE);
  }

  private Optional<PciAddress> freeSlot(Bus bus) {
    for (int slot = bus.firstSlot; slot < 32; slot++) {
      PciAddress address = new PciAddress(bus.name, slot, 0);
      if (!occupants.containsKey(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  private static boolean isOn(@Nullable String value) {
    return value != null && PropertyType.Bool.parse(value).orElse(false);
  }
}
