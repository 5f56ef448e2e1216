package io.github.stopcopy.core.host;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What only the host knows; the model never asks a real one. Immutable; made with {@link
 * #builder()} or by a reader.
 *
 * @param pageSize the page size of the host in bytes, a power of two
 * @param accelerator what runs the guest if the command line does not say
 * @param cpuVendor the vendor of the processor, e.g. {@code GenuineIntel}
 * @param cpuPhysBits how many physical address bits the processor has
 * @param kernel the release of its kernel, as {@code uname -r} prints it; counts where the facts of
 *     a device are taken from its driver
 * @param container what the IOMMU can do
 * @param devices what can be assigned, by name as {@link #nameOf} writes it; a name that is missing
 *     is {@link HostDevice#CAPABLE}
 */
public record HostFacts(
    int pageSize,
    Optional<Accelerator> accelerator,
    Optional<String> cpuVendor,
    OptionalInt cpuPhysBits,
    Optional<String> kernel,
    HostContainer container,
    Map<String, HostDevice> devices) {

  private static final Pattern PCI_ADDRESS =
      Pattern.compile(
          "((?<domain>[0-9A-Fa-f]{1,8}):)?(?<bus>[0-9A-Fa-f]{1,2}):(?<slot>[0-9A-Fa-f]{1,2})"
              + "\\.(?<function>[0-7])");

  private static final Pattern WHOLE_ADDRESS =
      Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  /** A host that can do everything, with 4 KiB pages. */
  public static final HostFacts CAPABLE =
      new HostFacts(
          4096,
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          HostContainer.CAPABLE,
          Map.of());

  /**
   * Copies the devices in the order given and checks the page size; nothing may be null.
   *
   * @throws IllegalArgumentException if the page size is none, or two names are of one device
   */
  public HostFacts {
    Objects.requireNonNull(accelerator, "accelerator");
    Objects.requireNonNull(cpuVendor, "cpuVendor");
    Objects.requireNonNull(cpuPhysBits, "cpuPhysBits");
    Objects.requireNonNull(kernel, "kernel");
    Objects.requireNonNull(container, "container");
    Objects.requireNonNull(devices, "devices");
    if (Integer.bitCount(pageSize) != 1 || pageSize < 4096) {
      throw new IllegalArgumentException(
          "page size " + pageSize + " is no power of two from 4096 on");
    }
    ImmutableMap.Builder<String, HostDevice> named = ImmutableMap.builder();
    devices.forEach((name, device) -> named.put(nameOf(name), device));
    devices = named.buildOrThrow();
  }

  /** A builder that starts with {@link #CAPABLE}. */
  public static HostFactsBuilder builder() {
    return new HostFactsBuilder(CAPABLE);
  }

  /** A builder with these values. */
  public HostFactsBuilder toBuilder() {
    return new HostFactsBuilder(this);
  }

  /** The device with this name, or a capable one. */
  public HostDevice device(String name) {
    HostDevice device = devices.get(name);
    return device != null ? device : devices.getOrDefault(nameOf(name), HostDevice.CAPABLE);
  }

  /**
   * How the facts call a device: a PCI address with all its digits, in lower case, also where
   * domain or leading zeros are left out; another name as it is.
   */
  public static String nameOf(String device) {
    if (WHOLE_ADDRESS.matcher(device).matches()) {
      return device;
    }
    Matcher address = PCI_ADDRESS.matcher(device);
    if (!address.matches()) {
      return device;
    }
    String domain = address.group("domain") == null ? "0" : address.group("domain");
    return String.format(
            "%4s:%2s:%2s.%s",
            domain, address.group("bus"), address.group("slot"), address.group("function"))
        .replace(' ', '0')
        .toLowerCase(Locale.ROOT);
  }
}
