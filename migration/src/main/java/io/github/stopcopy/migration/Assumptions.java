package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.migration.incoming.Arrival;
import io.github.stopcopy.migration.incoming.Unknown;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an answer rests on because nobody said it. */
final class Assumptions {

  private static final String DEFAULT = "default";

  /** Every processor that can assign devices has these; it is not worth telling. */
  private static final int LEAST_PHYS_BITS = 39;

  private Assumptions() {}

  /**
   * The release, if nobody named it, the address width of the host's processor, if the guest may
   * need all of it, and the facts of VFIO devices that the host has none of.
   */
  static List<Assumption> of(Scenario scenario, ProfileOrigin profileOrigin) {
    List<Assumption> all = new ArrayList<>();
    if (profileOrigin == ProfileOrigin.ASSUMED) {
      all.add(new Assumption("qemu", "profile", scenario.profile().id(), DEFAULT));
    }
    int bits = assumedPhysBits(scenario);
    if (bits > LEAST_PHYS_BITS) {
      all.add(new Assumption("host", "cpu-phys-bits", bits + " or more", DEFAULT));
    }
    for (String name : AssignedDevices.names(scenario)) {
      if (!scenario.host().devices().containsKey(name)) {
        HostDevice assumed = scenario.host().device(name);
        all.add(new Assumption(name, "migration", migration(assumed), DEFAULT));
        String logs = Boolean.toString(assumed.dmaLogging().supported());
        all.add(new Assumption(name, "dma-logging", logs, DEFAULT));
        all.add(new Assumption(name, "group", "a group of its own", DEFAULT));
        all.add(new Assumption(name, "bars", "none", DEFAULT));
      }
    }
    return all;
  }

  /** What the layout of memory takes, where the host's width decides and is not known; else 0. */
  private static int assumedPhysBits(Scenario scenario) {
    Result<MemoryPlan> plan =
        scenario.vm().memory().plan(scenario.vm(), scenario.profile(), scenario.host());
    return plan instanceof Result.Ok<MemoryPlan> ok ? ok.value().assumedPhysBits().orElse(0) : 0;
  }

  /** These, and what the arrival at a destination rests on. */
  static List<Assumption> of(List<Assumption> source, Optional<Arrival> arrival) {
    List<Assumption> all = new ArrayList<>(source);
    if (arrival.isPresent()) {
      for (Unknown unknown : arrival.get().unknowns()) {
        all.add(new Assumption(unknown.subject(), unknown.fact(), unknown.value(), DEFAULT));
      }
    }
    return all;
  }

  private static String migration(HostDevice device) {
    List<String> features = new ArrayList<>();
    if (device.migration().stopCopy()) {
      features.add("stop-copy");
    }
    if (device.migration().p2p()) {
      features.add("p2p");
    }
    if (device.migration().preCopy()) {
      features.add("pre-copy");
    }
    return String.join(", ", features);
  }
}
