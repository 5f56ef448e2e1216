package io.github.stopcopy.core.property;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The properties that every PCI device inherits. */
public final class PciProperties {

  private static final Pattern SLOT =
      Pattern.compile("(?:0[xX])?[01]?[0-9a-fA-F](?:\\.(?:0[xX])?[0-7])?|-1");

  /** Those of every device, whatever kind of function it is. */
  private static final List<PropertyDefinition> COMMON =
      List.of(
          PropertyDefinition.unset(
              "addr", new PropertyType.Formatted("slot[.function]", SLOT), "place on the bus"),
          PropertyDefinition.text("romfile", "file with the option ROM"),
          PropertyDefinition.unsigned("romsize", 32, 0xffffffffL, "size of the option ROM"),
          PropertyDefinition.unsigned("rombar", 32, 1, "whether the option ROM has a BAR")
              .until(V9_2),
          PropertyDefinition.signed("rombar", 32, -1, "whether the option ROM has a BAR")
              .since(V10_0),
          PropertyDefinition.bool("multifunction", false, "whether the slot has several functions"),
          PropertyDefinition.bool("x-pcie-lnksta-dllla", true, "report an active link"),
          PropertyDefinition.bool("x-pcie-extcap-init", true, "initialise extended capabilities")
              .until(V11_0),
          PropertyDefinition.text("failover_pair_id", "the network device that stands in"),
          PropertyDefinition.unsigned("acpi-index", 32, 0, "number for stable names"),
          PropertyDefinition.bool("x-pcie-err-unc-mask", true, "mask uncorrectable errors"),
          PropertyDefinition.bool("x-pcie-ari-nextfn-1", false, "next function number is 1"),
          PropertyDefinition.size("x-max-bounce-buffer-size", 4096, "most bytes of bounce buffers")
              .since(V9_2),
          PropertyDefinition.bool("x-pcie-ext-tag", true, "offer extended tags").since(V9_2),
          PropertyDefinition.text("sriov-pf", "the physical function it belongs to").since(V10_1),
          PropertyDefinition.readOnly("busnr", "busnr", "number of its bus"));

  /** Of what firmware may boot from. */
  public static final PropertyDefinition BOOTINDEX =
      PropertyDefinition.unset("bootindex", new PropertyType.Signed(32), "place in the boot order");

  private PciProperties() {}

  /** The inherited properties of all releases. */
  public static List<PropertyDefinition> common() {
    return COMMON;
  }

  /**
   * Slot and function of an {@code addr} value, as slot*8+function.
   *
   * @return empty if the value leaves the choice to QEMU or names no slot
   */
  public static Optional<Integer> devfn(String addr) {
    if (addr.equals("-1") || !isPlain(addr) && !SLOT.matcher(addr).matches()) {
      return Optional.empty();
    }
    int dot = addr.indexOf('.');
    String slot = dot < 0 ? addr : addr.substring(0, dot);
    String digits = slot.startsWith("0x") || slot.startsWith("0X") ? slot.substring(2) : slot;
    int number = Integer.parseInt(digits, 16);
    int function = dot < 0 ? 0 : addr.charAt(addr.length() - 1) - '0';
    return number > 31 ? Optional.empty() : Optional.of(number << 3 | function);
  }

  /** Whether it is written as most do, with both digits of the slot and that of the function. */
  private static boolean isPlain(String addr) {
    return addr.length() == 4
        && (addr.charAt(0) == '0' || addr.charAt(0) == '1')
        && addr.charAt(1) < 'g'
        && Character.digit(addr.charAt(1), 16) >= 0
        && addr.charAt(2) == '.'
        && addr.charAt(3) >= '0'
        && addr.charAt(3) <= '7';
  }
}
