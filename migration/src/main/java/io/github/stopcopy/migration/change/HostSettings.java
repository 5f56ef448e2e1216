package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Changes facts of the host: the driver of a device, or whether the IOMMU tracks. */
final class HostSettings {

  private static final String DEVICES = "devices.";
  private static final String DRIVER = ".driver";

  private HostSettings() {}

  static HostFacts set(HostFacts host, RemedyChange.Set set) throws InputException {
    String key = set.property();
    if (key.equals("containers.iommu-dirty-tracking")) {
      boolean on = Settings.isOn(set);
      return host.toBuilder()
          .container(host.container().toBuilder().iommuDirtyTracking(on).build())
          .build();
    }
    if (!key.startsWith(DEVICES)
        || !key.endsWith(DRIVER)
        || key.length() <= DEVICES.length() + DRIVER.length()) {
      throw InputException.of(
          "the host's '"
              + key
              + "' cannot be changed, expected devices.NAME.driver or"
              + " containers.iommu-dirty-tracking");
    }
    String device = key.substring(DEVICES.length(), key.length() - DRIVER.length());
    KernelDriver driver =
        KernelDriver.named(set.value())
            .orElseThrow(() ->
                InputException.of(
                    "nothing is known of the driver '"
                        + set.value()
                        + "', expected one of "
                        + String.join(
                            ", ",
                            Arrays.stream(KernelDriver.values())
                                .map(KernelDriver::driver)
                                .toList())));
    return host.toBuilder().device(device, bound(host.device(device), driver)).build();
  }

  /** What is known of the device's own failures does not hold for another driver. */
  private static HostDevice bound(HostDevice device, KernelDriver driver) {
    return new HostDevice(
        device.group(),
        Optional.of(driver.driver()),
        device.pciId(),
        driver.migration(),
        driver.dmaLogging(),
        device.dmaBuf(),
        Map.of(),
        device.bars(),
        device.msix());
  }
}
