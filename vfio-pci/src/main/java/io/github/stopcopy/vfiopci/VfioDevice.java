package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An assigned device of a VM that is played. Used on the model's thread; not to be implemented. */
public interface VfioDevice {

  /** Whether a device is VFIO's, by the name of its type. */
  static boolean isVfio(DeviceConfig device) {
    return device.driver().startsWith("vfio");
  }

  /**
   * The name under which VFIO knows a device, read off its settings before anybody has checked
   * them; empty if they name no device. Host facts are by this name.
   */
  static Optional<String> nameOf(DeviceConfig device) {
    return nameOf(device.setting("sysfsdev"), device.setting("host"));
  }

  /**
   * The last component of {@code sysfsdev}, else the whole host address.
   *
   * @param sysfsdev the path of the device in sysfs
   * @param host its address, the domain and leading zeros of which may be left out
   */
  static Optional<String> nameOf(Optional<String> sysfsdev, Optional<String> host) {
    if (sysfsdev.isPresent()) {
      return Optional.of(lastComponent(sysfsdev.get()));
    }
    return host.map(VfioDevice::wholeAddress);
  }

  /** No pattern for the slashes at the end: one would begin anew at each slash of the text. */
  private static String lastComponent(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }

  /** Writes domain, bus and slot with all their digits; other text is left as it is. */
  private static String wholeAddress(String address) {
    if (isWhole(address)) {
      return address; // asked often
    }
    String[] parts = address.toLowerCase(Locale.ROOT).split("[:.]");
    int bus = parts.length - 3;
    if (bus != 0 && bus != 1) {
      return address;
    }
    return filled(bus == 0 ? "0" : parts[0], 4)
        + ':'
        + filled(parts[bus], 2)
        + ':'
        + filled(parts[bus + 1], 2)
        + '.'
        + parts[bus + 2].replace(' ', '0');
  }

  /** Whether it is {@code 0000:00:00.0} with any hexadecimal digits in lower case. */
  private static boolean isWhole(String address) {
    if (address.length() != 12) {
      return false;
    }
    for (int i = 0; i < 12; i++) {
      char c = address.charAt(i);
      boolean fits =
          switch (i) {
            case 4, 7 -> c == ':';
            case 10 -> c == '.';
            default -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /** With zeros in front, and for blanks as well, which no address has. */
  private static String filled(String digits, int length) {
    return ("0".repeat(Math.max(0, length - digits.length())) + digits).replace(' ', '0');
  }

  /** The name of the host's device, e.g. {@code 0000:01:00.0}. */
  String name();

  /** The id from the command line. */
  Optional<String> id();

  /** PCI vendor and device as the guest sees them, e.g. {@code 15b3:101e}; empty if nobody says. */
  Optional<String> pciId();

  /** Its container. */
  VfioContainer container();

  /** Whether the host facts describe its BARs. */
  boolean areBarsDescribed();

  /** Whether the host maps a BAR of it, so that it is memory in the guest. */
  boolean hasMappedBars();

  /**
   * The device writes, as devices do unasked. It logs what it is asked to, and its IOMMU what it
   * can.
   *
   * @param written I/O virtual addresses, ends inclusive
   * @return the RAM addresses that were written: what is mapped for the device and not read-only
   * @throws IllegalStateException if it is stopped, for a migration
   */
  List<AddressRange> dmaWrite(AddressRange written);
}
