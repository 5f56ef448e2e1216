package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The VM as QEMU is started on the destination to wait for it.
 *
 * @param config its description
 * @param guessed the names of the devices there that nobody named
 * @param unknowns what of it nobody said
 */
record WaitingVm(VmConfig config, Set<String> guessed, List<Unknown> unknowns) {

  private static final Set<String> WHICH_DEVICE = Set.of("host", "sysfsdev", "fd");

  static WaitingVm of(Story source, Destination destination) {
    return destination
        .vm()
        .map(vm -> new WaitingVm(waiting(vm), Set.of(), List.of()))
        .orElseGet(() -> asOnSource(source, destination));
  }

  /** As libvirt does it: the source's VM, with devices of the other host in the places of its. */
  private static WaitingVm asOnSource(Story source, Destination destination) {
    Scenario scenario = source.scenario();
    List<String> names = source.vm().vfioDevices().stream().map(VfioDevice::name).toList();
    DeviceMapping mapping = DeviceMapping.of(names, scenario.host(), destination.host());
    Map<Object, DeviceConfig> devices = new LinkedHashMap<>();
    for (DeviceConfig device : described(scenario)) {
      if (!VfioDevice.isVfio(device)) {
        devices.put(devices.size() + " " + device.driver(), device);
        continue;
      }
      String name = nameOf(device);
      String there = mapping.there().get(name);
      if (there != null) {
        devices.remove(name);
        devices.put(name, there.equals(name) ? device : moved(device, there));
      }
    }
    List<Unknown> unknowns = new ArrayList<>();
    unknowns.add(new Unknown(Unknown.DESTINATION, "command line", "as on the source"));
    if (mapping.isGuess()) {
      mapping
          .there()
          .forEach((name, there) -> unknowns.add(Unknown.of(there, "takes the place of", name)));
    }
    VmConfig vm = scenario.vm().withDevices(List.copyOf(devices.values()));
    Set<String> guessed =
        mapping.isGuess() ? Set.copyOf(mapping.there().values()) : Set.<String>of();
    return new WaitingVm(waiting(vm), guessed, unknowns);
  }

  /** What the command line describes, and what was plugged since. */
  private static List<DeviceConfig> described(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        all.add(add.device());
      }
    }
    return all;
  }

  private static String nameOf(DeviceConfig device) {
    return VfioDevice.nameOf(device).orElseGet(() -> "VFIO_FD" + device.setting("fd").orElse(""));
  }

  private static DeviceConfig moved(DeviceConfig device, String there) {
    List<PropertySetting> settings = new ArrayList<>();
    settings.add(PropertySetting.of("sysfsdev", "/sys/bus/pci/devices/" + there));
    for (PropertySetting setting : device.settings()) {
      if (!WHICH_DEVICE.contains(setting.name())) {
        settings.add(setting);
      }
    }
    return new DeviceConfig(device.driver(), device.id(), device.bus(), settings);
  }

  private static VmConfig waiting(VmConfig vm) {
    return vm.toBuilder().incoming(true).build();
  }
}
