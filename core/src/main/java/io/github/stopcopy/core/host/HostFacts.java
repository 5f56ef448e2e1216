package io.github.stopcopy.core.host;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What only the host knows; the model never asks a real one.
 *
 * @param pageSize the page size of the host in bytes, a power of two
 * @param accelerator what runs the guest if the command line does not say
 * @param cpuVendor the vendor of the processor, e.g. {@code GenuineIntel}
 * @param cpuPhysBits how many physical address bits the processor has
 * @param container what the IOMMU can do
 * @param devices what can be assigned, by name; a name that is missing is {@link
 *     HostDevice#CAPABLE}
 */
public record HostFacts(
    int pageSize,
    Optional<Accelerator> accelerator,
    Optional<String> cpuVendor,
    OptionalInt cpuPhysBits,
    HostContainer container,
    Map<String, HostDevice> devices) {

  /** A host that can do everything, with 4 KiB pages. */
  public static final HostFacts CAPABLE =
      new HostFacts(
          4096,
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          HostContainer.CAPABLE,
          Map.of());

  /** Copies the devices in the order given and checks the page size. */
  public HostFacts {
    if (Integer.bitCount(pageSize) != 1 || pageSize < 4096) {
      throw new IllegalArgumentException(
          "page size " + pageSize + " is no power of two from 4096 on");
    }
    devices = ImmutableMap.copyOf(devices);
  }

  /** The device with this name, or a capable one. */
  public HostDevice device(String name) {
    return devices.getOrDefault(name, HostDevice.CAPABLE);
  }
}
