package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Which devices a change names: by id, else by the name of the host's device, else by type. */
final class DeviceTarget {

  private DeviceTarget() {}

  /**
   * The devices that a target names.
   *
   * @throws InputException if it names none
   */
  static Predicate<DeviceConfig> of(Scenario scenario, String target) throws InputException {
    List<Predicate<DeviceConfig>> ways = ways(target);
    List<DeviceConfig> devices = VfioDevices.all(scenario);
    for (Predicate<DeviceConfig> way : ways) {
      if (devices.stream().anyMatch(way)) {
        return way;
      }
    }
    Set<String> names = new LinkedHashSet<>();
    devices.forEach(device -> names.add(device.id().orElse(device.driver())));
    throw InputException.of(
        "there is no device '"
            + target
            + "', expected "
            + (names.isEmpty() ? "a VM with devices" : "one of " + String.join(", ", names)));
  }

  /** Whether a target names a device that is there. */
  static boolean isFound(Scenario scenario, String target) {
    return VfioDevices.all(scenario).stream()
        .anyMatch(device -> ways(target).stream().anyMatch(way -> way.test(device)));
  }

  private static List<Predicate<DeviceConfig>> ways(String target) {
    return List.of(
        device -> device.id().equals(Optional.of(target)),
        device -> VfioDevices.isHostDevice(device, target),
        device -> device.driver().equals(target));
  }
}
