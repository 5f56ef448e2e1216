package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.driver.DriverAbility;
import io.github.stopcopy.vfiopci.driver.KernelDriver;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands in for facts of the host that nobody gave: what the kernel driver of a device is
 * known to do (R-HOST C4), else the default of each fact.
 */
final class AssumedHost {

  private AssumedHost() {}

  /**
   * The scenario with the drivers of devices for which the host names none.
   *
   * @throws InputException if a request names a device that is not there
   */
  static Scenario withDrivers(Scenario scenario, List<DriverRequest> requests)
      throws InputException {
    if (requests.isEmpty()) {
      return scenario;
    }
    String forOthers = null;
    Map<String, String> devices = devices(scenario);
    Map<String, String> byDevice = new HashMap<>();
    for (DriverRequest request : requests) {
      if (request.device().isPresent()) {
        byDevice.put(named(devices, request.device().get()), request.driver());
      } else {
        forOthers = request.driver();
      }
    }
    HostFacts host = scenario.host();
    HostFactsBuilder changed = host.toBuilder();
    for (String name : AssignedDevices.names(scenario)) {
      @Nullable String driver = byDevice.getOrDefault(name, forOthers);
      if (driver != null && host.device(name).driver().isEmpty()) {
        changed.device(name, host.device(name).toBuilder().driver(driver).build());
      }
    }
    return scenario.withHost(changed.build());
  }

  /** The names of the host's devices by what a request may call them; an id comes first. */
  private static Map<String, String> devices(Scenario scenario) {
    Map<String, String> devices = new LinkedHashMap<>();
    List<DeviceConfig> all = AssignedDevices.of(scenario);
    for (DeviceConfig device : all) {
      Optional<String> name = VfioDevice.nameOf(device);
      if (name.isPresent()) {
        devices.putIfAbsent(device.id().orElse(name.get()), name.get());
      }
    }
    for (DeviceConfig device : all) {
      Optional<String> name = VfioDevice.nameOf(device);
      if (name.isPresent()) {
        devices.putIfAbsent(name.get(), name.get());
        device.setting("host").ifPresent(address -> devices.putIfAbsent(address, name.get()));
      }
    }
    return devices;
  }

  private static String named(Map<String, String> devices, String device) throws InputException {
    String name = devices.get(device);
    if (name == null) {
      throw InputException.of(
          "a kernel driver is named for device '"
              + device
              + "', expected a VFIO device"
              + (devices.isEmpty()
                  ? ", of which there is none"
                  : ": " + String.join(", ", devices.keySet())));
    }
    return name;
  }

  /** The scenario with what drivers are known to do in place of facts that were not given. */
  static Scenario withDriverFacts(Scenario scenario) {
    HostFacts host = scenario.host();
    HostFactsBuilder changed = host.toBuilder();
    for (String name : AssignedDevices.names(scenario)) {
      HostDevice device = host.device(name);
      Optional<DriverAbility> ability = ability(host, device);
      if (ability.isPresent()) {
        changed.device(name, assumed(device, ability.get()));
      }
    }
    return scenario.withHost(changed.build());
  }

  private static HostDevice assumed(HostDevice device, DriverAbility ability) {
    HostDeviceBuilder changed = device.toBuilder();
    for (Fact fact : List.of(Fact.MIGRATION, Fact.DMA_LOGGING)) {
      if (!device.given().contains(fact)) {
        if (fact == Fact.MIGRATION) {
          changed.migration(ability.migration());
        } else {
          changed.dmaLogging(ability.dmaLogging());
        }
        changed.assumed(fact);
      }
    }
    return changed.build();
  }

  /** What the driver of a device is known to do; empty if nothing is known of it. */
  private static Optional<DriverAbility> ability(HostFacts host, HostDevice device) {
    return device.driver().flatMap(KernelDriver::named).map(driver -> driver.with(kernel(host)));
  }

  private static Optional<KernelRelease> kernel(HostFacts host) {
    return host.kernel().flatMap(KernelRelease::read);
  }

  /** Whether this fact of a device, which was not given, comes from its driver. */
  static boolean isOfDriver(HostDevice device, Fact fact) {
    return (fact == Fact.MIGRATION || fact == Fact.DMA_LOGGING)
        && device.driver().flatMap(KernelDriver::named).isPresent();
  }

  /**
   * What a device can track that logs as its driver is known to, also where somebody said that it
   * logs: neither debugfs nor a probe tells the limits. None where these were given.
   */
  static DeviceLimits limits(Scenario scenario, String name) {
    HostDevice device = scenario.host().device(name);
    DmaLogging logging = device.dmaLogging();
    boolean areGiven =
        device.given().contains(Fact.DMA_LOGGING)
            && (logging.maxRanges() != 0 || logging.maxLength() != 0);
    return areGiven || !logging.supported()
        ? DeviceLimits.NONE
        : ability(scenario.host(), device).map(DriverAbility::limits).orElse(DeviceLimits.NONE);
  }

  /** The same in words, where the rest of what it logs was given; empty if there are none. */
  static Optional<String> toldLimits(Scenario scenario, String name) {
    DeviceLimits limits = limits(scenario, name);
    if (!scenario.host().device(name).given().contains(Fact.DMA_LOGGING)
        || Objects.equals(limits, DeviceLimits.NONE)) {
      return Optional.empty();
    }
    String joined = limits.maxRanges() == 1 ? ", all joined to one" : "";
    return Optional.of("2^" + limits.pageCountBits() + " - 1 pages in each range" + joined);
  }

  /** The release of Linux that is assumed because drivers differ by it; empty if none is. */
  static Optional<KernelRelease> assumedKernel(Scenario scenario) {
    HostFacts host = scenario.host();
    if (kernel(host).isPresent()) {
      return Optional.empty();
    }
    Optional<KernelRelease> newest = Optional.empty();
    for (String name : AssignedDevices.names(scenario)) {
      HostDevice device = host.device(name);
      if (isAnyAssumed(device) || toldLimits(scenario, name).isPresent()) {
        Optional<KernelRelease> since = ability(host, device).flatMap(DriverAbility::since);
        if (since.isPresent() && newest.filter(n -> n.compareTo(since.get()) >= 0).isEmpty()) {
          newest = since;
        }
      }
    }
    return newest;
  }

  private static boolean isAnyAssumed(HostDevice device) {
    return !device.given().contains(Fact.MIGRATION) || !device.given().contains(Fact.DMA_LOGGING);
  }

  /** What there is to know of the drivers whose table rows are used, a line each. */
  static List<String> warnings(Scenario scenario) {
    List<String> lines = new ArrayList<>();
    Set<String> told = new LinkedHashSet<>();
    HostFacts host = scenario.host();
    for (String name : AssignedDevices.names(scenario)) {
      HostDevice device = host.device(name);
      boolean counts = isAnyAssumed(device) || toldLimits(scenario, name).isPresent();
      if (device.driver().isEmpty() || !counts) {
        continue;
      }
      String bound = device.driver().get();
      Optional<KernelDriver> driver = KernelDriver.named(bound);
      if (driver.isEmpty()) {
        lines.add(
            "Nothing is known of the kernel driver '"
                + bound
                + "' of "
                + name
                + ", known are "
                + String.join(", ", KernelDriver.names())
                + "; say in --host what the device can do.");
      } else if (told.add(bound)) {
        olderKernel(driver.get(), host).ifPresent(lines::add);
      }
    }
    return lines;
  }

  private static Optional<String> olderKernel(KernelDriver driver, HostFacts host) {
    Optional<KernelRelease> kernel = kernel(host);
    Optional<KernelRelease> latest = driver.newest().since();
    if (kernel.isEmpty() || latest.isEmpty() || latest.get().compareTo(kernel.get()) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "What "
            + driver.driver()
            + " can do changed with Linux "
            + latest.get()
            + ", and the host has "
            + host.kernel().orElseThrow()
            + "; if its distribution brought that back, say in --host what the device can do.");
  }
}
