package io.github.stopcopy.qemu.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The devices of a domain that take a PCI address, also those that are not modelled and those that
 * libvirt adds, in the order in which libvirt gives addresses out. Controllers of PCI itself are
 * not among them.
 */
final class PciClients {

  private final XmlElement devices;
  private final boolean express;
  private final List<PciClient> clients = new ArrayList<>();

  /** Slots of the root bus that belong to a device wherever else there is room. */
  private final List<Integer> rootSlots = new ArrayList<>();

  PciClients(XmlElement devices, boolean express) {
    this.devices = devices;
    this.express = express;
    devices.all("filesystem").forEach(this::express);
    devices.all("interface").stream().filter(nic -> !Interfaces.isHostdev(nic)).forEach(this::nic);
    devices.all("sound").forEach(this::sound);
    controllers();
    devices.all("disk").stream().filter(PciClients::isVirtioDisk).forEach(this::express);
    devices.all("interface").stream().filter(Interfaces::isHostdev).forEach(this::express);
    devices.all("hostdev").stream().filter(PciClients::takesPci).forEach(this::express);
    balloon();
    devices.all("rng").forEach(this::express);
    devices.all("watchdog").stream()
        .filter(watchdog -> watchdog.has("model", "i6300esb"))
        .forEach(this::conventional);
    video();
    devices.all("shmem").forEach(this::conventional);
    devices.all("input").stream().filter(e -> e.has("bus", "virtio")).forEach(this::express);
    devices.all("vsock").forEach(this::express);
    devices.all("memory").stream()
        .filter(memory -> memory.attributes().getOrDefault("model", "").startsWith("virtio-"))
        .forEach(this::express);
    devices.all("crypto").forEach(this::express);
    devices.all("iommu").stream()
        .filter(iommu -> iommu.has("model", "virtio"))
        .forEach(iommu -> add(iommu, PciConnect.ROOT_BUS));
  }

  List<PciClient> inOrder() {
    return clients;
  }

  List<Integer> rootSlots() {
    return rootSlots;
  }

  private void add(XmlElement element, PciConnect wanted) {
    clients.add(new PciClient(element, express ? wanted : PciConnect.CONVENTIONAL));
  }

  private void express(XmlElement element) {
    add(element, PciConnect.EXPRESS);
  }

  private void conventional(XmlElement element) {
    add(element, PciConnect.CONVENTIONAL);
  }

  /** A device that libvirt adds. */
  private XmlElement added(String name) {
    return new XmlElement(devices.source(), devices.namespace(), name, devices.line());
  }

  private void rootSlot(XmlElement element, int slot) {
    if (element.first("address").isEmpty()) {
      rootSlots.add(slot);
    }
  }

  private static String model(XmlElement element) {
    return element.first("model").flatMap(model -> model.optional("type")).orElse("");
  }

  /** Whether a virtio device of this model is one of PCI Express. */
  private static boolean isExpressVirtio(String model) {
    return model.startsWith("virtio") && !model.endsWith("-transitional")
        || model.endsWith("-non-transitional");
  }

  private void nic(XmlElement nic) {
    String model = model(nic);
    if (isExpressVirtio(model)
        || model.equals("e1000e")
        || model.equals("igb")
        || nic.has("type", "vdpa")) {
      express(nic);
    } else if (!model.equals("usb-net")) {
      conventional(nic);
    }
  }

  private void sound(XmlElement sound) {
    switch (sound.attributes().getOrDefault("model", "")) {
      case "virtio" -> express(sound);
      case "usb", "sb16", "pcspk" -> {
        // not on PCI
      }
      case "ich9" -> {
        if (express) {
          rootSlot(sound, 0x1b);
        } else {
          conventional(sound);
        }
      }
      default -> conventional(sound);
    }
  }

  private void controllers() {
    boolean usb = false;
    boolean serial = false;
    boolean scsi = false;
    List<XmlElement> all = devices.all("controller");
    for (XmlElement controller : all) {
      usb |= controller.has("type", "usb");
    }
    if (!usb && express) {
      express(added("controller"));
    }
    for (XmlElement controller : all) {
      String model = controller.attributes().getOrDefault("model", "");
      switch (controller.attributes().getOrDefault("type", "")) {
        case "usb" -> usb(controller, model);
        case "virtio-serial" -> {
          serial = true;
          express(controller);
        }
        case "scsi" -> {
          scsi = true;
          if (isExpressVirtio(model)) {
            express(controller);
          } else {
            conventional(controller);
          }
        }
        case "nvme" -> express(controller);
        default -> {
          // PCI itself, SATA and IDE of the machine, and what is not on PCI
        }
      }
    }
    if (!serial && needsSerial()) {
      express(added("controller"));
    }
    if (!scsi && devices.all("disk").stream().anyMatch(disk -> isOn(disk, "scsi"))) {
      conventional(added("controller"));
    }
  }

  private void usb(XmlElement controller, String model) {
    if (model.startsWith("ich9") && express) {
      rootSlot(controller, 0x1d);
    } else if (model.endsWith("xhci") || model.isEmpty() && express) {
      express(controller);
    } else if (!model.isEmpty() && !model.equals("none") && !model.startsWith("piix3")) {
      conventional(controller);
    }
  }

  private boolean needsSerial() {
    for (String kind : List.of("channel", "console")) {
      for (XmlElement port : devices.all(kind)) {
        if (port.first("target").filter(target -> target.has("type", "virtio")).isPresent()) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isOn(XmlElement disk, String bus) {
    return disk.first("target").filter(target -> target.has("bus", bus)).isPresent();
  }

  private static boolean isVirtioDisk(XmlElement disk) {
    Optional<XmlElement> target = disk.first("target");
    return target.isPresent()
        && (target.get().has("bus", "virtio")
            || target.get().optional("bus").isEmpty()
                && target.get().attributes().getOrDefault("dev", "").startsWith("vd"));
  }

  private static boolean takesPci(XmlElement hostdev) {
    return hostdev.has("type", "pci")
        || hostdev.has("type", "mdev")
        || hostdev.has("type", "scsi_host");
  }

  private void balloon() {
    List<XmlElement> balloons = devices.all("memballoon");
    if (balloons.isEmpty()) {
      express(added("memballoon"));
    }
    balloons.stream().filter(balloon -> !balloon.has("model", "none")).forEach(this::express);
  }

  private void video() {
    List<XmlElement> videos = devices.all("video");
    boolean shown = !videos.isEmpty() || !devices.all("graphics").isEmpty();
    if (shown && videos.stream().noneMatch(video -> model(video).equals("none"))) {
      rootSlot(videos.isEmpty() ? added("video") : videos.get(0), express ? 1 : 2);
    }
    videos.stream()
        .skip(1)
        .forEach(video -> {
          if (isExpressVirtio(model(video))) {
            express(video);
          } else {
            conventional(video);
          }
        });
  }
}
