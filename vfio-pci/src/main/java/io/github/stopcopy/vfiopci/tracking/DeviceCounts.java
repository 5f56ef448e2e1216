package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.host.HostDevice;

/**
 * How many devices there are of which kind, so that nobody has to look at each. Not thread-safe.
 */
public final class DeviceCounts {

  private int devices;
  private int passthrough;
  private int mapped;
  private int mappedAbove4g;

  /** No device. */
  public DeviceCounts() {}

  /** A device came, with 1, or went, with -1. */
  public void count(TrackedDevice device, int more) {
    devices += more;
    passthrough += device.isIommuPassthrough() ? more : 0;
    boolean isMapped = false;
    boolean isMappedAbove4g = false;
    for (HostDevice.Bar bar : device.mappedBars()) {
      isMapped = true;
      isMappedAbove4g |= bar.kind() == HostDevice.BarKind.MEM64;
    }
    mapped += isMapped ? more : 0;
    mappedAbove4g += isMappedAbove4g ? more : 0;
  }

  /** All of them. */
  public int devices() {
    return devices;
  }

  /** Those that may pass the vIOMMU while they migrate (R-BLK-30). */
  public int passthrough() {
    return passthrough;
  }

  /** Those with a BAR in memory that is mapped. */
  int mapped() {
    return mapped;
  }

  /** Those with a 64-bit BAR that is mapped. */
  int mappedAbove4g() {
    return mappedAbove4g;
  }
}
