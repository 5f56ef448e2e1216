package io.github.stopcopy.migration.spi;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.property.OnOffAuto;
import java.util.Optional;

/** What rules may know of a device. Valid during the call only. */
public interface VfioDeviceView {

  /** The name of the host's device, e.g. {@code 0000:01:00.0}. */
  String name();

  /** The id from the command line. */
  Optional<String> id();

  /** The property {@code enable-migration}. */
  OnOffAuto enableMigration();

  /** The property {@code x-migration-iommu-pt}; off where it does not exist. */
  boolean isIommuPassthrough();

  /** What the kernel says about its migration. */
  HostDevice.MigrationSupport migrationSupport();

  /** Whether it logs its own writes (R-DT-23). */
  boolean hasDmaLogging();

  /** Whether the user turned its own log off. */
  boolean isDeviceDirtyTrackingOff();

  /** Whether its own log of its writes is used: it has one and the user did not turn it off. */
  default boolean usesDeviceDirtyTracking() {
    return hasDmaLogging() && !isDeviceDirtyTrackingOff();
  }

  /** Whether the IOMMU's hardware tracks for it. */
  boolean hasIommuDirtyTracking();

  /** Whether its address space is not the system's own (R-BLK-31). */
  boolean isBehindVirtualIommu();

  /** Whether its container can track dirty pages. */
  boolean containerCanTrack();

  /** The smallest page its container tracks, in bytes. */
  long containerTrackingPageSize();

  /** The greatest bitmap its container fills, in bytes, unsigned. */
  long containerMaxBitmapSize();
}
