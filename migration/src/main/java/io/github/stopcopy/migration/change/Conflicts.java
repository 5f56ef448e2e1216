package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which changes contradict each other: two values of one property, two releases or trackers, a
 * setting of a device that goes. Immutable, thread-safe.
 */
public final class Conflicts {

  private final Set<String> types = new HashSet<>();

  /** Between changes to this scenario. */
  public Conflicts(Scenario scenario) {
    for (DeviceConfig device : VfioDevices.all(scenario)) {
      types.add(device.driver());
    }
  }

  /** Whether something in one list makes something in the other meaningless. */
  public boolean between(List<RemedyChange> first, List<RemedyChange> second) {
    for (RemedyChange one : first) {
      for (RemedyChange other : second) {
        if (!one.equals(other) && (contradict(one, other) || contradict(other, one))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean contradict(RemedyChange one, RemedyChange other) {
    if (one instanceof RemedyChange.Release) {
      return other instanceof RemedyChange.Release;
    }
    if (one instanceof RemedyChange.Add) {
      return other instanceof RemedyChange.Add;
    }
    if (one instanceof RemedyChange.Tracker) {
      return other instanceof RemedyChange.Tracker
          && (one.target().isEmpty() || meet(one.target(), other.target()));
    }
    if (one instanceof RemedyChange.Remove remove) {
      // With this action a removal chooses what is unplugged: another meaning than it has alone.
      return other instanceof Action action && action.name().equals(Action.UNPLUG_FOR_MIGRATION)
          || meet(remove.target(), other.target());
    }
    if (one instanceof RemedyChange.Replace replace) {
      return meet(replace.target(), other.target());
    }
    return !property(one).isEmpty()
        && property(one).equals(property(other))
        && meet(one.target(), other.target());
  }

  /** Whether both may name one device: a type names all of its devices. */
  private boolean meet(String one, String other) {
    return !other.isEmpty() && (one.equals(other) || types.contains(one) || types.contains(other));
  }

  private static String property(RemedyChange change) {
    if (change instanceof RemedyChange.Set set) {
      return set.property();
    }
    return change instanceof RemedyChange.Unset unset ? unset.property() : "";
  }
}
