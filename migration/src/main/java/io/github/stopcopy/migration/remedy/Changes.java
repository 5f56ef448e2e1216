package io.github.stopcopy.migration.remedy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Changes to a scenario: devices with other properties, or without some of them. */
final class Changes {

  private Changes() {}

  /** The VFIO devices of the command line and of later steps. */
  static List<DeviceConfig> vfioDevices(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>();
    for (DeviceConfig device : scenario.vm().devices()) {
      if (VfioDevice.isVfio(device)) {
        all.add(device);
      }
    }
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add && VfioDevice.isVfio(add.device())) {
        all.add(add.device());
      }
    }
    return all;
  }

  /** The name under which VFIO knows a device, or what it is called if it has none. */
  static String nameOf(DeviceConfig device) {
    return VfioDevice.nameOf(device).orElse(device.id().orElse(device.driver()));
  }

  static Scenario set(Scenario scenario, String name, String property, String value) {
    return mapDevices(
        scenario,
        device ->
            VfioDevice.isVfio(device) && nameOf(device).equals(name)
                ? device.with(property, value)
                : device);
  }

  static Scenario setOnAllVfio(Scenario scenario, String property, String value) {
    return mapDevices(
        scenario, device -> VfioDevice.isVfio(device) ? device.with(property, value) : device);
  }

  /** Sets a property of every device of a type. */
  static Scenario setOn(Scenario scenario, String driver, String property, String value) {
    return mapDevices(
        scenario, device -> device.driver().equals(driver) ? device.with(property, value) : device);
  }

  /** Takes the vIOMMU out, and with it what the guest does to it. */
  static Scenario withoutVirtualIommu(Scenario scenario, String driver) {
    List<DeviceConfig> kept = new ArrayList<>(scenario.vm().devices());
    kept.removeIf(device -> device.driver().equals(driver));
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.removeIf(step -> step instanceof Step.Viommu);
    return scenario.withVm(scenario.vm().withDevices(kept)).withSteps(steps);
  }

  /** Takes VFIO devices out, and with them the steps that name them. */
  static Scenario without(Scenario scenario, List<String> names) {
    Set<String> gone = new HashSet<>(names);
    for (DeviceConfig device : vfioDevices(scenario)) {
      if (names.contains(nameOf(device))) {
        device.id().ifPresent(gone::add);
      }
    }
    List<DeviceConfig> kept = new ArrayList<>(scenario.vm().devices());
    kept.removeIf(device -> VfioDevice.isVfio(device) && names.contains(nameOf(device)));
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.removeIf(step ->
        step instanceof Step.DeviceAdd add
                && VfioDevice.isVfio(add.device())
                && names.contains(nameOf(add.device()))
            || step instanceof Step.DeviceDel del && gone.contains(del.id())
            || step instanceof Step.Viommu viommu
                && viommu.device().filter(gone::contains).isPresent());
    return scenario.withVm(scenario.vm().withDevices(kept)).withSteps(steps);
  }

  /** Switches capabilities off wherever a migration is started. */
  static Scenario withoutCapabilities(Scenario scenario, Set<String> unwanted) {
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      if (step instanceof Step.Migrate migrate) {
        Set<String> kept = new HashSet<>(migrate.capabilities());
        kept.removeAll(unwanted);
        steps.add(new Step.Migrate(kept, migrate.hold()));
      } else {
        steps.add(step);
      }
    }
    return scenario.withSteps(steps);
  }

  static Scenario withoutIncoming(Scenario scenario) {
    return scenario.withVm(scenario.vm().toBuilder().incoming(false).build());
  }

  static Scenario vcpus(Scenario scenario, int count) {
    return scenario.withVm(scenario.vm().toBuilder().vcpus(count).build());
  }

  static Scenario cpuOption(Scenario scenario, String name, String value) {
    return scenario.withVm(scenario.vm().toBuilder().cpuOption(name, value).build());
  }

  static Scenario machineOption(Scenario scenario, String name, String value) {
    return scenario.withVm(scenario.vm().toBuilder().machineOption(name, value).build());
  }

  private static Scenario mapDevices(Scenario scenario, UnaryOperator<DeviceConfig> change) {
    List<DeviceConfig> devices = new ArrayList<>();
    scenario.vm().devices().forEach(device -> devices.add(change.apply(device)));
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      steps.add(
          step instanceof Step.DeviceAdd add
              ? new Step.DeviceAdd(change.apply(add.device()))
              : step);
    }
    return scenario.withVm(scenario.vm().withDevices(devices)).withSteps(steps);
  }
}
