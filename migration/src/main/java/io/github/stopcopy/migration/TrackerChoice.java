package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.migration.candidate.AskedTrackers;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens the dirty trackers that were asked for, and closes them in the end; a device nobody asked
 * one for logs what it is asked to, within its limits.
 */
final class TrackerChoice implements Function<String, DirtyTracker>, AutoCloseable {

  private record Chosen(
      String name, DirtyTrackerProvider provider, Map<String, String> parameters) {

    DirtyTracker open(String device, int hostPageSize) throws InputException {
      try {
        return provider.open(new TrackerConfig(device, hostPageSize, parameters));
      } catch (InputException wrong) {
        throw InputException.of("dirty tracker " + name + ": " + wrong.getMessage());
      }
    }

    String text() {
      StringBuilder text = new StringBuilder(name);
      parameters.forEach((key, value) -> text.append(',').append(key).append('=').append(value));
      return text.toString();
    }
  }

  private final ProviderSet<DirtyTrackerProvider> trackers;
  private final Scenario scenario;
  private final Limits limits;
  private final Map<String, Chosen> byDevice = new HashMap<>();
  private final List<DirtyTracker> opened = new ArrayList<>();
  private @Nullable Chosen forOthers;

  /** What devices can track nobody asked a tracker for. */
  @FunctionalInterface
  interface Limits {

    /** The limits of a device, by the name of the host's device. */
    DeviceLimits of(Scenario scenario, String device);
  }

  private TrackerChoice(
      ProviderSet<DirtyTrackerProvider> trackers, Scenario scenario, Limits limits) {
    this.trackers = trackers;
    this.scenario = scenario;
    this.limits = limits;
  }

  /**
   * What was asked for, checked as far as it can be before anything is played.
   *
   * @param limits what a device can track nobody asked a tracker for
   * @throws InputException if a tracker or a device is not there, or a tracker refuses its
   *     parameters
   */
  static TrackerChoice of(
      List<TrackerRequest> requests,
      ProviderSet<DirtyTrackerProvider> trackers,
      Scenario scenario,
      Limits limits)
      throws InputException {
    TrackerChoice choice = new TrackerChoice(trackers, scenario, limits);
    choice.add(requests);
    return choice;
  }

  /**
   * The choice for a scenario that was made of this one by changes, which may be about trackers.
   *
   * @throws InputException if a tracker or a device is not there
   */
  TrackerChoice after(List<RemedyChange> changes, Scenario changed) throws InputException {
    TrackerChoice choice = new TrackerChoice(trackers, changed, limits);
    choice.byDevice.putAll(byDevice);
    choice.forOthers = forOthers;
    choice.add(requests(changes));
    return choice;
  }

  /** What changes ask for. */
  static List<TrackerRequest> requests(List<RemedyChange> changes) {
    List<TrackerRequest> requests = new ArrayList<>();
    for (RemedyChange change : changes) {
      if (change instanceof RemedyChange.Tracker tracker) {
        Optional<String> device = Optional.of(tracker.target()).filter(name -> !name.isEmpty());
        requests.add(new TrackerRequest(device, tracker.tracker(), Map.of()));
      }
    }
    return requests;
  }

  private void add(List<TrackerRequest> requests) throws InputException {
    List<DeviceConfig> devices = requests.isEmpty() ? List.of() : vfioDevices(scenario);
    for (TrackerRequest request : requests) {
      DirtyTrackerProvider provider = trackers.named("dirty tracker", request.tracker());
      Chosen chosen = new Chosen(request.tracker(), provider, request.parameters());
      String device;
      if (request.device().isPresent()) {
        device = hostDevice(devices, request.device().get());
        byDevice.put(device, chosen);
      } else {
        device = devices.isEmpty() ? "" : hostDevice(devices.get(0));
        forOthers = chosen;
      }
      try {
        chosen.open(device, scenario.host().pageSize()).close();
      } catch (PluginFailure failure) {
        throw failure.asInput();
      }
    }
  }

  /** The trackers that there are, as they are asked for. */
  AskedTrackers asked() {
    Map<String, String> texts = new HashMap<>();
    byDevice.forEach((device, chosen) -> texts.put(device, chosen.text()));
    return new AskedTrackers(
        texts, forOthers == null ? DeviceLogTrackerProvider.NAME : forOthers.text());
  }

  /**
   * Opens the tracker of a device.
   *
   * @param device the name of the host's device
   */
  @Override
  public DirtyTracker apply(String device) {
    Chosen chosen = byDevice.getOrDefault(device, forOthers);
    if (chosen == null) {
      return new DeviceLogTracker(limits.of(scenario, device));
    }
    try {
      DirtyTracker tracker = chosen.open(device, scenario.host().pageSize());
      opened.add(tracker);
      return tracker;
    } catch (InputException refused) {
      throw PluginFailure.refused(refused);
    }
  }

  /** The name of a device's tracker: that of one that logs what it is asked to, by default. */
  String name(String device) {
    Chosen chosen = byDevice.getOrDefault(device, forOthers);
    return chosen == null ? DeviceLogTrackerProvider.NAME : chosen.name;
  }

  /** Closes all, also if one of them fails; the first failure is thrown in the end. */
  @Override
  public void close() {
    PluginFailure first = null;
    for (DirtyTracker tracker : opened) {
      try {
        tracker.close();
      } catch (PluginFailure failure) {
        first = first == null ? failure : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** The VFIO devices of a scenario that stand for a host's device, also those plugged later. */
  private static List<DeviceConfig> vfioDevices(Scenario scenario) {
    List<DeviceConfig> devices = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        devices.add(add.device());
      }
    }
    devices.removeIf(device -> !VfioDevice.isVfio(device) || VfioDevice.nameOf(device).isEmpty());
    return devices;
  }

  private static String hostDevice(DeviceConfig device) {
    return VfioDevice.nameOf(device).orElseThrow();
  }

  /** The name of the host's device that one of these devices stands for. */
  private static String hostDevice(List<DeviceConfig> devices, String idOrName)
      throws InputException {
    List<String> known = new ArrayList<>();
    for (DeviceConfig device : devices) {
      String name = hostDevice(device);
      if (device.id().equals(Optional.of(idOrName)) || name.equals(idOrName)) {
        return name;
      }
      known.add(device.id().orElse(name));
    }
    throw InputException.of(
        "a dirty tracker was asked for device '"
            + idOrName
            + "', expected a VFIO device"
            + (known.isEmpty() ? ", of which there is none" : ": " + String.join(", ", known)));
  }
}
