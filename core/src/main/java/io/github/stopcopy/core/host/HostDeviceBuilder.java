package io.github.stopcopy.core.host;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Collects the parts of a {@link HostDevice}; what is not said is as in {@link HostDevice#CAPABLE},
 * and not among {@link HostDevice#given}. Refuses null. Not thread-safe.
 */
public final class HostDeviceBuilder {

  private OptionalInt group;
  private Optional<String> driver;
  private Optional<String> pciId;
  private MigrationSupport migration;
  private DmaLogging dmaLogging;
  private boolean dmaBuf;
  private final Map<VfioDeviceState, Errno> setStateErrors;
  private final Map<Integer, Bar> bars;
  private Optional<Msix> msix;
  private final Set<Fact> given = EnumSet.noneOf(Fact.class);

  HostDeviceBuilder(HostDevice device) {
    group = device.group();
    driver = device.driver();
    pciId = device.pciId();
    migration = device.migration();
    dmaLogging = device.dmaLogging();
    dmaBuf = device.dmaBuf();
    setStateErrors = new LinkedHashMap<>(device.setStateErrors());
    bars = new LinkedHashMap<>(device.bars());
    msix = device.msix();
    given.addAll(device.given());
  }

  /** Sets the IOMMU group. */
  public HostDeviceBuilder group(int number) {
    group = OptionalInt.of(number);
    given.add(Fact.GROUP);
    return this;
  }

  /** Sets the kernel driver it is bound to. */
  public HostDeviceBuilder driver(String name) {
    driver = Optional.of(name);
    return this;
  }

  /** Sets its PCI vendor and device, e.g. {@code 15b3:101e}, in lower case. */
  public HostDeviceBuilder pciId(String id) {
    pciId = Optional.of(id);
    return this;
  }

  /** Sets what the kernel answers when asked for migration support. */
  public HostDeviceBuilder migration(MigrationSupport support) {
    migration = Objects.requireNonNull(support, "migration");
    given.add(Fact.MIGRATION);
    return this;
  }

  /** Sets how the device logs its own writes. */
  public HostDeviceBuilder dmaLogging(DmaLogging logging) {
    dmaLogging = Objects.requireNonNull(logging, "dmaLogging");
    given.add(Fact.DMA_LOGGING);
    return this;
  }

  /** Says whether the kernel exports its regions as dma-buf. */
  public HostDeviceBuilder dmaBuf(boolean supported) {
    dmaBuf = supported;
    return this;
  }

  /** Says that a state cannot be entered, and why. */
  public HostDeviceBuilder setStateError(VfioDeviceState state, Errno error) {
    setStateErrors.put(
        Objects.requireNonNull(state, "state"), Objects.requireNonNull(error, "error"));
    return this;
  }

  /** Sets a base address register by its number, 0 to 5. */
  public HostDeviceBuilder bar(int number, Bar bar) {
    bars.put(number, Objects.requireNonNull(bar, "bar"));
    given.add(Fact.BARS);
    return this;
  }

  /** Sets the MSI-X capability. */
  public HostDeviceBuilder msix(Msix capability) {
    msix = Optional.of(capability);
    return this;
  }

  /** Says that nobody knows of these facts: what they hold is assumed. */
  public HostDeviceBuilder assumed(Fact... facts) {
    for (Fact fact : facts) {
      given.remove(fact);
    }
    return this;
  }

  /**
   * The finished description.
   *
   * @throws IllegalArgumentException if a BAR has a number that none has, or the PCI id is none
   */
  public HostDevice build() {
    return new HostDevice(
        group, driver, pciId, migration, dmaLogging, dmaBuf, setStateErrors, bars, msix, given);
  }
}
