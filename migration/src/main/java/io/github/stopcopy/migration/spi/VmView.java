package io.github.stopcopy.migration.spi;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.VfioPolicy;
import java.util.List;

/** What rules may know of a VM. Valid during the call only. */
public interface VmView {

  /** The release. */
  QemuProfile profile();

  /** RAM in bytes, without DIMMs. */
  long ramSize();

  /** The devices that can take part in a migration, the one that is being realized included. */
  List<VfioDeviceView> migratableDevices();

  /** How many {@link #migratableDevices} there are, without a look at each. */
  default int migratableDeviceCount() {
    return migratableDevices().size();
  }

  /** Those of {@link #migratableDevices} that cannot stop talking to each other. */
  default List<VfioDeviceView> migratableDevicesWithoutP2p() {
    return migratableDevices().stream().filter(device -> !device.migrationSupport().p2p()).toList();
  }

  /** Where the model departs from QEMU on request. */
  VfioPolicy policy();

  /** Whether every device has {@code x-migration-iommu-pt} on (R-BLK-30). */
  boolean allIommuPassthrough();
}
