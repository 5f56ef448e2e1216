package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The devices of a VM as they can be made here: VFIO devices are the stand-in's, and whatever needs
 * something of the host is an inert device in its place. Not thread-safe.
 */
final class ProofDevices {

  /** Devices that need a partner, a display or hardware of the host to start. */
  private static final List<String> NEED_A_PARTNER =
      List.of(
          "vhost-",
          "tpm-",
          "usb-redir",
          "usb-host",
          "usb-ccid",
          "usb-mtp",
          "ccid-",
          "virtio-9p",
          "virtio-crypto",
          "ivshmem-doorbell",
          "virtio-gpu-gl",
          "virtio-vga-gl",
          "virtio-gpu-rutabaga",
          "virtio-vga-rutabaga",
          "virtio-gpu-cl",
          "sgx-",
          "xen-",
          "vfio-user",
          "qxl",
          "u2f-",
          "emulated-ccid",
          "usb-mdev");

  private static final List<String> BACK_ENDS =
      List.of(
          "romfile", "rombar-file", "x-igd-opregion", "vhost", "vhostforce", "iothread-vq-mapping");

  private static final Set<String> REAL_DISKS = Set.of("scsi-block", "scsi-generic");

  /** What sits in the place of a PCI device that cannot be made. */
  private static final String INERT = "virtio-rng-pci";

  private static final Set<String> PLACE = Set.of("driver", "id", "bus", "addr", "multifunction");

  private final BinaryTypes types;
  private final List<String> changes;
  private final Set<String> kept = new HashSet<>();

  /**
   * Devices of one command line.
   *
   * @param types what the QEMU has that is to run it
   * @param changes where it is told what was replaced
   */
  ProofDevices(BinaryTypes types, List<String> changes) {
    this.types = types;
    this.changes = changes;
  }

  /** Whether a device of that id stands as it was, so that it can be set up further. */
  boolean isKept(String id) {
    return kept.contains(id);
  }

  /**
   * A device as it can be made.
   *
   * @param text the value of its option
   * @return the value here; empty: it is left out
   * @throws InputException if it is a VFIO device that does not say which
   */
  Optional<String> rewrite(String text) throws InputException {
    OptionText device = OptionText.parse(text, "driver");
    String driver = device.get("driver").orElse("");
    if (driver.startsWith("vfio-pci")) {
      kept.add(device.get("id").orElse(""));
      return Optional.of(standIn(device).toString());
    }
    boolean isMissing = !types.devices().contains(driver) && !isDecisive(driver);
    if (isMissing || ProofCommandLine.isOneOf(driver, NEED_A_PARTNER)) {
      return inert(device, driver, isMissing);
    }
    if (REAL_DISKS.contains(driver)) {
      device.put("driver", "scsi-hd");
      changes.add(driver + " became scsi-hd");
    }
    device.drop(BACK_ENDS);
    kept.add(device.get("id").orElse(""));
    return Optional.of(device.toString());
  }

  /** What decides the answer is given to QEMU as it is, so that it says what it says to it. */
  private static boolean isDecisive(String driver) {
    return driver.contains("vfio") || driver.contains("iommu");
  }

  private static OptionText standIn(OptionText device) throws InputException {
    Optional<String> host = device.get("sysfsdev").or(() -> device.get("host"));
    if (host.isEmpty() && device.has("fd")) {
      throw InputException.of(
          "a vfio-pci device is given by fd= alone, which does not say what it is, expected host="
              + " or sysfsdev= too");
    }
    device.drop(List.of("fd", "vf-token", "display", "ramfb", "romfile"));
    if (host.isPresent()) {
      String key = device.has("sysfsdev") ? "sysfsdev" : "host";
      String path = Scene.FOLDER + "/sys/" + Scene.deviceName(host.get());
      if (key.equals("host")) {
        device.rename("host", "sysfsdev");
      }
      device.put("sysfsdev", path);
    }
    return device;
  }

  private Optional<String> inert(OptionText device, String driver, boolean isMissing) {
    String why = isMissing ? ", which this QEMU has not, " : ", which needs the host, ";
    String named = device.get("id").map(id -> driver + " (" + id + ")").orElse(driver);
    boolean isPci =
        types.pciDevices().contains(driver)
            || device.has("addr")
            || driver.endsWith("-pci")
            || driver.startsWith("qxl");
    if (!isPci) {
      changes.add(named + why + "was left out");
      return Optional.empty();
    }
    changes.add(named + why + "became " + INERT + " in its place");
    device.keep(PLACE);
    device.put("driver", INERT);
    return Optional.of(device.toString());
  }
}
