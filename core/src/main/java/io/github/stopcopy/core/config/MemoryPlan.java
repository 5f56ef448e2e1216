package io.github.stopcopy.core.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where the memory of a machine lies as it starts.
 *
 * @param atRealize while devices are realized, before any firmware ran (R-OBS-15)
 * @param afterReset after the reset that follows
 * @param afterFirmware once the firmware has finished; empty if nobody looked
 * @param deviceMemoryBase where DIMMs and virtio-mem begin (R-OBS-18)
 * @param deviceMemorySize how much room they have, in bytes; 0 without {@code maxmem}
 * @param assumedPhysBits how many physical address bits the guest's processor must have for it,
 *     where only the host knows how many it has and nobody says; empty if that is known
 */
public record MemoryPlan(
    List<PlacedRegion> atRealize,
    List<PlacedRegion> afterReset,
    Optional<List<PlacedRegion>> afterFirmware,
    long deviceMemoryBase,
    long deviceMemorySize,
    OptionalInt assumedPhysBits) {

  /** A plan that rests on nothing that nobody says. */
  public MemoryPlan(
      List<PlacedRegion> atRealize,
      List<PlacedRegion> afterReset,
      Optional<List<PlacedRegion>> afterFirmware,
      long deviceMemoryBase,
      long deviceMemorySize) {
    this(
        atRealize,
        afterReset,
        afterFirmware,
        deviceMemoryBase,
        deviceMemorySize,
        OptionalInt.empty());
  }

  /** Copies the lists. */
  public MemoryPlan {
    atRealize = List.copyOf(atRealize);
    afterReset = List.copyOf(afterReset);
    afterFirmware = afterFirmware.map(List::copyOf);
  }

  /** The same plan with what was seen after the firmware. */
  MemoryPlan withFirmware(List<PlacedRegion> seen) {
    return new MemoryPlan(
        atRealize,
        afterReset,
        Optional.of(seen),
        deviceMemoryBase,
        deviceMemorySize,
        assumedPhysBits);
  }
}
