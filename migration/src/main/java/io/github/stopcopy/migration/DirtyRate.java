package io.github.stopcopy.migration;

import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Measuring the dirty rate by the dirty bitmap starts tracking as a migration does, also where
 * something blocks that; where a device refuses, QEMU aborts (R-OBS-140, R-REL-A3.14).
 */
final class DirtyRate {

  private DirtyRate() {}

  /**
   * The names of the devices that would refuse in the VM as it is now, and QEMU abort. Nothing in
   * the VM changes.
   *
   * @param trackers opens a tracker to ask, by the name of the host's device
   */
  static List<String> refusingDevices(Story story, Function<String, DirtyTracker> trackers) {
    List<String> refusing = new ArrayList<>();
    Scenario scenario = story.scenario();
    if (story.vm().exitCode().isPresent()
        || !VfioBehaviour.of(scenario.profile()).errorsAreValues()) {
      return refusing;
    }
    SimulatedKernel kernel = new SimulatedKernel(scenario.host(), trackers);
    long pageSize = scenario.host().pageSize();
    for (VfioContainer container : story.vm().containers()) {
      if (container.trackedBy() != TrackedBy.DEVICES) {
        continue;
      }
      TrackingRequest request = container.trackingRequest(container.space());
      if (request.asked().isEmpty()) {
        continue;
      }
      for (String device : container.deviceNames()) {
        if (kernel.openDevice(device).startLogging(pageSize, request.asked())
            instanceof StartResult.Refused) {
          refusing.add(device);
        }
      }
    }
    return refusing;
  }
}
