package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Devices are other hardware, whose log takes other ranges. */
final class TrackerCandidates {

  /** What devices are taken for where nobody knows better, and the worst: nobody can buy them. */
  private static final Set<String> NO_HARDWARE =
      Set.of(DeviceLogTrackerProvider.NAME, AllDirtyTrackerProvider.NAME);

  private final TargetDevices devices;
  private final Collection<DirtyTrackerProvider> trackers;
  private final AskedTrackers asked;

  TrackerCandidates(
      TargetDevices devices, Collection<DirtyTrackerProvider> trackers, AskedTrackers asked) {
    this.devices = devices;
    this.trackers = trackers;
    this.asked = asked;
  }

  /** Each of them for these devices, but one that all of them have. */
  List<Candidate> of(List<DeviceConfig> some) {
    List<Candidate> all = new ArrayList<>();
    for (DirtyTrackerProvider tracker : trackers) {
      String name = tracker.name();
      boolean isThere =
          some.stream().allMatch(device -> asked.of(VfioDevices.nameOf(device)).equals(name));
      if (NO_HARDWARE.contains(name) || isThere) {
        continue;
      }
      all.add(
          Candidate.of(
                  "have a device that logs as "
                      + name
                      + " does ("
                      + tracker.description()
                      + ") in place of "
                      + devices.every(some),
                  changes(some, name),
                  RemedyNeed.RESTART,
                  RemedyNeed.HOST_CHANGE)
              .assuming(
                  "there is such a device, it has the limits that the tracker "
                      + name
                      + " has without parameters, and the guest can do with it"));
    }
    return all;
  }

  /** One for all does not reach those that have one of their own. */
  private List<RemedyChange> changes(List<DeviceConfig> some, String name) {
    if (devices.areAll(some) && asked.byDevice().isEmpty()) {
      return List.of(new RemedyChange.Tracker("", name));
    }
    List<RemedyChange> changes = new ArrayList<>();
    some.forEach(
        device -> changes.add(new RemedyChange.Tracker(TargetDevices.target(device), name)));
    return changes;
  }
}
