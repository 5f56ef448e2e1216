package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.migration.vm.DeviceStates;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The devices of a VM that waits take the states that a source sends, one by one (R-OBS-116). */
final class DeviceLoading {

  private static final String SECTION = "/vfio";

  private final Story source;
  private final HostFacts sourceHost;
  private final HostFacts host;
  private final WaitingVm waiting;
  private final Vm vm;
  private final DeviceStates states;
  private final ArrivalBuilder arrival;
  private final LoadTexts texts;
  private final Map<String, VfioDevice> bySection = new HashMap<>();
  private final Map<String, String> sourceOf = new HashMap<>();

  DeviceLoading(
      Story source, Destination destination, WaitingVm waiting, Vm vm, ArrivalBuilder arrival) {
    this.source = source;
    this.sourceHost = source.scenario().host();
    this.host = destination.host();
    this.waiting = waiting;
    this.vm = vm;
    this.states = vm.deviceStates();
    this.arrival = arrival;
    this.texts = LoadTexts.of(arrival.profile());
    for (VfioDevice device : vm.vfioDevices()) {
      bySection.put(states.section(device), device);
    }
  }

  /**
   * Loads all, and lets the VM run if nothing stands in the way.
   *
   * @param events takes what happens, as it happens
   */
  void play(List<ModelEvent> events) {
    Map<String, VfioDevice> takes = states.bySection();
    source.vm().deviceStates().bySection().forEach((section, sent) -> load(section, sent, takes));
    others();
    if (arrival.isLoaded()) {
      wayBack();
      events.clear();
      states.runVm();
      resets(events);
    }
  }

  private void load(String section, VfioDevice sent, Map<String, VfioDevice> takes) {
    VfioDevice there = bySection.get(section);
    boolean loaded = there == null ? missing(section, sent) : load(section, sent, there, takes);
    arrival.device(
        new LoadedDevice(
            sent.name(),
            sent.id(),
            section,
            Optional.ofNullable(there).map(VfioDevice::name),
            loaded));
  }

  private boolean missing(String section, VfioDevice sent) {
    return found(
        LoadOutcome.SOURCE_RUNS_ON,
        sent,
        Cause.DESTINATION_DEVICE_MISSING.finding(
            texts.unknownSection(section),
            section.substring(0, section.length() - SECTION.length())));
  }

  private boolean load(
      String section, VfioDevice sent, VfioDevice there, Map<String, VfioDevice> takes) {
    sourceOf.put(there.name(), sent.name());
    if (!takes.containsKey(section)) {
      return found(
          LoadOutcome.SOURCE_RUNS_ON,
          sent,
          Cause.DESTINATION_CANNOT_LOAD.finding(
              texts.unknownSection(section), there.name(), whyNoMigration(there)));
    }
    Optional<QemuError> refused = states.load(there);
    if (refused.isPresent()) {
      return found(
          LoadOutcome.SOURCE_RUNS_ON,
          sent,
          Cause.DESTINATION_REFUSES_STATE.finding(
              texts.notLoaded(section, refused.get().text()),
              there.name(),
              refused.get().errno().text()));
    }
    if (sent.pciId().isPresent()
        && there.pciId().isPresent()
        && !sent.pciId().equals(there.pciId())) {
      return found(
          LoadOutcome.VM_LOST,
          sent,
          Cause.DESTINATION_DEVICE_DIFFERS.finding(
              texts.otherConfiguration(there.name()),
              sent.pciId().get(),
              there.name(),
              there.pciId().get()));
    }
    assume(sent, there);
    compareBars(sent, there);
    return true;
  }

  /** A device without a part in migrations is always blocked, and the blocker says why. */
  private String whyNoMigration(VfioDevice there) {
    return blocker(there)
        .map(found -> found.finding().explanation())
        .orElse("It takes part in no migration.");
  }

  private Optional<DeviceFinding> blocker(VfioDevice there) {
    return vm.blockedBy().stream()
        .filter(found -> found.device().equals(Optional.of(there.name())))
        .findFirst();
  }

  private void assume(VfioDevice sent, VfioDevice there) {
    List<String> what = new ArrayList<>();
    if (waiting.guessed().contains(there.name())) {
      what.add("that " + there.name() + " takes its place");
    }
    if (!host.devices().containsKey(HostFacts.nameOf(there.name()))) {
      what.add("that " + there.name() + " can migrate");
      arrival.unknown(Unknown.of(there.name(), "migration", "stop-copy, p2p"));
    }
    if (sent.pciId().isEmpty() || there.pciId().isEmpty()) {
      what.add("that " + there.name() + " has the PCI id that the VM knows");
      arrival.unknown(
          Unknown.of(there.name(), "pci-id", sent.pciId().orElse("as that of " + sent.name())));
    }
    if (!what.isEmpty()) {
      found(
          LoadOutcome.LOADED, sent, Cause.DESTINATION_ASSUMED.finding("", String.join(", ", what)));
    }
  }

  private void compareBars(VfioDevice sent, VfioDevice there) {
    Map<Integer, Bar> known = sourceHost.device(sent.name()).bars();
    Map<Integer, Bar> found = host.device(there.name()).bars();
    if (known.isEmpty() || found.isEmpty()) {
      arrival.unknown(Unknown.of(there.name(), "bars", "as those of " + sent.name()));
      return;
    }
    List<String> differences = new ArrayList<>();
    TreeSet<Integer> numbers = new TreeSet<>(known.keySet());
    numbers.addAll(found.keySet());
    for (int number : numbers) {
      String here = told(known.get(number));
      String other = told(found.get(number));
      if (!here.equals(other)) {
        differences.add("BAR " + number + " is " + other + " instead of " + here);
      }
    }
    if (!differences.isEmpty()) {
      found(
          LoadOutcome.LOADED,
          sent,
          Cause.DESTINATION_BARS_DIFFER.finding("", there.name(), String.join(", ", differences)));
    }
  }

  private static String told(@Nullable Bar bar) {
    return bar == null
        ? "none"
        : bar.kind().name().toLowerCase(Locale.ROOT) + " of 0x" + Long.toHexString(bar.size());
  }

  /** What loading does not need, but a migration that begins there does. */
  private void wayBack() {
    for (DeviceFinding found : vm.blockedBy()) {
      arrival.warning(
          "The way back: on the destination QEMU would refuse to migrate the VM, "
              + found.finding().code()
              + ": "
              + found.error().text());
    }
    sourceOf.forEach((there, sent) -> {
      HostDevice other = host.device(there);
      if (sourceHost.device(sent).migration().p2p()
          && other.migration().error().isEmpty()
          && !other.migration().p2p()) {
        arrival.warning(
            there
                + " has no P2P on the destination. Loading does not need it; several devices need"
                + " it to migrate from there.");
      }
    });
  }

  private void others() {
    for (VfioDevice device : vm.vfioDevices()) {
      if (!sourceOf.containsKey(device.name())) {
        arrival.warning(
            device.name()
                + " is in the VM that waits on the destination, and the source sends no state for"
                + " it.");
      }
    }
  }

  /** A state that a device refuses as the VM starts makes QEMU reset it (R-MIG-43). */
  private void resets(List<ModelEvent> events) {
    VfioEvent.DeviceState refused = null;
    for (ModelEvent event : events) {
      if (event instanceof VfioEvent.DeviceState state && state.errno().isPresent()) {
        refused = state;
      } else if (refused != null && event instanceof MessageEvent message) {
        reset(refused, message.text());
        refused = null;
      }
    }
  }

  private void reset(VfioEvent.DeviceState refused, String text) {
    Optional<String> sent = Optional.ofNullable(sourceOf.get(refused.device()));
    Finding finding =
        Cause.DESTINATION_RESETS_DEVICE.finding(
            text, refused.device(), refused.to().toString(), refused.errno().orElseThrow().text());
    arrival.obstacle(new Obstacle(LoadOutcome.DEVICE_STATE_LOST, finding, sent));
  }

  /** Whether the state is loaded all the same. */
  private boolean found(LoadOutcome outcome, VfioDevice sent, Finding finding) {
    arrival.obstacle(new Obstacle(outcome, finding, Optional.of(sent.name())));
    return outcome.isLoaded();
  }
}
