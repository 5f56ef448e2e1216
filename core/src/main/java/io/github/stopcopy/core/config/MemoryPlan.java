package io.github.stopcopy.core.config;

import io.github.stopcopy.core.address.U64;
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

  private static final long FOUR_GIB = 4L << 30;

  /** What firmware may take from the end of low RAM for system management, in bytes. */
  private static final long MOST_HIDDEN = 64L << 20;

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

  /**
   * The last address of the RAM that was planned, if what was seen after the firmware has RAM that
   * ends elsewhere; empty if nobody looked. What lies before is no sign: firmware hides parts of
   * it. Without RAM above 4 GiB it may hide the end too.
   */
  public Optional<Long> ramMissingAfterFirmware() {
    if (afterFirmware.isEmpty()) {
      return Optional.empty();
    }
    List<PlacedRegion> planned = afterReset.stream().filter(MemoryPlan::isRam).toList();
    if (planned.isEmpty()) {
      return Optional.empty();
    }
    long last = planned.get(0).range().last();
    for (PlacedRegion region : planned) {
      last = U64.max(last, region.range().last());
    }
    long hidden = U64.less(last, FOUR_GIB) ? U64.min(last, MOST_HIDDEN) : 0;
    List<PlacedRegion> seen = afterFirmware.get().stream().filter(MemoryPlan::isRam).toList();
    for (PlacedRegion region : seen) {
      long end = region.range().last();
      if (U64.lessOrEqual(last - hidden, end) && U64.lessOrEqual(end, last)) {
        return hasMore(seen, region.name(), last) ? Optional.of(last) : Optional.empty();
      }
    }
    return Optional.of(last);
  }

  private static boolean hasMore(List<PlacedRegion> seen, String name, long behind) {
    return seen.stream()
        .anyMatch(region -> region.name().equals(name) && U64.less(behind, region.range().last()));
  }

  private static boolean isRam(PlacedRegion region) {
    return region.kind() == RegionKind.RAM;
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
