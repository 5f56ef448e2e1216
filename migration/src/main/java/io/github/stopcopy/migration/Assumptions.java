package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.migration.incoming.Arrival;
import io.github.stopcopy.migration.incoming.Unknown;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an answer rests on because nobody said it. */
final class Assumptions {

  private static final String DEFAULT = "default";
  private static final String DRIVER_TABLE = "driver table";

  /** Every processor that can assign devices has these; it is not worth telling. */
  private static final int LEAST_PHYS_BITS = 39;

  private Assumptions() {}

  /**
   * The release, if nobody named it, the address width of the host's processor, if the guest may
   * need all of it, and what nobody said of the host and its VFIO devices. A dump of the guest's
   * memory says where BARs are.
   */
  static List<Assumption> of(Story story, ProfileOrigin profileOrigin) {
    Scenario scenario = story.scenario();
    List<Assumption> all = new ArrayList<>();
    if (profileOrigin == ProfileOrigin.ASSUMED) {
      all.add(new Assumption("qemu", "profile", scenario.profile().id(), DEFAULT));
    }
    int bits = assumedPhysBits(scenario);
    if (bits > LEAST_PHYS_BITS) {
      all.add(new Assumption("host", "cpu-phys-bits", bits + " or more", DEFAULT));
    }
    Optional<KernelRelease> kernel = AssumedHost.assumedKernel(scenario);
    kernel.ifPresent(
        release -> all.add(new Assumption("host", "kernel", release + " or newer", DRIVER_TABLE)));
    for (String name : AssignedDevices.names(scenario)) {
      for (Fact fact : Fact.values()) {
        if (fact != Fact.BARS || !story.vm().areBarsKnown()) {
          fact(scenario, name, fact).ifPresent(all::add);
        }
      }
      limits(scenario, name).ifPresent(all::add);
    }
    return all;
  }

  /** The fact of a device as it is assumed; empty if it was given. */
  static Optional<Assumption> fact(Scenario scenario, String name, Fact fact) {
    HostDevice device = scenario.host().device(name);
    if (device.given().contains(fact)) {
      return Optional.empty();
    }
    String value =
        switch (fact) {
          case MIGRATION -> text(device.migration());
          case DMA_LOGGING -> Boolean.toString(device.dmaLogging().supported());
          case GROUP -> "a group of its own";
          case BARS -> "none";
        };
    String origin = AssumedHost.isOfDriver(device, fact) ? DRIVER_TABLE : DEFAULT;
    return Optional.of(new Assumption(name, fact.key(), value, origin));
  }

  /** What a device can track at most, where it is only known of its driver; empty otherwise. */
  static Optional<Assumption> limits(Scenario scenario, String name) {
    return AssumedHost.toldLimits(scenario, name)
        .map(limits -> new Assumption(name, "dma-logging-max-length", limits, DRIVER_TABLE));
  }

  /** The same fact of several devices, of those for which it is assumed. */
  static List<Assumption> facts(Scenario scenario, Collection<String> names, Fact fact) {
    return names.stream().flatMap(name -> fact(scenario, name, fact).stream()).toList();
  }

  /**
   * Which assumed abilities made a migration go well, by device: that it can be saved, and that it
   * logs what it writes where it was asked to.
   */
  static Map<VfioDevice, List<Assumption>> reliedOn(Story story) {
    Set<String> logging = new HashSet<>();
    story
        .sinceMigrate()
        .single()
        .forEach(event -> {
          if (event instanceof VfioEvent.DmaLoggingStart start) {
            logging.add(start.device());
          }
        });
    Set<String> leaving = new HashSet<>();
    story.vm().failoverPrimaries().forEach(primary -> leaving.add(primary.device()));
    Map<VfioDevice, List<Assumption>> all = new LinkedHashMap<>();
    for (VfioDevice device : story.vm().vfioDevices()) {
      String name = device.name();
      List<Assumption> facts = new ArrayList<>();
      if (leaving.contains(name)) {
        continue; // it takes no part, whatever it can do (R-OBS-115)
      }
      fact(story.scenario(), name, Fact.MIGRATION).ifPresent(facts::add);
      if (logging.contains(name)) {
        fact(story.scenario(), name, Fact.DMA_LOGGING).ifPresent(facts::add);
      }
      if (!facts.isEmpty()) {
        all.put(device, facts);
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

  private static String text(MigrationSupport migration) {
    List<String> features = new ArrayList<>();
    if (migration.stopCopy()) {
      features.add("stop-copy");
    }
    if (migration.p2p()) {
      features.add("p2p");
    }
    if (migration.preCopy()) {
      features.add("pre-copy");
    }
    return features.isEmpty() ? "none" : String.join(", ", features);
  }
}
