package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What changes come to, device by device: a type stands for all of its devices, an unplugging that
 * names none for all VFIO devices. So it can be told whether one list does all that another does.
 * Immutable, thread-safe.
 */
public final class Effects {

  /** The devices by what a change may call them, as numbers; an id comes before a host's name. */
  private final Map<String, List<String>> devices = new HashMap<>();

  private final List<String> vfioDevices = new ArrayList<>();

  /** Of changes to this scenario. */
  public Effects(Scenario scenario) {
    List<DeviceConfig> all = VfioDevices.all(scenario);
    Map<String, List<String>> ids = new HashMap<>();
    Map<String, List<String>> hosts = new HashMap<>();
    Map<String, List<String>> types = new HashMap<>();
    for (int i = 0; i < all.size(); i++) {
      DeviceConfig device = all.get(i);
      String number = String.valueOf(i);
      device.id().ifPresent(id -> add(ids, id, number));
      add(types, device.driver(), number);
      if (VfioDevice.isVfio(device)) {
        Set<String> names = new HashSet<>();
        VfioDevice.nameOf(device).ifPresent(names::add);
        device.setting("host").ifPresent(names::add);
        names.forEach(name -> add(hosts, name, number));
        vfioDevices.add(number);
      }
    }
    devices.putAll(types);
    devices.putAll(hosts);
    devices.putAll(ids);
  }

  private static void add(Map<String, List<String>> devices, String name, String number) {
    devices.computeIfAbsent(name, key -> new ArrayList<>()).add(number);
  }

  /**
   * Each change for each device that it names; numbers stand for devices.
   *
   * @throws IllegalArgumentException if a change names a device that is not there
   */
  public Set<RemedyChange> of(List<RemedyChange> changes) {
    Set<RemedyChange> all = new HashSet<>();
    for (RemedyChange change : changes) {
      if (change instanceof RemedyChange.Set set && !Changes.isReserved(set.target())) {
        each(
            all, set.target(), device -> new RemedyChange.Set(device, set.property(), set.value()));
      } else if (change instanceof RemedyChange.Unset unset) {
        each(all, unset.target(), device -> new RemedyChange.Unset(device, unset.property()));
      } else if (change instanceof RemedyChange.Remove remove) {
        each(all, remove.target(), RemedyChange.Remove::new);
      } else if (change instanceof RemedyChange.Replace replace) {
        each(all, replace.target(), device -> new RemedyChange.Replace(device, replace.driver()));
      } else if (change instanceof RemedyChange.Tracker tracker && !tracker.target().isEmpty()) {
        each(all, tracker.target(), device -> new RemedyChange.Tracker(device, tracker.tracker()));
      } else if (change instanceof RemedyChange.Tracker tracker) {
        vfioDevices.forEach(device -> all.add(new RemedyChange.Tracker(device, tracker.tracker())));
      } else {
        all.add(change);
      }
    }
    if (changes.contains(new Action(Action.UNPLUG_FOR_MIGRATION))
        && changes.stream().noneMatch(RemedyChange.Remove.class::isInstance)) {
      vfioDevices.forEach(device -> all.add(new RemedyChange.Remove(device)));
    }
    return all;
  }

  private void each(Set<RemedyChange> all, String target, Function<String, RemedyChange> change) {
    List<String> named = devices.get(target);
    if (named == null) {
      throw new IllegalArgumentException(
          "a change of '" + target + "', expected a device of the VM");
    }
    named.forEach(device -> all.add(change.apply(device)));
  }
}
