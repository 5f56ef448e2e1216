package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The VFIO devices that a scenario describes, whether or not QEMU takes them. Those that it took
 * are asked for first: their names are known already.
 */
final class AssignedDevices {

  private AssignedDevices() {}

  /** Those of the command line, then those that are added later. */
  static List<DeviceConfig> of(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>();
    scenario.vm().devices().stream().filter(VfioDevice::isVfio).forEach(all::add);
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add && VfioDevice.isVfio(add.device())) {
        all.add(add.device());
      }
    }
    return all;
  }

  /** The names of the host's devices, in the order described, each once. */
  static Set<String> names(Scenario scenario) {
    Set<String> names = new LinkedHashSet<>();
    of(scenario).forEach(device -> VfioDevice.nameOf(device).ifPresent(names::add));
    return names;
  }

  /** The same as {@link HostFacts} call them, with those that took part in a story. */
  static Set<String> factNames(Story story) {
    Set<String> all = new HashSet<>();
    names(story.scenario()).forEach(name -> all.add(HostFacts.nameOf(name)));
    story.vm().vfioDevices().forEach(device -> all.add(HostFacts.nameOf(device.name())));
    return all;
  }

  /** The id of the first device with this name that has one. */
  static Optional<String> idOf(Story story, String name) {
    Optional<VfioDevice> known = story.vm().findDevice(name);
    if (known.isPresent() && known.get().name().equals(name)) {
      return known.get().id();
    }
    for (DeviceConfig device : of(story.scenario())) {
      if (device.id().isPresent() && VfioDevice.nameOf(device).equals(Optional.of(name))) {
        return device.id();
      }
    }
    return Optional.empty();
  }
}
