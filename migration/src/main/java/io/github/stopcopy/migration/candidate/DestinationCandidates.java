package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.driver.KernelDriver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What could change on the other side, so that it loads what the source sends. */
final class DestinationCandidates {

  private static final String DESTINATION = "destination";

  private final Scenario scenario;
  private final Map<String, String> there = new HashMap<>();

  DestinationCandidates(Scenario scenario, List<LoadedDevice> devices) {
    this.scenario = scenario;
    for (LoadedDevice device : devices) {
      device.there().ifPresent(name -> there.put(device.device(), name));
    }
  }

  /** The driver of the source's device, if it is known and can migrate, else the most common. */
  List<Candidate> driver(List<DeviceConfig> some) {
    List<RemedyChange> changes = new ArrayList<>();
    TreeSet<String> guessed = new TreeSet<>();
    TreeSet<String> all = new TreeSet<>();
    for (DeviceConfig device : some) {
      String name = VfioDevices.nameOf(device);
      String other = there.get(name);
      if (other == null) {
        continue;
      }
      Optional<String> known =
          scenario
              .host()
              .device(name)
              .driver()
              .filter(driver -> KernelDriver.named(driver).isPresent());
      if (known.isEmpty()) {
        guessed.add(other);
      }
      String driver = known.orElse(KernelDriver.MLX5.driver());
      all.add(driver + " to " + other);
      changes.add(new RemedyChange.Set(DESTINATION, "devices." + other + ".driver", driver));
    }
    if (changes.isEmpty()) {
      return List.of();
    }
    Candidate candidate =
        Candidate.of(
            "on the destination bind " + String.join(", ", all), changes, RemedyNeed.HOST_CHANGE);
    return List.of(
        guessed.isEmpty()
            ? candidate
            : candidate.assuming(
                String.join(", ", guessed) + " is " + KernelDriver.MLX5.devices()));
  }

  /** The release of the source has the machine type that the VM has. */
  List<Candidate> release() {
    String id = scenario.profile().id();
    return List.of(
        Candidate.of(
            "run QEMU " + id + " on the destination, as on the source",
            List.of(new RemedyChange.Set(DESTINATION, "profile", id)),
            RemedyNeed.HOST_CHANGE));
  }
}
