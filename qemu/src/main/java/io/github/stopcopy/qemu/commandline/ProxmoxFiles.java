package io.github.stopcopy.qemu.commandline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands in the files that Proxmox VE gives to {@code -readconfig}; they are public. */
final class ProxmoxFiles {

  private ProxmoxFiles() {}

  /** The values of {@code -device}, by the name of the file. */
  static Map<String, List<String>> read() {
    Map<String, List<String>> files = new LinkedHashMap<>();
    for (String line : ResourceLines.of("proxmox-readconfig.tsv")) {
      String[] column = line.split("\t");
      String bus = column[3].equals("-") ? "" : ",bus=" + column[3];
      List<String> devices = files.computeIfAbsent(column[0], file -> new ArrayList<>());
      devices.add(
          column[2]
              + ",id="
              + column[1]
              + bus
              + ",addr="
              + column[4]
              + ",multifunction=on"
              + numbers(column[2], devices));
    }
    return Map.copyOf(files);
  }

  /** Ports and bridges are numbered from 1, each kind by itself. */
  private static String numbers(String driver, List<String> before) {
    long number = 1 + before.stream().filter(device -> device.startsWith(driver + ",")).count();
    return switch (driver) {
      case "ioh3420", "pcie-root-port" -> ",port=" + number + ",chassis=" + number;
      case "pci-bridge" -> ",chassis_nr=" + number;
      default -> "";
    };
  }
}
