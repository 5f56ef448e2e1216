package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The VFIO devices of a scenario: how changes and texts name some of them. */
final class TargetDevices {

  private static final int MOST_NAMES = 4;
  private static final Set<String> EXPANDERS = Set.of("pxb", "pxb-pcie");
  private static final String WITHOUT_HOTPLUG = "vfio-pci-nohotplug";

  private final VmConfig vm;
  private final List<DeviceConfig> all;
  private final Set<String> ids = new HashSet<>();
  private final Map<String, DeviceConfig> firstById = new HashMap<>();

  TargetDevices(Scenario scenario) {
    this.vm = scenario.vm();
    for (DeviceConfig device : vm.devices()) {
      device.id().ifPresent(id -> firstById.putIfAbsent(id, device));
    }
    this.all = VfioDevices.of(scenario);
    VfioDevices.all(scenario).forEach(device -> device.id().ifPresent(ids::add));
  }

  List<DeviceConfig> all() {
    return all;
  }

  /** Those with one of these names of the host. */
  List<DeviceConfig> named(Collection<String> names) {
    return all.stream().filter(device -> names.contains(VfioDevices.nameOf(device))).toList();
  }

  boolean areAll(List<DeviceConfig> some) {
    return some.size() == all.size();
  }

  /** A few names, for texts. */
  String names(List<DeviceConfig> some) {
    List<String> names = new ArrayList<>();
    for (DeviceConfig device : some.subList(0, Math.min(MOST_NAMES, some.size()))) {
      names.add(device.id().orElse(VfioDevices.nameOf(device)));
    }
    String more = some.size() > MOST_NAMES ? " and " + (some.size() - MOST_NAMES) + " more" : "";
    return String.join(", ", names) + more;
  }

  /** The same, told as every VFIO device where these are all of several. */
  String every(List<DeviceConfig> some) {
    return areAll(some) && some.size() > 1
        ? "every VFIO device (" + names(some) + ")"
        : names(some);
  }

  List<RemedyChange> set(List<DeviceConfig> some, String property, String value) {
    return change(some, target -> new RemedyChange.Set(target, property, value));
  }

  List<RemedyChange> unset(List<DeviceConfig> some, String property) {
    return change(some, target -> new RemedyChange.Unset(target, property));
  }

  List<RemedyChange> remove(List<DeviceConfig> some) {
    return change(some, RemedyChange.Remove::new);
  }

  /** One change for all devices of a type where it concerns all of them, else one for each. */
  private List<RemedyChange> change(
      List<DeviceConfig> some, Function<String, RemedyChange> change) {
    Set<RemedyChange> changes = new LinkedHashSet<>();
    Set<String> types = wholeTypes(some);
    for (DeviceConfig device : some) {
      String type = device.driver();
      changes.add(change.apply(types.contains(type) ? type : target(device)));
    }
    return List.copyOf(changes);
  }

  /** The types of which there are several devices, all of them among these. */
  private Set<String> wholeTypes(List<DeviceConfig> some) {
    Set<String> types = new HashSet<>();
    for (DeviceConfig device : some) {
      String type = device.driver();
      if (!types.contains(type) && !ids.contains(type)) {
        int wanted = count(some, type);
        if (wanted > 1 && wanted == count(all, type)) {
          types.add(type);
        }
      }
    }
    return types;
  }

  private static int count(List<DeviceConfig> devices, String type) {
    int count = 0;
    for (DeviceConfig device : devices) {
      count += device.driver().equals(type) ? 1 : 0;
    }
    return count;
  }

  static String target(DeviceConfig device) {
    return device.id().filter(id -> !Changes.isReserved(id)).orElse(VfioDevices.nameOf(device));
  }

  /** Whether QEMU can unplug all of these from the running VM (R-OBS-121, R-OBS-122). */
  boolean canBeUnplugged(List<DeviceConfig> some) {
    return some.stream().allMatch(this::canBeUnplugged);
  }

  private boolean canBeUnplugged(DeviceConfig device) {
    if (device.driver().equals(WITHOUT_HOTPLUG)) {
      return false;
    }
    return !vm.isQ35() || bus(device).filter(port -> !isExpander(port)).isPresent();
  }

  /** The expander above a device; empty if it sits on the bus of the machine. */
  Optional<DeviceConfig> expander(DeviceConfig device) {
    Optional<DeviceConfig> above = bus(device);
    for (int depth = 0; above.isPresent() && depth < vm.devices().size(); depth++) {
      if (isExpander(above.get())) {
        return above;
      }
      above = bus(above.get());
    }
    return Optional.empty();
  }

  private Optional<DeviceConfig> bus(DeviceConfig device) {
    return device.bus().map(firstById::get);
  }

  private static boolean isExpander(DeviceConfig device) {
    return EXPANDERS.contains(device.driver());
  }
}
