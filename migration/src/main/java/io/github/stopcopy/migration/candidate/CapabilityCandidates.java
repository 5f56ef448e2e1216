package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What can be done about migration capabilities that QEMU or a device refuses, or misses. */
final class CapabilityCandidates {

  private static final Set<String> NOT_WITH_VFIO = Set.of("background-snapshot", "postcopy-ram");

  /** No QEMU knows more: such a list is a mistake as a whole, and each change would be played. */
  private static final int MOST_KNOWN = 32;

  private static final String RETURN_PATH = "return-path";
  private static final String MULTIFD = "multifd";
  private static final String MULTIFD_TRANSFER = "x-migration-multifd-transfer";

  private final Scenario scenario;

  CapabilityCandidates(Scenario scenario) {
    this.scenario = scenario;
  }

  /** Without those that VFIO refuses, with one that others need, or without one or all. */
  List<Candidate> refused() {
    Set<String> on = new TreeSet<>();
    for (Step step : scenario.steps()) {
      if (step instanceof Step.Migrate migrate) {
        on.addAll(migrate.capabilities());
      }
    }
    if (on.size() > MOST_KNOWN) {
      return List.of();
    }
    Set<String> unsupported = new TreeSet<>(on);
    unsupported.retainAll(NOT_WITH_VFIO);
    List<Candidate> all = new ArrayList<>();
    if (!unsupported.isEmpty()) {
      all.add(without(unsupported));
    } else if (!on.isEmpty() && !on.contains(RETURN_PATH)) {
      all.add(with(RETURN_PATH));
    }
    for (String capability : on) {
      all.add(without(Set.of(capability)));
    }
    if (on.size() > 1) {
      all.add(without(on));
    }
    return List.copyOf(new LinkedHashSet<>(all));
  }

  /** With several channels, or with devices that take them only if they are there. */
  List<Candidate> multifdTransfer(Collection<DeviceConfig> devices) {
    List<RemedyChange> changes = new ArrayList<>();
    for (DeviceConfig device : devices) {
      if (device.setting(MULTIFD_TRANSFER).isPresent()) {
        changes.add(new RemedyChange.Set(TargetDevices.target(device), MULTIFD_TRANSFER, "auto"));
      }
    }
    List<Candidate> all = new ArrayList<>();
    all.add(with(MULTIFD));
    if (!changes.isEmpty()) {
      all.add(Candidate.of("set " + MULTIFD_TRANSFER + "=auto", changes, RemedyNeed.RESTART));
    }
    return all;
  }

  private static Candidate with(String capability) {
    return Candidate.of(
        "migrate with the capability " + capability,
        List.of(new RemedyChange.Set("migrate", capability, "on")));
  }

  private static Candidate without(Collection<String> capabilities) {
    List<RemedyChange> changes = new ArrayList<>();
    for (String capability : capabilities) {
      changes.add(new RemedyChange.Set("migrate", capability, "off"));
    }
    return Candidate.of("migrate without " + String.join(" and ", capabilities), changes);
  }
}
