package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The names of the devices that QEMU has, to tell them from typing errors. */
final class DeviceNames {

  /** The devices that decide whether a VM can be migrated; no other may be mistaken for one. */
  private static final List<String> DECISIVE =
      List.of(
          "vfio-pci",
          "vfio-pci-nohotplug",
          "intel-iommu",
          "amd-iommu",
          "virtio-iommu",
          "virtio-iommu-pci");

  private static final List<String> IN_DECISIVE_NAMES = List.of("vfio", "iommu", "smmu");

  /** Properties that no other device has; {@code host} of others is no PCI address. */
  private static final Set<String> DECISIVE_PROPERTIES =
      Set.of(
          "sysfsdev",
          "iommufd",
          "enable-migration",
          "failover_pair_id",
          "caching-mode",
          "intremap",
          "aw-bits",
          "dma-translation",
          "dma-remap",
          "boot-bypass");

  private static final Pattern HOST_ADDRESS =
      Pattern.compile("([0-9a-fA-F]{1,4}:)?[0-9a-fA-F]{1,2}:[0-9a-fA-F]{1,2}\\.[0-7]");

  private static final int LONGEST_TYPING_ERROR = 40;
  private static final int MOST_WRONG_LETTERS = 2;

  private static final Set<String> ALL = Set.copyOf(ResourceLines.of("devices.txt"));

  private DeviceNames() {}

  /** Whether QEMU has a device of this name. */
  static boolean isKnown(String name) {
    return ALL.contains(name);
  }

  /** Whether the name is one of a VFIO device or a vIOMMU as QEMU or a plugin would call it. */
  static boolean isDecisive(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return IN_DECISIVE_NAMES.stream().anyMatch(lower::contains);
  }

  /** Whether a device has a setting that only a VFIO device or a vIOMMU has. */
  static boolean isDecisive(DeviceConfig device) {
    for (PropertySetting setting : device.settings()) {
      boolean host = setting.name().equals("host");
      if (DECISIVE_PROPERTIES.contains(setting.name())
          || host && HOST_ADDRESS.matcher(setting.value().asText().text()).matches()) {
        return true;
      }
    }
    return isDecisive(device.driver());
  }

  /** Whether the name is one of those but for a typing error. */
  static boolean isMistyped(String name) {
    return !isDecisive(name) && !isKnown(name) && !nearest(name).equals(name);
  }

  /** The device that was meant, as far as it can be guessed; the name itself if it cannot. */
  static String nearest(String name) {
    return nearest(name, DECISIVE);
  }

  /** That of the names which was meant, as far as it can be guessed; else the name itself. */
  static String nearest(String name, List<String> names) {
    String lower = name.toLowerCase(Locale.ROOT);
    String best = name;
    int least = MOST_WRONG_LETTERS + 1;
    if (name.length() <= LONGEST_TYPING_ERROR) {
      for (String other : names) {
        int differences = differences(lower, other);
        if (differences < least) {
          least = differences;
          best = other;
        }
      }
    }
    return best;
  }

  /** How many letters must be put in, left out or changed to make one name of the other. */
  private static int differences(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
