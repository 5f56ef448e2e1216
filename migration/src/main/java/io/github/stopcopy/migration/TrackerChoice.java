package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioPciDevice;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens the dirty trackers that were asked for, and closes them in the end; a device nobody asked one
 * for logs everything.
 */
final class TrackerChoice implements Function<String, DirtyTracker>, AutoCloseable {

  /** A tracker that throws, or answers what no tracker may. */
  static final class TrackerFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TrackerFailure(String tracker, String problem) {
      super("dirty tracker " + tracker + " failed: " + problem);
    }

    InputException asInput() {
      return InputException.of(Objects.requireNonNull(getMessage()));
    }
  }

  private record Chosen(DirtyTrackerProvider provider, Map<String, String> parameters) {

    GuardedTracker open(String device, int hostPageSize) throws InputException {
      TrackerConfig config = new TrackerConfig(device, hostPageSize, parameters);
      try {
        DirtyTracker opened = provider.open(config);
        if (opened == null) {
          throw new TrackerFailure(provider.name(), "it opened nothing, expected a tracker");
        }
        return new GuardedTracker(provider.name(), opened);
      } catch (TrackerFailure failure) {
        throw failure;
      } catch (RuntimeException | LinkageError broken) {
        throw new TrackerFailure(provider.name(), broken.toString());
      }
    }
  }

  private final int hostPageSize;
  private final Map<String, Chosen> byDevice = new HashMap<>();
  private final List<GuardedTracker> opened = new ArrayList<>();
  private @Nullable Chosen forOthers;

  private TrackerChoice(int hostPageSize) {
    this.hostPageSize = hostPageSize;
  }

  /**
   * What was asked for, checked as far as it can be before anything is played.
   *
   * @throws InputException if a tracker or a device is not there, or a tracker refuses its parameters
   */
  static TrackerChoice of(
      List<TrackerRequest> requests,
      ProviderSet<DirtyTrackerProvider> trackers,
      Scenario scenario)
      throws InputException {
    TrackerChoice choice = new TrackerChoice(scenario.host().pageSize());
    for (TrackerRequest request : requests) {
      Optional<DirtyTrackerProvider> provider = trackers.find(request.tracker());
      if (provider.isEmpty()) {
        throw InputException.of(
            "no dirty tracker is named '" + request.tracker() + "'; found: "
                + String.join(", ", trackers.names()));
      }
      Chosen chosen = new Chosen(provider.get(), request.parameters());
      if (request.device().isPresent()) {
        choice.byDevice.put(hostDevice(scenario, request.device().get()), chosen);
      } else {
        choice.forOthers = chosen;
      }
      try {
        chosen.open(request.device().orElse(""), choice.hostPageSize).close();
      } catch (TrackerFailure failure) {
        throw failure.asInput();
      }
    }
    return choice;
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
      return new DeviceLogTracker(DeviceLimits.NONE);
    }
    try {
      GuardedTracker tracker = chosen.open(device, hostPageSize);
      opened.add(tracker);
      return tracker;
    } catch (InputException refused) {
      throw new TrackerFailure(chosen.provider.name(), refused.getMessage());
    }
  }

  @Override
  public void close() {
    opened.forEach(GuardedTracker::close);
  }

  /** The name of the host's device that a device of the scenario, also a later one, stands for. */
  private static String hostDevice(Scenario scenario, String idOrName) throws InputException {
    List<DeviceConfig> devices = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        devices.add(add.device());
      }
    }
    List<String> known = new ArrayList<>();
    for (DeviceConfig device : devices) {
      Optional<String> name =
          VfioPciDevice.isVfio(device) ? VfioPciDevice.nameOf(device) : Optional.empty();
      if (name.isPresent()) {
        if (device.id().equals(Optional.of(idOrName)) || name.get().equals(idOrName)) {
          return name.get();
        }
        known.add(device.id().orElse(name.get()));
      }
    }
    throw InputException.of(
        "a dirty tracker was asked for device '" + idOrName + "', expected a VFIO device"
            + (known.isEmpty() ? ", of which there is none" : ": " + String.join(", ", known)));
  }
}
