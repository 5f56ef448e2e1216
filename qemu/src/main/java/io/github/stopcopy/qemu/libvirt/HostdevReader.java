package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code <hostdev>} and {@code <interface type='hostdev'>}. libvirt counts both as one list,
 * the interfaces first, in which a device without an alias is {@code hostdev} and its number. Of
 * other interfaces only those matter that stay while a device of the host is unplugged for the
 * migration.
 */
final class HostdevReader {

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final XmlElement devices;
  private final PciPlaces places;
  private final List<String> notes;
  private final List<QemuDevice> read = new ArrayList<>();
  private final List<QemuDevice> standbys = new ArrayList<>();
  private final List<String> interfaces = new ArrayList<>();
  private final List<String> possible = new ArrayList<>();
  private final Map<String, String> drivers = new LinkedHashMap<>();
  private boolean iommufd;

  HostdevReader(XmlElement devices, PciPlaces places, List<String> notes) {
    this.devices = devices;
    this.places = places;
    this.notes = notes;
  }

  /** The VFIO devices in the order of libvirt's command line. */
  List<QemuDevice> read() throws InputException {
    int number = 0;
    int nics = 0;
    for (XmlElement element : devices.all("interface")) {
      if (Interfaces.isHostdev(element)) {
        pci(element, "hostdev" + number);
        interfaces.add(Aliases.of(element).orElse("hostdev" + number));
        number++;
        continue;
      }
      if (Interfaces.mayBecomeHostdev(element)) {
        possible.add(element.note(name(element)));
      }
      standby(element, "net" + nics++);
    }
    for (XmlElement element : devices.all("hostdev")) {
      String id = "hostdev" + number++;
      if (!element.attributes().getOrDefault("mode", "subsystem").equals("subsystem")) {
        throw element.wrong(
            "mode='" + element.required("mode") + "' is not modelled, expected subsystem");
      }
      if (element.first("address").filter(a -> a.has("type", "unassigned")).isPresent()) {
        notes.add(
            element.note(
                "A host device of address type 'unassigned' is kept from the host, but not given"
                    + " to the guest, and does not count."));
        continue;
      }
      switch (element.required("type")) {
        case "pci" -> pci(element, id);
        case "mdev" -> mdev(element, id);
        case "usb", "scsi", "scsi_host" -> {
          // none of these is VFIO
        }
        default ->
            throw element.wrong(
                "type='"
                    + element.required("type")
                    + "', expected pci, mdev, usb, scsi or scsi_host");
      }
    }
    return read;
  }

  /** The ids of the devices that are interfaces. */
  List<String> interfaces() {
    return interfaces;
  }

  /** The network devices that stay when their partner is unplugged for a migration. */
  List<QemuDevice> standbys() {
    return standbys;
  }

  /** The interfaces whose network may assign a device of the host, each with its line. */
  List<String> possible() {
    return possible;
  }

  /** The host drivers that the XML names, by the address of the host's device. */
  Map<String, String> drivers() {
    return drivers;
  }

  private static String name(XmlElement nic) {
    String network =
        nic.first("source").flatMap(source -> source.optional("network")).orElse("without a name");
    String mac = nic.first("mac").flatMap(e -> e.optional("address")).orElse("");
    return "network '" + network + "'" + (mac.isEmpty() ? "" : ", MAC address " + mac);
  }

  private void standby(XmlElement nic, String number) throws InputException {
    if (nic.first("teaming").filter(team -> team.has("type", "persistent")).isEmpty()) {
      return;
    }
    String model = nic.first("model").flatMap(e -> e.optional("type")).orElse("");
    if (!model.startsWith("virtio")) {
      throw nic.wrong(
          "model '" + model + "' with <teaming type='persistent'/>, expected a virtio model");
    }
    QemuDevice device =
        QemuDevice.device(
            nic,
            "virtio-net-pci" + model.substring("virtio".length()),
            Aliases.of(nic).orElse(number));
    device.with("failover", true);
    nic.first("mac").flatMap(e -> e.optional("address")).ifPresent(mac -> device.with("mac", mac));
    places.place(device, nic);
    standbys.add(device);
  }

  /** Whether a device wants the object {@code iommufd0}. */
  boolean wantsIommufd() {
    return iommufd;
  }

  private static XmlElement sourceAddress(XmlElement element) throws InputException {
    return Interfaces.assigned(element)
        .orElse(element)
        .first("source", "address")
        .orElseThrow(() -> element.wrong("has no <source> with an <address>, expected one"));
  }

  private void pci(XmlElement element, String number) throws InputException {
    Optional<XmlElement> driver = Interfaces.assigned(element).orElse(element).first("driver");
    if (driver.isPresent()
        && !driver.get().attributes().getOrDefault("name", "vfio").equals("vfio")) {
      throw driver
          .get()
          .wrong("name='" + driver.get().required("name") + "' is not modelled, expected vfio");
    }
    XmlElement address = sourceAddress(element);
    if (!address.attributes().getOrDefault("type", "pci").equals("pci")) {
      notes.add(address.note("A host device that is no PCI device, which is left out."));
      return;
    }
    String host = hostAddress(address);
    driver
        .flatMap(e -> e.optional("model"))
        .filter(model -> !model.isEmpty())
        .ifPresent(model -> drivers.put(host, model.replace('-', '_')));
    boolean ramfb = element.flag("ramfb", "on", "off").orElse(false);
    QemuDevice device =
        device(element, ramfb ? "vfio-pci-nohotplug" : "vfio-pci", number).with("host", host);
    if (ramfb || element.has("display", "on")) {
      display(element, device, ramfb);
    }
    if (driver.isPresent() && driver.get().flag("iommufd", "yes", "no").orElse(false)) {
      iommufd = true;
      device.with("iommufd", "iommufd0");
    }
    finish(element, device);
  }

  private static String hostAddress(XmlElement address) throws InputException {
    int domain = address.numberOr("domain", 0, 0, 0xffff);
    int bus = address.numberOr("bus", 0, 0, 0xff);
    int slot = address.numberOr("slot", 0, 0, 31);
    if (domain == 0 && bus == 0 && slot == 0) {
      throw address.wrong("names no device of the host, expected a bus or a slot above 0");
    }
    return String.format(
        "%04x:%02x:%02x.%x", domain, bus, slot, address.numberOr("function", 0, 0, 7));
  }

  private void mdev(XmlElement element, String number) throws InputException {
    String model = element.attributes().getOrDefault("model", "vfio-pci");
    String uuid = sourceAddress(element).required("uuid");
    if (!UUID.matcher(uuid).matches()) {
      throw sourceAddress(element)
          .wrong("uuid='" + uuid + "', expected 8-4-4-4-12 hexadecimal digits");
    }
    boolean ramfb = element.flag("ramfb", "on", "off").orElse(false);
    QemuDevice device =
        device(element, ramfb && model.equals("vfio-pci") ? "vfio-pci-nohotplug" : model, number)
            .with("sysfsdev", "/sys/bus/mdev/devices/" + uuid);
    if (model.equals("vfio-pci")) {
      display(element, device, ramfb);
      finish(element, device);
    } else {
      read.add(device);
    }
  }

  private QemuDevice device(XmlElement element, String driver, String number) {
    return QemuDevice.device(element, driver, Aliases.of(element).orElse(number));
  }

  private static void display(XmlElement element, QemuDevice device, boolean ramfb)
      throws InputException {
    device.with("display", element.flag("display", "on", "off").orElse(false) ? "on" : "off");
    if (ramfb) {
      device.with("ramfb", true);
    }
  }

  private void finish(XmlElement element, QemuDevice device) throws InputException {
    Optional<XmlElement> teaming = element.first("teaming");
    if (teaming.isPresent()
        && teaming.get().flag("type", "transient", "persistent").orElse(false)) {
      device.with("failover_pair_id", teaming.get().required("persistent"));
    }
    Optional<XmlElement> boot = element.first("boot");
    if (boot.isPresent()) {
      device.with("bootindex", boot.get().number("order", 1, Integer.MAX_VALUE));
    }
    places.place(device, element);
    Optional<XmlElement> acpi = element.first("acpi");
    if (acpi.isPresent() && acpi.get().optional("index").isPresent()) {
      device.with("acpi-index", acpi.get().number("index", 0, 0xffff));
    }
    Optional<XmlElement> rom = element.first("rom");
    if (rom.isPresent()) {
      rom(rom.get(), device);
    }
    read.add(device);
  }

  private static void rom(XmlElement rom, QemuDevice device) throws InputException {
    if (!rom.flag("enabled", "yes", "no").orElse(true)) {
      device.with("romfile", "");
      return;
    }
    Optional<Boolean> bar = rom.flag("bar", "on", "off");
    if (bar.isPresent()) {
      device.with("rombar", bar.get() ? 1 : 0);
    }
    rom.optional("file").ifPresent(file -> device.with("romfile", file));
  }
}
