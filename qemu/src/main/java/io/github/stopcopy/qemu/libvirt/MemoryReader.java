package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads how much memory there is and the {@code <memory>} devices. */
final class MemoryReader {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final int MOST_SLOTS = 256;

  private final XmlElement domain;
  private final XmlElement devices;
  private final PciPlaces places;
  private final List<String> notes;

  MemoryReader(XmlElement domain, XmlElement devices, PciPlaces places, List<String> notes) {
    this.domain = domain;
    this.devices = devices;
    this.places = places;
    this.notes = notes;
  }

  /** The value of {@code -m}: RAM without devices, as libvirt rounds it to MiB. */
  void size(Arguments arguments) throws InputException {
    Optional<XmlElement> memory = domain.first("memory");
    String value = "size=" + ram(memory) / KIB + "k";
    Optional<XmlElement> most = domain.first("maxMemory");
    if (most.isPresent()) {
      int slots =
          most.get().optional("slots").isPresent() ? most.get().number("slots", 0, MOST_SLOTS) : 0;
      value += ",slots=" + slots + ",maxmem=" + U64.alignUp(most.get().bytes(), KIB) / KIB + "k";
    }
    arguments.add("-m", value, memory.orElse(domain).line());
  }

  /** The RAM that the NUMA cells have; without cells, what is left of all memory. */
  private long ram(Optional<XmlElement> total) throws InputException {
    List<XmlElement> cells =
        domain.first("cpu", "numa").map(numa -> numa.all("cell")).orElse(List.of());
    XmlElement memory =
        total.isPresent() || cells.isEmpty()
            ? total.orElseThrow(
                () -> domain.wrong("has no <memory> and no <cell> of <numa>, expected one of them"))
            : cells.get(0);
    long ram = 0;
    for (XmlElement cell : cells) {
      XmlElement size = new XmlElement(cell.source(), cell.namespace(), "cell", cell.line());
      cell.optional("unit").ifPresent(unit -> size.attribute("unit", unit));
      size.text(cell.required("memory"));
      if (!cell.has("memory", "0")) {
        ram = U64.addSaturated(ram, U64.alignUp(size.bytes(), MIB));
      }
    }
    if (!cells.isEmpty()) {
      return positive(memory, ram);
    }
    ram = memory.bytes();
    for (XmlElement device : devices.all("memory")) {
      ram -= Math.min(ram, targetSize(device));
    }
    return U64.alignUp(positive(memory, ram), MIB);
  }

  private static long positive(XmlElement memory, long ram) throws InputException {
    if (ram <= 0 || ram > 1L << 61) {
      throw memory.wrong("makes " + Long.toUnsignedString(ram) + " bytes of RAM, expected some");
    }
    return ram;
  }

  private static long targetSize(XmlElement device) throws InputException {
    XmlElement size =
        device
            .first("target", "size")
            .orElseThrow(() -> device.wrong("has no <target> with a <size>, expected one"));
    return U64.alignUp(size.bytes(), MIB);
  }

  /** The memory devices and the objects behind them. */
  void devices(Arguments arguments, Overrides overrides) throws InputException {
    Set<Integer> slots = new HashSet<>();
    for (XmlElement device : devices.all("memory")) {
      Optional<XmlElement> slot = slot(device);
      if (slot.isPresent()) {
        slots.add(slot.get().number("slot", 0, MOST_SLOTS - 1));
      }
    }
    Map<String, Integer> counts = new HashMap<>();
    for (XmlElement device : devices.all("memory")) {
      String model = device.required("model");
      String driver =
          switch (model) {
            case "dimm" -> "pc-dimm";
            case "nvdimm" -> "nvdimm";
            case "virtio-pmem" -> "virtio-pmem-pci";
            case "virtio-mem" -> "virtio-mem-pci";
            default -> "";
          };
      if (driver.isEmpty()) {
        notes.add(device.note("Memory of model '" + model + "' is not understood and left out."));
        continue;
      }
      if (model.startsWith("virtio")) {
        String id = model.replace("-", "") + (counts.merge(model, 1, Integer::sum) - 1);
        virtio(device, driver, id, arguments, overrides);
      } else {
        dimm(device, driver, model, slots, arguments, overrides);
      }
    }
  }

  private static Optional<XmlElement> slot(XmlElement device) {
    return device
        .first("address")
        .filter(address -> address.has("type", "dimm") && address.optional("slot").isPresent());
  }

  private void dimm(
      XmlElement element,
      String driver,
      String model,
      Set<Integer> slots,
      Arguments arguments,
      Overrides overrides)
      throws InputException {
    Optional<XmlElement> given = slot(element);
    int slot = 0;
    if (given.isPresent()) {
      slot = given.get().number("slot", 0, MOST_SLOTS - 1);
    } else {
      while (!slots.add(slot)) {
        slot++;
      }
    }
    QemuDevice device =
        backed(element, driver, Aliases.of(element).orElse(model + slot), arguments)
            .with("slot", slot);
    Optional<XmlElement> address = element.first("address");
    if (address.isPresent() && address.get().optional("base").isPresent()) {
      device.with("addr", new BigInteger(Long.toUnsignedString(address.get().address("base"))));
    }
    arguments.device(overrides.apply(device));
  }

  private void virtio(
      XmlElement element, String driver, String id, Arguments arguments, Overrides overrides)
      throws InputException {
    QemuDevice device = backed(element, driver, Aliases.of(element).orElse(id), arguments);
    Optional<XmlElement> block = element.first("target", "block");
    if (block.isPresent()) {
      device.with("block-size", block.get().bytes());
    }
    Optional<XmlElement> requested = element.first("target", "requested");
    if (requested.isPresent() && !requested.get().text().equals("0")) {
      device.with("requested-size", requested.get().bytes());
    }
    Optional<XmlElement> base = element.first("target", "address");
    if (base.isPresent() && base.get().optional("base").isPresent()) {
      device.with("memaddr", new BigInteger(Long.toUnsignedString(base.get().address("base"))));
    }
    places.place(device, element);
    arguments.device(overrides.apply(device));
  }

  private static QemuDevice backed(
      XmlElement element, String driver, String id, Arguments arguments) throws InputException {
    String backend = "mem" + id;
    arguments.object(
        QemuDevice.object(element, "memory-backend-ram", backend)
            .with("size", targetSize(element)));
    return QemuDevice.device(element, driver, id).with("memdev", backend);
  }
}
