package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is different between two scenarios, fact by fact, found by comparing them: it knows nothing
 * of changes.
 */
final class Differences {

  private final Set<String> found = new TreeSet<>();

  private Differences() {}

  static Set<String> between(Scenario before, Scenario after) {
    Differences all = new Differences();
    all.compare("profile", before.profile(), after.profile());
    all.vm(before.vm(), after.vm());
    Set<String> names = new HashSet<>(before.host().devices().keySet());
    names.addAll(after.host().devices().keySet());
    for (String name : names) {
      all.host(name, before.host().device(name), after.host().device(name));
    }
    all.compare("container", before.host().container(), after.host().container());
    List<Object> steps = new ArrayList<>(after.steps());
    steps.removeAll(before.steps());
    steps.forEach(step -> all.found.add("step " + step));
    return all.found;
  }

  private void compare(String what, Object before, Object after) {
    if (!Objects.equals(before, after)) {
      found.add(what + " = " + after);
    }
  }

  private void vm(VmConfig before, VmConfig after) {
    compare("machine", before.machineType(), after.machineType());
    map("machine.", before.machineOptions(), after.machineOptions());
    map("cpu.", before.cpuOptions(), after.cpuOptions());
    map("object.", before.objects(), after.objects());
    compare("vcpus", before.vcpus(), after.vcpus());
    compare("incoming", before.incoming(), after.incoming());
    Map<String, DeviceConfig> were = named(before);
    Map<String, DeviceConfig> are = named(after);
    were.forEach((name, device) -> {
      DeviceConfig now = are.get(name);
      if (now == null) {
        found.add("no " + name);
      } else {
        compare(name + " type", device.driver(), now.driver());
        map(name + ".", settings(device), settings(now));
      }
    });
    are.forEach((name, device) -> {
      if (!were.containsKey(name)) {
        found.add(name + " with " + settings(device));
      }
    });
    List<String> kept = new ArrayList<>(were.keySet());
    kept.retainAll(are.keySet());
    List<String> order = new ArrayList<>(are.keySet());
    order.retainAll(were.keySet());
    compare("order", kept, order);
  }

  private void map(String what, Map<String, ?> before, Map<String, ?> after) {
    Set<String> keys = new HashSet<>(before.keySet());
    keys.addAll(after.keySet());
    keys.forEach(key -> compare(what + key, before.get(key), after.get(key)));
  }

  private void host(String name, HostDevice before, HostDevice after) {
    compare(name + " driver", before.driver(), after.driver());
    compare(name + " migration", before.migration(), after.migration());
    compare(name + " dma-logging", before.dmaLogging(), after.dmaLogging());
    compare(name + " given", before.given(), after.given());
  }

  /** Devices of these tests have an id, a host's device, or are the vIOMMU. */
  private static Map<String, DeviceConfig> named(VmConfig vm) {
    Map<String, DeviceConfig> all = new LinkedHashMap<>();
    for (DeviceConfig device : vm.devices()) {
      boolean isIommu = device.driver().contains("iommu");
      all.put(isIommu ? "vIOMMU" : VfioDevices.nameOf(device), device);
    }
    return all;
  }

  private static Map<String, String> settings(DeviceConfig device) {
    Map<String, String> all = new LinkedHashMap<>();
    for (PropertySetting setting : device.settings()) {
      all.put(setting.name(), setting.value().asText().text());
    }
    return all;
  }
}
