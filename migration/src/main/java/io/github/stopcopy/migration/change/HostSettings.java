package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.vfiopci.driver.DriverAbility;
import io.github.stopcopy.vfiopci.driver.KernelDriver;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Changes facts of the host: what a device and its driver can do, or whether the IOMMU tracks.
 * Facts are made once for all changes, since there may be one for each of many devices.
 */
final class HostSettings {

  private static final String DEVICES = "devices.";

  private final HostFacts before;
  private final Map<String, HostDevice> devices = new LinkedHashMap<>();
  private HostContainer container;

  HostSettings(HostFacts before) {
    this.before = before;
    this.container = before.container();
  }

  void set(RemedyChange.Set set) throws InputException {
    String key = set.property();
    if (key.equals("containers.iommu-dirty-tracking")) {
      container = container.toBuilder().iommuDirtyTracking(Settings.isOn(set)).build();
      return;
    }
    int end = key.lastIndexOf('.');
    if (!key.startsWith(DEVICES) || end <= DEVICES.length()) {
      throw unknown(key);
    }
    String name = key.substring(DEVICES.length(), end);
    HostDevice device = devices.getOrDefault(name, before.device(name));
    devices.put(
        name,
        switch (key.substring(end + 1)) {
          case "driver" -> bound(device, set.value());
          case "migration" -> device.toBuilder().migration(migration(set)).build();
          case "dma-logging" ->
              device.toBuilder()
                  .dmaLogging(Settings.isOn(set) ? DmaLogging.SUPPORTED : DmaLogging.NONE)
                  .build();
          default -> throw unknown(key);
        });
  }

  /** Whether there is a change at all. */
  boolean isChanged() {
    return !devices.isEmpty() || !Objects.equals(container, before.container());
  }

  /** The facts with all changes. */
  HostFacts facts() {
    HostFactsBuilder after = before.toBuilder().container(container);
    devices.forEach(after::device);
    return after.build();
  }

  private static InputException unknown(String key) {
    return InputException.of(
        "the host's '"
            + key
            + "' cannot be changed, expected devices.NAME.driver, devices.NAME.migration,"
            + " devices.NAME.dma-logging or containers.iommu-dirty-tracking");
  }

  private static MigrationSupport migration(RemedyChange.Set set) throws InputException {
    Set<String> features = new HashSet<>(List.of(set.value().split(",", -1)));
    MigrationSupport support =
        MigrationSupport.of(
            features.remove("stop-copy"), features.remove("p2p"), features.remove("pre-copy"));
    if (!features.isEmpty()) {
      throw InputException.of(
          "the host's '"
              + set.property()
              + "' is '"
              + set.value()
              + "', expected stop-copy, p2p and pre-copy, with commas between");
    }
    return support;
  }

  /**
   * A device that another driver serves. What is known of the device's own failures does not hold
   * for it, and what it can do is known from the driver only.
   */
  private HostDevice bound(HostDevice device, String name) throws InputException {
    KernelDriver driver =
        KernelDriver.named(name)
            .orElseThrow(() ->
                InputException.of(
                    "nothing is known of the driver '"
                        + name
                        + "', expected one of "
                        + String.join(", ", KernelDriver.names())));
    DriverAbility ability = driver.with(before.kernel().flatMap(KernelRelease::read));
    Set<Fact> given = new HashSet<>(device.given());
    given.removeAll(Set.of(Fact.MIGRATION, Fact.DMA_LOGGING));
    return new HostDevice(
        device.group(),
        Optional.of(driver.driver()),
        device.pciId(),
        ability.migration(),
        ability.dmaLogging(),
        device.dmaBuf(),
        Map.of(),
        device.bars(),
        device.msix(),
        given);
  }
}
