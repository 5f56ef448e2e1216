package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a QEMU can make, by its own lists. Immutable.
 *
 * @param machines the machine types, with their aliases
 * @param devices the device types, with their aliases
 * @param pciDevices those of them that sit on a PCI bus
 * @param processors the CPU models
 */
record BinaryTypes(
    Set<String> machines, Set<String> devices, Set<String> pciDevices, Set<String> processors) {

  private static final Pattern FIRST_WORD = Pattern.compile("(?m)^ *(\\S+)");
  private static final Pattern DEVICE =
      Pattern.compile("(?m)^name \"([^\"]+)\"(?:, bus ([^,\n]+))?(?:, alias \"([^\"]+)\")?");

  /** Copies the sets. */
  BinaryTypes {
    machines = Set.copyOf(machines);
    devices = Set.copyOf(devices);
    pciDevices = Set.copyOf(pciDevices);
    processors = Set.copyOf(processors);
  }

  /** Asks a QEMU for its lists. */
  static BinaryTypes of(QemuBinary binary, StandinSession session) throws InputException {
    Set<String> devices = new HashSet<>();
    Set<String> pciDevices = new HashSet<>();
    Matcher device = DEVICE.matcher(binary.ask(session, "-device", "help"));
    while (device.find()) {
      for (int group : new int[] {1, 3}) {
        if (device.group(group) != null) {
          devices.add(device.group(group));
          if ("PCI".equals(device.group(2))) {
            pciDevices.add(device.group(group));
          }
        }
      }
    }
    return new BinaryTypes(
        firstWords(binary.ask(session, "-machine", "help")),
        devices,
        pciDevices,
        firstWords(binary.ask(session, "-cpu", "help")));
  }

  private static Set<String> firstWords(String list) {
    Set<String> words = new HashSet<>();
    Matcher word = FIRST_WORD.matcher(list);
    while (word.find()) {
      words.add(word.group(1));
    }
    return words;
  }
}
