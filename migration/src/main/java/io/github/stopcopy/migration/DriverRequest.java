package io.github.stopcopy.migration;

import java.util.Optional;

/**
 * Which kernel driver serves a device, where the facts of the host do not say.
 *
 * @param device the id of the device or the name of the host's device; empty: every device that
 *     nobody named a driver of
 * @param driver the name of the driver, e.g. {@code mlx5_vfio_pci}
 */
public record DriverRequest(Optional<String> device, String driver) {

  /** The driver of every device. */
  public static DriverRequest forAll(String driver) {
    return new DriverRequest(Optional.empty(), driver);
  }
}
