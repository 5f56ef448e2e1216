package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.property.SizeText;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Sets properties of devices, of the machine and of migrations. */
final class Settings {

  private static final Set<String> NOT_PROPERTIES = Set.of("driver", "id", "bus");
  private static final int MOST_CPUS = 65535;

  private Settings() {}

  static Scenario set(Scenario scenario, RemedyChange.Set set) throws InputException {
    VmConfig vm = scenario.vm();
    String property = set.property();
    String value = set.value();
    return switch (set.target()) {
      case "machine" ->
          scenario.withVm(
              Changes.isMachineType(set)
                  ? ofType(vm, value)
                  : withMachineOption(vm, property, value));
      case "cpu" -> scenario.withVm(vm.toBuilder().cpuOption(property, value).build());
      case "smp" -> {
        only(set, "cpus");
        yield scenario.withVm(vm.toBuilder().vcpus(cpus(value)).build());
      }
      case "memory" -> {
        only(set, "size");
        yield scenario.withVm(vm.toBuilder().ramSize(bytes(value)).build());
      }
      case "object" ->
          scenario.withVm(
              vm.toBuilder().object(new ObjectConfig(value, property, Map.of())).build());
      case "migrate" ->
          property.equals("mode")
              ? mode(scenario, value)
              : capability(scenario, property, isOn(set));
      default -> device(scenario, set);
    };
  }

  private static VmConfig ofType(VmConfig vm, String type) throws InputException {
    if (!MachineTypes.isPc(type)) {
      throw InputException.of(
          "machine.type is '" + type + "', expected a PC: q35, pc, or one of their versions");
    }
    return vm.toBuilder().machineType(type).build();
  }

  /** What was spelt with underscores is set under that name, so that it is not there twice. */
  private static VmConfig withMachineOption(VmConfig vm, String property, String value) {
    String old = property.replace('-', '_');
    return vm.toBuilder()
        .machineOption(vm.machineOptions().containsKey(old) ? old : property, value)
        .build();
  }

  private static void only(RemedyChange.Set set, String property) throws InputException {
    if (!set.property().equals(property)) {
      throw InputException.of(
          set.target()
              + " has no '"
              + set.property()
              + "' that can be changed, expected "
              + property);
    }
  }

  private static int cpus(String value) throws InputException {
    if (value.matches("[0-9]{1,9}")) {
      int count = Integer.parseInt(value);
      if (count >= 1 && count <= MOST_CPUS) {
        return count;
      }
    }
    throw InputException.of("smp.cpus is '" + value + "', expected 1 to " + MOST_CPUS);
  }

  /** A number without a suffix is in MiB, as in {@code -m}. */
  private static long bytes(String value) throws InputException {
    return SizeText.parse(value, 'M')
        .filter(size -> size != 0)
        .orElseThrow(
            () -> InputException.of("memory.size is '" + value + "', expected a size such as 4G"));
  }

  static boolean isOn(RemedyChange.Set set) throws InputException {
    return PropertyType.Bool.parse(set.value())
        .orElseThrow(() ->
            InputException.of(
                set.target()
                    + "."
                    + set.property()
                    + " is '"
                    + set.value()
                    + "', expected on or off"));
  }

  private static Scenario capability(Scenario scenario, String capability, boolean on) {
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      if (step instanceof Step.Migrate migrate) {
        Set<String> all = new HashSet<>(migrate.capabilities());
        if (on) {
          all.add(capability);
        } else {
          all.remove(capability);
        }
        steps.add(new Step.Migrate(all, migrate.mode(), migrate.hold()));
      } else {
        steps.add(step);
      }
    }
    return scenario.withSteps(steps);
  }

  private static Scenario mode(Scenario scenario, String value) throws InputException {
    MigrationMode mode =
        MigrationMode.named(value)
            .orElseThrow(() ->
                InputException.of(
                    "migrate.mode is '" + value + "', expected normal or cpr-reboot"));
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      steps.add(
          step instanceof Step.Migrate migrate
              ? new Step.Migrate(migrate.capabilities(), mode, migrate.hold())
              : step);
    }
    return scenario.withSteps(steps);
  }

  private static Scenario device(Scenario scenario, RemedyChange.Set set) throws InputException {
    if (NOT_PROPERTIES.contains(set.property())) {
      throw InputException.of("'" + set.property() + "' cannot be changed, expected a property");
    }
    return devices(scenario, set.target(), device -> device.with(set.property(), set.value()));
  }

  static Scenario unset(Scenario scenario, RemedyChange.Unset unset) throws InputException {
    return devices(scenario, unset.target(), device -> device.without(unset.property()));
  }

  static Scenario replace(Scenario scenario, RemedyChange.Replace replace) throws InputException {
    return devices(
        scenario,
        replace.target(),
        device ->
            new DeviceConfig(
                replace.driver(),
                device.id(),
                device.bus(),
                device.settings().stream().filter(set -> set.name().equals("addr")).toList()));
  }

  private static Scenario devices(
      Scenario scenario, String target, UnaryOperator<DeviceConfig> change) throws InputException {
    Predicate<DeviceConfig> named = DeviceTarget.of(scenario, target);
    UnaryOperator<DeviceConfig> changed =
        device -> named.test(device) ? change.apply(device) : device;
    List<DeviceConfig> devices = new ArrayList<>(scenario.vm().devices());
    devices.replaceAll(changed);
    Scenario set = scenario.withVm(scenario.vm().withDevices(devices));
    if (set.steps().stream().noneMatch(Step.DeviceAdd.class::isInstance)) {
      return set;
    }
    List<Step> steps = new ArrayList<>(set.steps());
    steps.replaceAll(step ->
        step instanceof Step.DeviceAdd add
            ? new Step.DeviceAdd(changed.apply(add.device()))
            : step);
    return set.withSteps(steps);
  }
}
