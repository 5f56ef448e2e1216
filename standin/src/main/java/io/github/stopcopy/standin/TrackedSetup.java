package io.github.stopcopy.standin;

import java.util.List;

/**
 * The VM of a tracked migration.
 *
 * @param devices the names of its VFIO devices
 * @param iommufd whether they are opened through iommufd, else through a type1 container
 * @param ramBelow4g MiB below 4 GiB
 * @param ramAbove4g MiB from 4 GiB on
 */
record TrackedSetup(List<String> devices, boolean iommufd, int ramBelow4g, int ramAbove4g) {

  /**
   * The state of each device. It does not fit into a pause of a millisecond, and so QEMU goes on
   * looking for dirty pages until it may pause for long.
   */
  static final long STOP_COPY_BYTES = 16 << 20;

  TrackedSetup {
    devices = List.copyOf(devices);
  }
}
