package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.List;

/** Devices that leave the VM for the migration. */
final class UnplugCandidates {

  private final TargetDevices devices;
  private final HostFacts host;
  private final boolean starts;

  /**
   * Candidates.
   *
   * @param devices the VFIO devices
   * @param host what the host knows of them
   * @param starts whether QEMU starts with them, so that there is something to unplug them from
   */
  UnplugCandidates(TargetDevices devices, HostFacts host, boolean starts) {
    this.devices = devices;
    this.host = host;
    this.starts = starts;
  }

  List<Candidate> all() {
    return of(devices.all());
  }

  /** All that know no P2P; one of them may stay if it is alone then. */
  List<Candidate> withoutP2p() {
    List<DeviceConfig> some = new ArrayList<>();
    for (DeviceConfig device : devices.all()) {
      if (!host.device(VfioDevices.nameOf(device)).migration().p2p()) {
        some.add(device);
      }
    }
    return of(devices.areAll(some) && !some.isEmpty() ? some.subList(1, some.size()) : some);
  }

  List<Candidate> of(List<DeviceConfig> some) {
    if (some.isEmpty()) {
      return List.of();
    }
    boolean all = devices.areAll(some);
    String who = devices.every(some);
    List<RemedyChange> removed = devices.remove(some);
    if (!starts) {
      return List.of(
          Candidate.of(
              "start and migrate without " + who + ", and plug in what is needed afterwards",
              removed,
              RemedyNeed.RESTART));
    }
    String text =
        "unplug "
            + who
            + " before the migration, and plug in the like on the other side"
            + (devices.canBeUnplugged(some)
                ? ""
                : "; that takes type vfio-pci behind a pcie-root-port, for as it is now it cannot"
                    + " be unplugged");
    Candidate candidate =
        devices.canBeUnplugged(some)
            ? Candidate.of(
                text,
                Candidate.changes(
                    all ? List.of() : removed, List.of(new Action(Action.UNPLUG_FOR_MIGRATION))),
                RemedyNeed.UNPLUG)
            : Candidate.of(text, removed, RemedyNeed.UNPLUG, RemedyNeed.RESTART);
    return List.of(candidate.assuming("the guest lets go of the devices when it is asked to"));
  }
}
