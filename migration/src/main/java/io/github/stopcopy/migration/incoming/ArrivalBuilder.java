package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.destination.Loading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is found about a destination. */
final class ArrivalBuilder {

  private final QemuProfile profile;
  private final List<Obstacle> obstacles = new ArrayList<>();
  private final List<LoadedDevice> devices = new ArrayList<>();
  private final List<Unknown> unknowns = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  ArrivalBuilder(QemuProfile profile) {
    this.profile = profile;
  }

  QemuProfile profile() {
    return profile;
  }

  void obstacle(Obstacle obstacle) {
    obstacles.add(obstacle);
  }

  void device(LoadedDevice device) {
    devices.add(device);
  }

  void unknown(Unknown unknown) {
    unknowns.add(unknown);
  }

  void warning(String line) {
    warnings.add(line);
  }

  boolean isLoaded() {
    return obstacles.stream().allMatch(obstacle -> obstacle.outcome().isLoaded());
  }

  /** What is found out first comes first, and ends the migration. */
  Arrival build() {
    obstacles.sort(Comparator.comparing(Obstacle::outcome));
    LoadOutcome outcome = obstacles.isEmpty() ? LoadOutcome.LOADED : obstacles.get(0).outcome();
    return new Arrival(new Loading(profile, outcome, devices), obstacles, unknowns, warnings);
  }
}
