package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What changes come to, device by device: a type stands for all of its devices, an unplugging that
 * names none for all VFIO devices. So it can be told whether one list does all that another does.
 * Immutable, thread-safe.
 */
public final class Effects {

  private final Scenario scenario;

  /** Of changes to this scenario. */
  public Effects(Scenario scenario) {
    this.scenario = scenario;
  }

  /** Each change for each device that it names; numbers stand for devices. */
  public Set<RemedyChange> of(List<RemedyChange> changes) {
    Set<RemedyChange> all = new HashSet<>();
    for (RemedyChange change : changes) {
      if (change instanceof RemedyChange.Set set && !Changes.isReserved(set.target())) {
        all.addAll(
            each(
                set.target(), device -> new RemedyChange.Set(device, set.property(), set.value())));
      } else if (change instanceof RemedyChange.Unset unset) {
        all.addAll(
            each(unset.target(), device -> new RemedyChange.Unset(device, unset.property())));
      } else if (change instanceof RemedyChange.Remove remove) {
        all.addAll(each(remove.target(), RemedyChange.Remove::new));
      } else {
        all.add(change);
      }
    }
    if (changes.contains(new Action(Action.UNPLUG_FOR_MIGRATION))
        && changes.stream().noneMatch(RemedyChange.Remove.class::isInstance)) {
      List<DeviceConfig> devices = VfioDevices.all(scenario);
      for (int i = 0; i < devices.size(); i++) {
        if (VfioDevice.isVfio(devices.get(i))) {
          all.add(new RemedyChange.Remove(String.valueOf(i)));
        }
      }
    }
    return all;
  }

  private List<RemedyChange> each(String target, Function<String, RemedyChange> change) {
    List<RemedyChange> found = new ArrayList<>();
    try {
      List<DeviceConfig> devices = VfioDevices.all(scenario);
      for (int i = 0; i < devices.size(); i++) {
        if (DeviceTarget.of(scenario, target).test(devices.get(i))) {
          found.add(change.apply(String.valueOf(i)));
        }
      }
    } catch (InputException notThere) {
      found.add(change.apply(target));
    }
    return found;
  }
}
