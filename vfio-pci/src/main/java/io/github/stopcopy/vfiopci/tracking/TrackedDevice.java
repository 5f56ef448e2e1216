package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.List;
import java.util.Optional;

/** What tracking asks about a device of a container. */
public interface TrackedDevice {

  /** The name of the host's device. */
  String name();

  /** Its log of its own writes. */
  DeviceLog log();

  /** Whether its own log is used: it has one, and the user did not turn it off (R-DT-20). */
  boolean usesDeviceDirtyTracking();

  /** Whether dirty pages are collected while the device runs. */
  boolean collectsWhileRunning();

  /** Whether it may pass the vIOMMU while it migrates (R-BLK-30). */
  boolean isIommuPassthrough();

  /** The state QEMU believes it to be in; empty if it has no part in migrations. */
  Optional<VfioDeviceState> migrationState();

  /** The BARs that the host maps, so that they are memory in the guest. */
  List<HostDevice.Bar> mappedBars();
}
