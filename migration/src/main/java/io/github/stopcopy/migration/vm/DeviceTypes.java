package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.Collection;
import java.util.Set;

/** Tells vIOMMUs, VFIO devices, memory devices and all others apart, and finds their providers. */
final class DeviceTypes {

  /** vIOMMUs that QEMU has; one that nobody models must not be ignored. */
  private static final Set<String> VIRTUAL_IOMMUS =
      Set.of(
          "intel-iommu",
          "amd-iommu",
          "virtio-iommu-pci",
          "virtio-iommu",
          "arm-smmuv3",
          "riscv-iommu-pci");

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

  Kind kind(DeviceConfig device) {
    String driver = device.driver();
    if (VIRTUAL_IOMMUS.contains(driver) || plugins.virtualIommus().find(driver).isPresent()) {
      return Kind.VIRTUAL_IOMMU;
    }
    if (VfioDevice.isVfio(device) || plugins.deviceTypes().find(driver).isPresent()) {
      return Kind.VFIO;
    }
    return MemoryDevices.isMemoryDevice(driver) ? Kind.MEMORY : Kind.OTHER;
  }

  VirtualIommuProvider virtualIommu(String driver) throws InputException {
    return find(plugins.virtualIommus(), driver);
  }

  DeviceTypeProvider vfio(String driver) throws InputException {
    return find(plugins.deviceTypes(), driver);
  }

  private static <P> P find(ProviderSet<P> providers, String driver) throws InputException {
    return providers
        .find(driver)
        .orElseThrow(() ->
            InputException.of("no provider for " + driver + "; found: " + list(providers.names())));
  }

  private static String list(Collection<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names.stream().sorted().toList());
  }
}
