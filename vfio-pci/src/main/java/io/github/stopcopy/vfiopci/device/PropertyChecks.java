package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.vfiopci.environment.PciIds;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What realize asks of the properties of a device, each in its place (R-PROP-20 .. R-PROP-27). A
 * function on a PCI bus has no display, as far as host facts can say: those that migrate have none.
 * Mediated devices, which are named by a UUID, may have one (R-OBS-168). Whether a function has VGA
 * is not known: graphics cards that are passed through with x-vga=on do.
 */
final class PropertyChecks {

  /** How a function on a PCI bus is named. */
  private static final Pattern PCI_FUNCTION =
      Pattern.compile("[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]");

  private PropertyChecks() {}

  /** Why QEMU refuses the device before it is in an address space. */
  static Optional<QemuError> beforeAttach(PropertyValues values) {
    if (values.bool("x-balloon-allowed")) {
      return refused("x-balloon-allowed only potentially compatible with mdev devices");
    }
    long vendor = values.number("x-pci-vendor-id");
    if (vendor != PciIds.UNSET && vendor >= 0xffff) {
      return refused("invalid PCI vendor ID provided");
    }
    if (isWrongId(values, "x-pci-device-id")) {
      return refused("invalid PCI device ID provided");
    }
    if (isWrongId(values, "x-pci-sub-vendor-id")) {
      return refused("invalid PCI subsystem vendor ID provided");
    }
    if (isWrongId(values, "x-pci-sub-device-id")) {
      return refused("invalid PCI subsystem device ID provided");
    }
    if (values.bool("ramfb") && values.onOffAuto("display") != OnOffAuto.ON) {
      return refused("ramfb=on requires display=on");
    }
    boolean ramfbMigrates =
        values.has("x-ramfb-migrate") && values.onOffAuto("x-ramfb-migrate") == OnOffAuto.ON;
    return ramfbMigrates && values.onOffAuto("enable-migration") == OnOffAuto.OFF
        ? refused("x-ramfb-migrate requires enable-migration")
        : Optional.empty();
  }

  /** Why QEMU refuses the device once it is attached: it cannot show what it is asked to. */
  static Optional<QemuError> display(String name, PropertyValues values) {
    OnOffAuto display = values.onOffAuto("display");
    if (display == OnOffAuto.ON && isPciFunction(name)) {
      return refused("vfio: device doesn't support any (known) display method");
    }
    boolean shown = display == OnOffAuto.ON || display == OnOffAuto.AUTO && !isPciFunction(name);
    boolean sized = values.number("xres") != 0 || values.number("yres") != 0;
    return sized && !shown
        ? refused("xres and yres properties require display=on")
        : Optional.empty();
  }

  private static boolean isPciFunction(String name) {
    return PCI_FUNCTION.matcher(name).matches();
  }

  private static boolean isWrongId(PropertyValues values, String property) {
    long number = values.number(property);
    return number != PciIds.UNSET && number > 0xffff;
  }

  private static Optional<QemuError> refused(String text) {
    return Optional.of(QemuError.of(text));
  }
}
