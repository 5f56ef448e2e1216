package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.Optional;

/** A device as rules see it. */
record DeviceView(VfioPciDevice device) implements VfioDeviceView {

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public Optional<String> id() {
    return device.id();
  }

  @Override
  public OnOffAuto enableMigration() {
    return device.enableMigration();
  }

  @Override
  public boolean isIommuPassthrough() {
    return device.isIommuPassthrough();
  }

  @Override
  public HostDevice.MigrationSupport migrationSupport() {
    return device.migrationSupport();
  }

  @Override
  public boolean hasDmaLogging() {
    return device.hasDmaLogging();
  }

  @Override
  public boolean isDeviceDirtyTrackingOff() {
    return device.isDeviceDirtyTrackingOff();
  }

  @Override
  public boolean hasIommuDirtyTracking() {
    return device.hasIommuDirtyTracking();
  }

  @Override
  public boolean isBehindVirtualIommu() {
    return device.container().isBehindVirtualIommu();
  }

  @Override
  public boolean containerCanTrack() {
    return device.container().canTrackDirtyPages();
  }

  @Override
  public long containerTrackingPageSize() {
    return Long.lowestOneBit(device.hostContainer().dirtyPageSizes());
  }

  @Override
  public long containerMaxBitmapSize() {
    return device.hostContainer().maxDirtyBitmapSize();
  }
}
