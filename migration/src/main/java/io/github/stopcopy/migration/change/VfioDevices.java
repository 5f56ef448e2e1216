package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The devices of a scenario, and by what a change names them. */
public final class VfioDevices {

  private VfioDevices() {}

  /** Every device of the command line and of later steps. */
  public static List<DeviceConfig> all(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        all.add(add.device());
      }
    }
    return all;
  }

  /** The VFIO devices of the command line and of later steps. */
  public static List<DeviceConfig> of(Scenario scenario) {
    List<DeviceConfig> all = all(scenario);
    all.removeIf(device -> !VfioDevice.isVfio(device));
    return List.copyOf(all);
  }

  /** The name under which VFIO knows a device, or what it is called if it has none. */
  public static String nameOf(DeviceConfig device) {
    return VfioDevice.nameOf(device).orElse(device.id().orElse(device.driver()));
  }

  /** Whether this is the host's device, written in whole or as on the command line. */
  static boolean isHostDevice(DeviceConfig device, String name) {
    return VfioDevice.isVfio(device)
        && (VfioDevice.nameOf(device).equals(Optional.of(name))
            || device.setting("host").equals(Optional.of(name)));
  }
}
