package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.Collection;
import java.util.Optional;

/**
 * The numbers of PCI controllers, without which a QEMU does not start them: each slot that can be
 * named to a guest has a chassis of its own, each root bus of an expander its number. Those that
 * the domain leaves out are the ones that libvirt gives. Not thread-safe.
 */
final class ControllerNumbers {

  private static final int MOST_BUS = 255;

  /** Expanders without a number lie below all others, two apart: room for a port each. */
  private static final int BUSES_EACH = 2;

  private int lowestBus = MOST_BUS + 1;

  /**
   * The numbers of one domain's controllers.
   *
   * @throws InputException if the number of a bus is none
   */
  ControllerNumbers(Collection<XmlElement> controllers) throws InputException {
    for (XmlElement controller : controllers) {
      Optional<XmlElement> target = busTarget(controller);
      if (target.isPresent()) {
        lowestBus = Math.min(lowestBus, target.get().numberOr("busNr", 0, 0, MOST_BUS));
      }
    }
  }

  private static Optional<XmlElement> busTarget(XmlElement controller) {
    return controller.first("target").filter(target -> target.optional("busNr").isPresent());
  }

  /** Gives a controller its number, if its kind has one. */
  void number(QemuDevice device, String driver, int index, XmlElement controller)
      throws InputException {
    switch (driver) {
      case "pcie-root-port", "ioh3420", "xio3130-downstream" ->
          device.with("chassis", chassis(controller, "chassis", index));
      case "pci-bridge" -> device.with("chassis_nr", chassis(controller, "chassisNr", index));
      case "pxb-pcie", "pxb" -> {
        Optional<XmlElement> target = busTarget(controller);
        if (target.isPresent()) {
          device.with("bus_nr", target.get().numberOr("busNr", 0, 0, MOST_BUS));
        } else if (lowestBus > BUSES_EACH) {
          lowestBus -= BUSES_EACH;
          device.with("bus_nr", lowestBus);
        }
      }
      default -> {
        // others have no number
      }
    }
  }

  private static int chassis(XmlElement controller, String name, int index) {
    String given = controller.first("target").flatMap(e -> e.optional(name)).orElse("");
    return given.matches("[0-9]{1,4}") ? Integer.parseInt(given) : index;
  }
}
