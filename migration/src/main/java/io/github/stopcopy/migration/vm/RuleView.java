package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.ArrayList;
import java.util.List;

/**
 * A VM as rules see it: live, and apart from the VM itself, so that no rule can change anything.
 */
final class RuleView implements VmView {

  private final QemuProfile profile;
  private final long ramSize;
  private final VfioSubsystem vfio;
  private final OutgoingMigration migration;

  RuleView(QemuProfile profile, long ramSize, VfioSubsystem vfio, OutgoingMigration migration) {
    this.profile = profile;
    this.ramSize = ramSize;
    this.vfio = vfio;
    this.migration = migration;
  }

  @Override
  public QemuProfile profile() {
    return profile;
  }

  @Override
  public VfioPolicy policy() {
    return vfio.policy();
  }

  @Override
  public long ramSize() {
    return ramSize;
  }

  @Override
  public List<VfioDeviceView> migratableDevices() {
    return views(migration.handlers());
  }

  @Override
  public int migratableDeviceCount() {
    return migration.handlers().size();
  }

  @Override
  public List<VfioDeviceView> migratableDevicesWithoutP2p() {
    return views(migration.handlersWithoutP2p());
  }

  private static List<VfioDeviceView> views(List<VfioPciDevice> devices) {
    List<VfioDeviceView> views = new ArrayList<>(devices.size());
    devices.forEach(device -> views.add(new DeviceView(device)));
    return views;
  }

  @Override
  public boolean allIommuPassthrough() {
    return vfio.allIommuPassthrough();
  }
}
