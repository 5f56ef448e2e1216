package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.migration.candidate.CheckOptions;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Optional;

/**
 * A change that many VMs can share: devices are named by their type, or as {@code *} where only the
 * host knows them. For each VM it is counted for, the model has played it with that VM's devices.
 *
 * @param changes the change as data, each part once
 * @param needs what it asks of people
 */
public record FleetChange(List<RemedyChange> changes, List<RemedyNeed> needs) {

  /** Copies the lists. */
  public FleetChange {
    changes = List.copyOf(changes);
    needs = List.copyOf(needs);
  }

  /** The options of {@code stopcopy fleet} and {@code check} that try it, if there are any. */
  public Optional<String> command() {
    return changes.stream().anyMatch(FleetChange::isOfSomeDevice)
        ? Optional.empty()
        : CheckOptions.of(changes);
  }

  private static boolean isOfSomeDevice(RemedyChange change) {
    return change instanceof RemedyChange.Set set && set.property().contains(".*.");
  }

  /** The change in few words: the options, or what takes their place where there are none. */
  @Override
  public String toString() {
    return command().orElseGet(() -> String.join(", ", changes.stream().map(this::text).toList()));
  }

  private String text(RemedyChange change) {
    if (change instanceof RemedyChange.Set set) {
      return set.target() + "." + set.property() + "=" + set.value();
    } else if (change instanceof RemedyChange.Unset unset) {
      return "do not set " + unset.target() + "." + unset.property();
    } else if (change instanceof RemedyChange.Remove remove) {
      return "remove " + remove.target();
    } else if (change instanceof RemedyChange.Replace replace) {
      return replace.driver() + " in place of " + replace.target();
    } else if (change instanceof RemedyChange.Add add) {
      return "-device " + add.option();
    } else if (change instanceof RemedyChange.Tracker tracker) {
      return "a log as of " + tracker.tracker();
    } else if (change instanceof RemedyChange.Release release) {
      return "QEMU " + release.profile();
    }
    return ((RemedyChange.Action) change).name();
  }
}
