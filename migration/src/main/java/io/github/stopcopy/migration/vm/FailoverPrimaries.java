package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The assigned devices that fail over: whether they can, and where they are (R-OBS-115). */
final class FailoverPrimaries {

  private final FailoverPairs failover;
  private final PciTopology topology;

  FailoverPrimaries(FailoverPairs failover, PciTopology topology) {
    this.failover = failover;
    this.topology = topology;
  }

  /**
   * Keeps a failover primary back until the guest asks for it; it needs a bus to be plugged into.
   */
  Optional<DeviceFinding> hide(DeviceConfig device) {
    Optional<QemuError> refused = topology.refusesBus(device);
    if (refused.isEmpty()) {
      refused = failover.hide(device);
    }
    if (refused.isEmpty()) {
      refused = topology.refusesPlug(topology.busOf(device));
    }
    return refused.map(error -> refused(device.id(), error));
  }

  /** Why a device cannot fail over, with or without a standby; asked last. */
  Optional<DeviceFinding> refuse(VfioPciDevice device) {
    if (device.failoverStandby().isEmpty()) {
      return Optional.empty();
    }
    String text;
    if (!topology.isExpress(device.address().bus())) {
      text = "failover primary device must be on PCIExpress bus";
    } else if (device.isKnownNotToBeEthernet()) {
      text = "failover primary device is not an Ethernet device";
    } else if (device.values().bool("multifunction")) {
      text = "failover: primary device must be in its own PCI slot";
    } else {
      return Optional.empty();
    }
    return Optional.of(refused(Optional.of(device.name()), QemuError.of(text)));
  }

  private static DeviceFinding refused(Optional<String> device, QemuError error) {
    return DeviceFinding.of(Cause.FAILOVER_PRIMARY_REFUSED, device, error);
  }

  /** Those among the realized devices, then those that the guest has not asked for. */
  List<FailoverPrimary> of(List<VfioPciDevice> realized) {
    List<FailoverPrimary> all = new ArrayList<>();
    for (int i = 0; i < realized.size(); i++) {
      VfioPciDevice device = realized.get(i);
      if (device.failoverStandby().isPresent()) {
        String standby = device.failoverStandby().get();
        all.add(
            new FailoverPrimary(
                device.name(), standby, failover.isStandby(standby), /* hidden= */ false));
      }
    }
    for (DeviceConfig device : failover.hidden()) {
      String name = VfioDevice.nameOf(device).orElseGet(() -> device.id().orElseThrow());
      String standby = FailoverPairs.standbyOf(device).orElseThrow();
      all.add(new FailoverPrimary(name, standby, /* paired= */ true, /* hidden= */ true));
    }
    return all;
  }
}
