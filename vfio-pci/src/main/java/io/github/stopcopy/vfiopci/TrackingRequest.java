package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.address.AddressRange;
import java.util.List;

/**
 * What the devices of a container are to log (R-DT-10). Immutable.
 *
 * @param asked every range as far as it is known, which the kernel is asked for
 * @param ranges the ranges that are known, in QEMU's order
 * @param unknown the names of the buckets that depend on BAR addresses nobody told: 32, 64 or pci64
 * @param writable the guest's RAM that the device can write, in whole pages, ascending and with
 *     gaps between: what a request without waste would hold
 */
public record TrackingRequest(
    List<IovaRange> asked,
    List<IovaRange> ranges,
    List<String> unknown,
    List<AddressRange> writable) {

  /** Copies the lists. */
  public TrackingRequest {
    asked = List.copyOf(asked);
    ranges = List.copyOf(ranges);
    unknown = List.copyOf(unknown);
    writable = List.copyOf(writable);
  }
}
