package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which VFIO devices are alike: nothing that the model goes by tells one from the other, so that
 * what is done to one of them could as well be done to another, with the same answer.
 */
final class DeviceKinds {

  /** Who a device is and where it sits, not what it is like. */
  private static final Set<String> NAMES =
      Set.of("host", "sysfsdev", "addr", "fd", "multifunction");

  private final Scenario scenario;
  private final TargetDevices devices;
  private final AskedTrackers trackers;
  private final Map<Integer, Integer> groupSizes = new HashMap<>();
  private final int viommu;

  /**
   * The kinds of the VFIO devices of a scenario.
   *
   * @param virtualIommus the device types that are vIOMMUs
   */
  DeviceKinds(
      Scenario scenario,
      TargetDevices devices,
      AskedTrackers trackers,
      Collection<String> virtualIommus) {
    this.scenario = scenario;
    this.devices = devices;
    this.trackers = trackers;
    for (DeviceConfig device : devices.all()) {
      group(device).ifPresent(group -> groupSizes.merge(group, 1, Integer::sum));
    }
    List<DeviceConfig> all = scenario.vm().devices();
    int first = 0;
    while (first < all.size() && !virtualIommus.contains(all.get(first).driver())) {
      first++;
    }
    this.viommu = first;
  }

  /** Those of each kind, in their order; the kinds in that of their first devices. */
  List<List<DeviceConfig>> all() {
    Map<Object, List<DeviceConfig>> alike = new LinkedHashMap<>();
    List<DeviceConfig> vm = scenario.vm().devices();
    for (DeviceConfig device : devices.all()) {
      alike.computeIfAbsent(kind(device, vm), key -> new ArrayList<>()).add(device);
    }
    return List.copyOf(alike.values());
  }

  private Object kind(DeviceConfig device, List<DeviceConfig> vm) {
    String name = VfioDevices.nameOf(device);
    if (isNamedLater(device, name)) {
      return name;
    }
    List<PropertySetting> settings =
        device.settings().stream().filter(set -> !NAMES.contains(set.name())).toList();
    return List.of(
        device.driver(),
        settings,
        device.id().isPresent(),
        devices.canBeUnplugged(List.of(device)),
        devices.expander(device),
        vm.indexOf(device) < viommu,
        trackers.of(name),
        likeness(device, scenario.host().device(name)));
  }

  /** What the host knows of it; of its group only who else is in it. */
  private Object likeness(DeviceConfig device, HostDevice host) {
    OptionalInt group = group(device);
    boolean isAlone = group.isEmpty() || groupSizes.getOrDefault(group.getAsInt(), 0) == 1;
    return List.of(
        isAlone ? OptionalInt.empty() : group,
        host.driver(),
        host.pciId(),
        host.migration(),
        host.dmaLogging(),
        host.dmaBuf(),
        host.setStateErrors(),
        host.bars(),
        host.msix(),
        host.given());
  }

  private OptionalInt group(DeviceConfig device) {
    return scenario.host().device(VfioDevices.nameOf(device)).group();
  }

  /** What happens to one device alone makes it a kind of its own. */
  private boolean isNamedLater(DeviceConfig device, String name) {
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add && add.device().equals(device)) {
        return true;
      }
      Optional<String> named = named(step);
      if (named.isPresent() && (named.equals(device.id()) || named.get().equals(name))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> named(Step step) {
    if (step instanceof Step.DeviceDel del) {
      return Optional.of(del.id());
    } else if (step instanceof Step.Viommu viommu) {
      return viommu.device();
    } else if (step instanceof Step.DmaWrite write) {
      return Optional.of(write.device());
    }
    return step instanceof Step.MoveBar bar ? Optional.of(bar.device()) : Optional.empty();
  }
}
