package io.github.stopcopy.migration.change;

import com.google.common.collect.ImmutableSet;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Makes changes to scenarios. Immutable, thread-safe. */
public final class Changes {

  private static final String DESTINATION = "destination";
  private static final String MACHINE = "machine";
  private static final String TYPE = "type";

  /** Targets of settings that are no devices, whatever the ids of devices are. */
  private static final Set<String> RESERVED =
      Set.of(MACHINE, "cpu", "smp", "memory", "object", "migrate", "host", DESTINATION);

  private final Set<String> virtualIommus;

  /**
   * Makes changes.
   *
   * @param virtualIommus the device types that are vIOMMUs
   */
  public Changes(Collection<String> virtualIommus) {
    this.virtualIommus = ImmutableSet.copyOf(virtualIommus); // often one already
  }

  /**
   * The scenario with the changes, made in their order; those of a destination and of trackers,
   * which are no part of it, are left out.
   *
   * @throws InputException if a change names a device that is not there, or something that cannot
   *     be changed
   */
  public Scenario apply(Scenario scenario, List<RemedyChange> changes) throws InputException {
    boolean unplugs = changes.contains(new Action(Action.UNPLUG_FOR_MIGRATION));
    List<Predicate<DeviceConfig>> unplugged = new ArrayList<>();
    HostSettings host = new HostSettings(scenario.host());
    Scenario changed = scenario;
    for (RemedyChange change : changes) {
      if (isForDestination(change) || change instanceof RemedyChange.Tracker) {
        continue; // of the other side, or of who plays it
      }
      if (change instanceof RemedyChange.Set set && set.target().equals("host")) {
        host.set(set);
      } else if (change instanceof RemedyChange.Set set) {
        changed = Settings.set(changed, set);
      } else if (change instanceof RemedyChange.Unset unset) {
        changed = Settings.unset(changed, unset);
      } else if (change instanceof RemedyChange.Replace replace) {
        changed = Settings.replace(changed, replace);
      } else if (change instanceof RemedyChange.Add add) {
        changed = changed.withVm(changed.vm().withDevices(before(add, changed.vm().devices())));
      } else if (change instanceof RemedyChange.Release release) {
        changed = changed.withProfile(release.profile());
      } else if (change instanceof RemedyChange.Remove remove) {
        Predicate<DeviceConfig> named = DeviceTarget.of(changed, remove.target());
        if (unplugs && VfioDevices.of(changed).stream().anyMatch(named)) {
          unplugged.add(named);
        } else {
          changed = remove(changed, named);
        }
      } else if (change instanceof Action action) {
        changed = act(changed, action);
      }
    }
    if (host.isChanged()) {
      changed = changed.withHost(host.facts());
    }
    if (!unplugs) {
      return changed;
    }
    Predicate<DeviceConfig> chosen =
        unplugged.isEmpty()
            ? device -> true
            : device -> unplugged.stream().anyMatch(named -> named.test(device));
    return Unplugging.beforeMigrations(
        changed, device -> VfioDevice.isVfio(device) && chosen.test(device));
  }

  /**
   * The destination with those of the changes that are about it.
   *
   * @throws InputException if one names something that cannot be changed
   */
  public static Destination apply(Destination destination, List<RemedyChange> changes)
      throws InputException {
    Destination changed = destination;
    for (RemedyChange change : changes) {
      if (isForDestination(change) && change instanceof RemedyChange.Set set) {
        changed = DestinationSettings.set(changed, set);
      }
    }
    return changed;
  }

  /** Whether a change is about the destination of a migration and not the VM on the source. */
  public static boolean isForDestination(RemedyChange change) {
    return change instanceof RemedyChange.Set set && set.target().equals(DESTINATION);
  }

  /** The change to another machine type. */
  public static RemedyChange.Set machineType(String type) {
    return new RemedyChange.Set(MACHINE, TYPE, type);
  }

  /** Whether a setting is the machine type; all others of the machine are options of it. */
  public static boolean isMachineType(RemedyChange.Set set) {
    return set.target().equals(MACHINE) && set.property().equals(TYPE);
  }

  /** Whether a target of settings is no device, even if a device has this id. */
  public static boolean isReserved(String target) {
    return RESERVED.contains(target);
  }

  /** Whether a target of a change can be found: it is reserved, or names a device that is there. */
  public static boolean isFound(Scenario scenario, String target) {
    return isReserved(target) || DeviceTarget.isFound(scenario, target);
  }

  private Scenario act(Scenario scenario, Action action) throws InputException {
    return switch (action.name()) {
      case Action.UNPLUG_FOR_MIGRATION -> scenario;
      case Action.WAIT_FOR_INCOMING ->
          scenario.withVm(scenario.vm().toBuilder().incoming(false).build());
      case Action.VIOMMU_FIRST -> virtualIommuFirst(scenario);
      default ->
          throw InputException.of(
              "there is no action '"
                  + action.name()
                  + "', expected "
                  + String.join(
                      ", ",
                      Action.UNPLUG_FOR_MIGRATION,
                      Action.WAIT_FOR_INCOMING,
                      Action.VIOMMU_FIRST));
    };
  }

  private static List<DeviceConfig> before(RemedyChange.Add add, List<DeviceConfig> devices) {
    List<PropertySetting> settings = new ArrayList<>();
    add.settings().forEach((name, value) -> settings.add(PropertySetting.of(name, value)));
    List<DeviceConfig> all = new ArrayList<>();
    all.add(new DeviceConfig(add.driver(), Optional.empty(), Optional.empty(), settings));
    all.addAll(devices);
    return all;
  }

  private Scenario virtualIommuFirst(Scenario scenario) {
    List<DeviceConfig> devices = new ArrayList<>();
    for (DeviceConfig device : scenario.vm().devices()) {
      if (virtualIommus.contains(device.driver())) {
        devices.add(device);
      }
    }
    for (DeviceConfig device : scenario.vm().devices()) {
      if (!virtualIommus.contains(device.driver())) {
        devices.add(device);
      }
    }
    return scenario.withVm(scenario.vm().withDevices(devices));
  }

  /** Takes devices out, and with them the steps that name them. */
  private Scenario remove(Scenario scenario, Predicate<DeviceConfig> named) {
    List<DeviceConfig> gone = VfioDevices.all(scenario).stream().filter(named).toList();
    boolean withVirtualIommu =
        gone.stream().anyMatch(device -> virtualIommus.contains(device.driver()));
    List<DeviceConfig> kept = new ArrayList<>(scenario.vm().devices());
    kept.removeIf(named);
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.removeIf(step ->
        step instanceof Step.DeviceAdd add && named.test(add.device())
            || step instanceof Step.Viommu && withVirtualIommu
            || gone.stream().anyMatch(device -> Unplugging.concerns(step, device)));
    return scenario.withVm(scenario.vm().withDevices(kept)).withSteps(steps);
  }
}
