package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Unplugs devices from the running VM before each migration; the steps are really played. */
final class Unplugging {

  private final Predicate<DeviceConfig> chosen;
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, DeviceConfig> plugged = new LinkedHashMap<>();
  private final List<DeviceConfig> gone = new ArrayList<>();

  private Unplugging(Predicate<DeviceConfig> chosen) {
    this.chosen = chosen;
  }

  /** The scenario in which the chosen devices leave before each migration, and stay away. */
  static Scenario beforeMigrations(Scenario scenario, Predicate<DeviceConfig> chosen) {
    Unplugging unplugging = new Unplugging(chosen);
    List<DeviceConfig> devices = new ArrayList<>();
    scenario.vm().devices().forEach(device -> devices.add(unplugging.plug(device)));
    scenario.steps().forEach(unplugging::step);
    if (scenario.steps().stream().noneMatch(Step.Migrate.class::isInstance)) {
      unplugging.unplugAll();
    }
    return scenario.withVm(scenario.vm().withDevices(devices)).withSteps(unplugging.steps);
  }

  /** Whether a step does something with a device, other than plugging it. */
  static boolean concerns(Step step, DeviceConfig device) {
    return step instanceof Step.DeviceDel del && device.id().equals(Optional.of(del.id()))
        || step instanceof Step.Viommu viommu
            && viommu
                .device()
                .filter(name ->
                    device.id().equals(Optional.of(name))
                        || VfioDevices.nameOf(device).equals(name))
                .isPresent();
  }

  /** A chosen device needs an id to be unplugged by; one without is known by the host's device. */
  private DeviceConfig plug(DeviceConfig device) {
    if (!chosen.test(device)) {
      return device;
    }
    String id = device.id().orElse(VfioDevices.nameOf(device));
    DeviceConfig named =
        new DeviceConfig(device.driver(), Optional.of(id), device.bus(), device.settings());
    plugged.put(id, named);
    gone.removeIf(other -> other.id().equals(named.id()));
    return named;
  }

  private void step(Step step) {
    if (step instanceof Step.DeviceAdd add) {
      steps.add(new Step.DeviceAdd(plug(add.device())));
    } else if (gone.stream().noneMatch(device -> concerns(step, device))) {
      if (step instanceof Step.DeviceDel del && del.released()) {
        plugged.remove(del.id());
      } else if (step instanceof Step.Migrate) {
        unplugAll();
      }
      steps.add(step);
    }
  }

  private void unplugAll() {
    plugged.keySet().forEach(id -> steps.add(new Step.DeviceDel(id, true)));
    gone.addAll(plugged.values());
    plugged.clear();
  }
}
