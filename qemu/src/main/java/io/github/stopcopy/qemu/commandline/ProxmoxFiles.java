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
      files
          .computeIfAbsent(column[0], file -> new ArrayList<>())
          .add(column[2] + ",id=" + column[1] + bus + ",addr=" + column[4] + ",multifunction=on");
    }
    return Map.copyOf(files);
  }
}
