package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.Optional;

/**
 * A device of a command line that QEMU is not known to have, or that decides about migration and is
 * not modelled. A plugin may know it all the same.
 *
 * @param driver the device type as written
 * @param isDecisive whether it is a VFIO device or a vIOMMU by its name, so that no answer without
 *     it can be right
 * @param source the file it stands in
 * @param line the line, counted from 1; 0 if the input has none
 * @param problem what is wrong and what was expected, without source and line
 */
public record UnknownDevice(
    String driver, boolean isDecisive, String source, int line, String problem) {

  /** VFIO devices that QEMU has and that nobody here models. */
  private static final String VFIO_USER = "vfio-user-pci";

  /** Whether QEMU has a device of this name, so that it is none of a plugin's own. */
  public static boolean isOfQemu(String driver) {
    return DeviceNames.isKnown(driver);
  }

  static Optional<UnknownDevice> of(DeviceConfig device, Word word) {
    String driver = device.driver();
    if (driver.equals(VFIO_USER)) {
      return Optional.of(
          new UnknownDevice(
              driver,
              true,
              word.source(),
              word.line(),
              "-device: "
                  + driver
                  + " is served by another process and is not modelled, expected vfio-pci"));
    }
    if (DeviceNames.isKnown(driver)) {
      return Optional.empty();
    }
    return Optional.of(
        new UnknownDevice(
            driver,
            DeviceNames.isDecisive(device),
            word.source(),
            word.line(),
            "-device: " + problem(driver)));
  }

  /** That QEMU has no such device, and which was meant as far as that can be guessed. */
  static String problem(String driver) {
    String nearest = DeviceNames.nearest(driver);
    return "QEMU has no device "
        + Quote.of(driver)
        + (nearest.equals(driver) ? "" : ", expected " + nearest + " if that is meant");
  }

  /** The error that it is, where no plugin knows it. */
  public InputException toException() {
    return InputException.at(source, line, problem);
  }

  @Override
  public String toString() {
    return toException().getMessage();
  }
}
