package io.github.stopcopy.migration.spi;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;

/** What rules may know of a VM. Valid during the call only. */
public interface VmView {

  /** The release. */
  QemuProfile profile();

  /** RAM in bytes, without DIMMs. */
  long ramSize();

  /** The devices that can take part in a migration, the one that is being realized included. */
  List<VfioDeviceView> migratableDevices();

  /** Whether every device has {@code x-migration-iommu-pt} on (R-BLK-30). */
  boolean allIommuPassthrough();
}
