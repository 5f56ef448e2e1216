package io.github.stopcopy.core.property;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The properties that every PCI device inherits. */
public final class PciProperties {

  private static final Pattern SLOT =
      Pattern.compile("(?:0[xX])?[01]?[0-9a-fA-F](?:\\.(?:0[xX])?[0-7])?|-1");

  private static final List<PropertyDefinition> COMMON =
      List.of(
          PropertyDefinition.unset(
              "addr", new PropertyType.Formatted("slot[.function]", SLOT), "place on the bus"),
          PropertyDefinition.text("romfile", "file with the option ROM"),
          PropertyDefinition.unsigned("romsize", 32, 0xffffffffL, "size of the option ROM"),
          PropertyDefinition.unsigned("rombar", 32, 1, "whether the option ROM has a BAR"),
          PropertyDefinition.unsigned("bootindex", 32, 0xffffffffL, "place in the boot order"),
          PropertyDefinition.bool("multifunction", false, "whether the slot has several functions"),
          PropertyDefinition.bool("x-pcie-lnksta-dllla", true, "report an active link"),
          PropertyDefinition.bool("x-pcie-extcap-init", true, "initialise extended capabilities"),
          PropertyDefinition.text("failover_pair_id", "the network device that stands in"),
          PropertyDefinition.unsigned("acpi-index", 32, 0, "number for stable names"));

  private PciProperties() {}

  /** The inherited properties. */
  public static List<PropertyDefinition> common() {
    return COMMON;
  }

  /**
   * Slot and function of an {@code addr} value, as slot*8+function.
   *
   * @return empty if the value leaves the choice to QEMU or names no slot
   */
  public static Optional<Integer> devfn(String addr) {
    if (addr.equals("-1") || !SLOT.matcher(addr).matches()) {
      return Optional.empty();
    }
    int dot = addr.indexOf('.');
    String slot = dot < 0 ? addr : addr.substring(0, dot);
    String digits = slot.startsWith("0x") || slot.startsWith("0X") ? slot.substring(2) : slot;
    int number = Integer.parseInt(digits, 16);
    int function = dot < 0 ? 0 : addr.charAt(addr.length() - 1) - '0';
    return number > 31 ? Optional.empty() : Optional.of(number << 3 | function);
  }
}
