package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells vIOMMUs, VFIO devices, memory devices and all others apart, and finds their providers. */
final class DeviceTypes {

  /** What is part of the name of every vIOMMU that QEMU has, and should be of any other. */
  private static final List<String> IN_NAMES_OF_VIRTUAL_IOMMUS = List.of("iommu", "smmu");

  /** Devices with such a name that translate nothing. */
  private static final Set<String> NO_VIRTUAL_IOMMUS = Set.of("iommu-testdev");

  private final Plugins plugins;

  DeviceTypes(Plugins plugins) {
    this.plugins = plugins;
  }

  /** The kinds of device that matter. */
  enum Kind {
    VIRTUAL_IOMMU,
    VFIO,
    MEMORY,
    OTHER
  }

  /**
   * What a device is: what its provider says, else what its name says. A vIOMMU or VFIO device that
   * nobody models must not be ignored, also if it is one that nobody here has heard of.
   */
  Kind kind(DeviceConfig device) {
    String driver = device.driver();
    if (plugins.virtualIommus().isOffered(driver)) {
      return Kind.VIRTUAL_IOMMU;
    }
    if (plugins.deviceTypes().isOffered(driver)) {
      return Kind.VFIO;
    }
    if (isNamedAsVirtualIommu(driver)) {
      return Kind.VIRTUAL_IOMMU;
    }
    if (VfioDevice.isVfio(device)) {
      return Kind.VFIO;
    }
    return MemoryDevices.isMemoryDevice(driver) ? Kind.MEMORY : Kind.OTHER;
  }

  private static boolean isNamedAsVirtualIommu(String driver) {
    String lower = driver.toLowerCase(Locale.ROOT);
    return IN_NAMES_OF_VIRTUAL_IOMMUS.stream().anyMatch(lower::contains)
        && !NO_VIRTUAL_IOMMUS.contains(driver);
  }

  /** Whether {@code device_add} takes a device of this type; of others nobody knows (R-OBS-122). */
  boolean isHotpluggable(DeviceConfig device) throws InputException {
    return switch (kind(device)) {
      case VIRTUAL_IOMMU -> virtualIommu(device.driver()).hotpluggable();
      case VFIO -> vfio(device.driver()).hotpluggable();
      default -> true;
    };
  }

  VirtualIommuProvider virtualIommu(String driver) throws InputException {
    return find(plugins.virtualIommus(), driver);
  }

  DeviceTypeProvider vfio(String driver) throws InputException {
    return find(plugins.deviceTypes(), driver);
  }

  private static <P> P find(ProviderSet<P> providers, String driver) throws InputException {
    if (!providers.isOffered(driver)) {
      throw InputException.of("no provider for " + driver + "; found: " + list(providers.names()));
    }
    return providers.named("device type", driver);
  }

  private static String list(Collection<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names.stream().sorted().toList());
  }
}
