package io.github.stopcopy.core.host;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Collects the parts of {@link HostFacts}; what is not said is as in {@link HostFacts#CAPABLE}.
 * Refuses null. Not thread-safe.
 */
public final class HostFactsBuilder {

  private int pageSize;
  private Optional<Accelerator> accelerator;
  private Optional<String> cpuVendor;
  private OptionalInt cpuPhysBits;
  private Optional<String> kernel;
  private HostContainer container;
  private final Map<String, HostDevice> devices;

  HostFactsBuilder(HostFacts host) {
    pageSize = host.pageSize();
    accelerator = host.accelerator();
    cpuVendor = host.cpuVendor();
    cpuPhysBits = host.cpuPhysBits();
    kernel = host.kernel();
    container = host.container();
    devices = new LinkedHashMap<>(host.devices());
  }

  /** Sets the page size in bytes, a power of two from 4096 on. */
  public HostFactsBuilder pageSize(int bytes) {
    pageSize = bytes;
    return this;
  }

  /** Sets what runs the guest if the command line does not say. */
  public HostFactsBuilder accelerator(Accelerator value) {
    accelerator = Optional.of(value);
    return this;
  }

  /** Sets the vendor of the processor, e.g. {@code GenuineIntel}. */
  public HostFactsBuilder cpuVendor(String vendor) {
    cpuVendor = Optional.of(vendor);
    return this;
  }

  /** Sets how many physical address bits the processor has. */
  public HostFactsBuilder cpuPhysBits(int bits) {
    cpuPhysBits = OptionalInt.of(bits);
    return this;
  }

  /** Sets the release of the kernel. */
  public HostFactsBuilder kernel(String release) {
    kernel = Optional.of(release);
    return this;
  }

  /** Sets what the IOMMU can do. */
  public HostFactsBuilder container(HostContainer value) {
    container = Objects.requireNonNull(value, "container");
    return this;
  }

  /**
   * Sets what is known of the device with this name, e.g. {@code 0000:01:00.0}; {@link
   * HostFacts#nameOf} says which names are one.
   */
  public HostFactsBuilder device(String name, HostDevice device) {
    devices.put(HostFacts.nameOf(name), Objects.requireNonNull(device, "device"));
    return this;
  }

  /**
   * The finished facts.
   *
   * @throws IllegalArgumentException if the page size is none
   */
  public HostFacts build() {
    return new HostFacts(pageSize, accelerator, cpuVendor, cpuPhysBits, kernel, container, devices);
  }
}
