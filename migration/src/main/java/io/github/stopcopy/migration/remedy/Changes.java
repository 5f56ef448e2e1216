package io.github.stopcopy.migration.remedy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioPciDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Changes to a scenario: devices with other properties, or without some of them. */
final class Changes {

  private static final Set<String> VIRTUAL_IOMMUS =
      Set.of("intel-iommu", "amd-iommu", "virtio-iommu-pci");

  private Changes() {}

  /** The VFIO devices of the command line and of later steps. */
  static List<DeviceConfig> vfioDevices(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>();
    for (DeviceConfig device : scenario.vm().devices()) {
      if (isVfio(device)) {
        all.add(device);
      }
    }
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add && isVfio(add.device())) {
        all.add(add.device());
      }
    }
    return all;
  }

  static Optional<DeviceConfig> virtualIommu(Scenario scenario) {
    return scenario.vm().devices().stream()
        .filter(device -> VIRTUAL_IOMMUS.contains(device.driver()))
        .findFirst();
  }

  /** The name under which VFIO knows a device. */
  static String nameOf(DeviceConfig device) {
    return VfioPciDevice.nameOf(device.setting("sysfsdev"), device.setting("host"))
        .orElse(device.id().orElse(device.driver()));
  }

  static Scenario set(Scenario scenario, String name, String property, String value) {
    return mapDevices(
        scenario,
        device ->
            isVfio(device) && nameOf(device).equals(name) ? device.with(property, value) : device);
  }

  static Scenario setOnAllVfio(Scenario scenario, String property, String value) {
    return mapDevices(
        scenario, device -> isVfio(device) ? device.with(property, value) : device);
  }

  static Scenario setOnVirtualIommu(Scenario scenario, String property, String value) {
    return mapDevices(
        scenario,
        device ->
            VIRTUAL_IOMMUS.contains(device.driver()) ? device.with(property, value) : device);
  }

  static Scenario withoutVirtualIommu(Scenario scenario) {
    List<DeviceConfig> kept = new ArrayList<>(scenario.vm().devices());
    kept.removeIf(device -> VIRTUAL_IOMMUS.contains(device.driver()));
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.removeIf(step -> step instanceof Step.Viommu);
    return scenario.withVm(scenario.vm().withDevices(kept)).withSteps(steps);
  }

  static Scenario without(Scenario scenario, List<String> names) {
    List<DeviceConfig> kept = new ArrayList<>(scenario.vm().devices());
    kept.removeIf(device -> isVfio(device) && names.contains(nameOf(device)));
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.removeIf(
        step -> step instanceof Step.DeviceAdd add && names.contains(nameOf(add.device())));
    return scenario.withVm(scenario.vm().withDevices(kept)).withSteps(steps);
  }

  static Scenario withoutCapabilities(Scenario scenario) {
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      steps.add(
          step instanceof Step.Migrate migrate
              ? new Step.Migrate(Set.of(), migrate.hold())
              : step);
    }
    return scenario.withSteps(steps);
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

  private static boolean isVfio(DeviceConfig device) {
    return device.driver().startsWith("vfio-pci");
  }
}
