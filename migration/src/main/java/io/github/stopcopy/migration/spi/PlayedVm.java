package io.github.stopcopy.migration.spi;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.IovaLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What rules may know of a VM that was played. Valid during the call only. */
public interface PlayedVm extends VmView {

  /** The VM as it is described. */
  VmConfig config();

  /** The host, with what is assumed of it. */
  HostFacts host();

  /** Whether QEMU started it, and did not end since. */
  boolean isRunning();

  /** The VFIO devices of the description and of later steps, in that order. */
  List<DeviceConfig> vfioConfigs();

  /** The VFIO devices that were realized, in that order; fewer if QEMU did not start. */
  List<VfioDeviceView> devices();

  /** The names of those that are not behind the vIOMMU only because QEMU made them before it. */
  List<String> devicesBeforeVirtualIommu();

  /**
   * The names of the assigned devices for which a standby was named that is none, each with that
   * name, in the order in which they were realized (R-OBS-143).
   */
  Map<String, String> primariesWithoutStandby();

  /** The vIOMMU as it is described; empty without one. */
  Optional<DeviceConfig> virtualIommuConfig();

  /** How far the vIOMMU could translate; empty without one, or if QEMU did not start. */
  Optional<IovaLimits> virtualIommuLimits();

  /**
   * The last guest physical address of RAM and of BARs whose addresses are known, inclusive and
   * unsigned; empty if QEMU did not start.
   */
  OptionalLong lastAddress();

  /** What a device is given for a property, by itself or by {@code -global}; the last counts. */
  Optional<String> setting(DeviceConfig device, String property);

  /**
   * The releases that have a property of a device's type, oldest first; none if nobody here knows
   * the type or the property.
   */
  List<QemuProfile> releasesWith(DeviceConfig device, String property);

  /** The codes of the reasons that the answer gives for a device, by its name. */
  List<String> reasonCodes(String device);
}
