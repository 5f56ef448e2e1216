package io.github.stopcopy.cli.report;

import io.github.stopcopy.cli.report.AddressSpaceMap.Segment;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackedLayout;
import io.github.stopcopy.migration.cost.TrackingCost;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What devices see that see the same, and what of it is tracked, or would be.
 *
 * @param devices the names of the devices
 * @param segments the runs, ascending
 * @param unknown the buckets of which it is not known how far they reach
 * @param isAsked whether devices are asked to track that; else they would be, with the boot layout
 * @param limits how far their vIOMMU could translate; empty without one in front of them
 */
public record DeviceSpace(
    List<String> devices,
    List<Segment> segments,
    List<String> unknown,
    boolean isAsked,
    Optional<IovaLimits> limits) {

  /** Each different one once, in the order in which devices were realized. */
  public static List<DeviceSpace> of(Played played) {
    Verdict verdict = played.verdict();
    Map<String, DeviceTracking> asked = new HashMap<>();
    verdict.tracking().forEach(tracking -> asked.put(tracking.device(), tracking));
    Map<String, TrackingCost> costs = new HashMap<>();
    verdict.costs().forEach(cost -> costs.put(cost.device(), cost));
    Map<DeviceSpace, List<String>> devices = new LinkedHashMap<>();
    for (VfioDevice device : played.story().vm().vfioDevices()) {
      DeviceSpace space =
          of(
              device,
              Optional.ofNullable(asked.get(device.name())),
              Optional.ofNullable(costs.get(device.name())).flatMap(DeviceSpace::boot),
              verdict.virtualIommu());
      devices.computeIfAbsent(space, key -> new ArrayList<>()).add(device.name());
    }
    List<DeviceSpace> spaces = new ArrayList<>();
    devices.forEach((space, names) ->
        spaces.add(
            new DeviceSpace(
                List.copyOf(names), space.segments, space.unknown, space.isAsked, space.limits)));
    return spaces;
  }

  /**
   * That of one device, without its name.
   *
   * @param asked what it is asked to track
   * @param boot the boot layout, which counts where nothing was asked
   */
  private static DeviceSpace of(
      VfioDevice device,
      Optional<DeviceTracking> asked,
      Optional<LayoutCost> boot,
      Optional<IovaLimits> virtualIommu) {
    List<AddressRange> ranges =
        asked
            .map(each -> each.ranges().stream().map(IovaRange::inclusive).toList())
            .or(() -> boot.map(LayoutCost::ranges))
            .orElse(List.of());
    Optional<IovaLimits> limits =
        device.container().isBehindVirtualIommu() ? virtualIommu : Optional.empty();
    OptionalLong width =
        limits.isPresent() ? OptionalLong.of(limits.get().lastIova()) : OptionalLong.empty();
    return new DeviceSpace(
        List.of(),
        AddressSpaceMap.segments(device.container().space().view(), ranges, width),
        asked
            .map(DeviceTracking::unknown)
            .or(() -> boot.map(LayoutCost::unknown))
            .orElse(List.of()),
        asked.isPresent(),
        limits);
  }

  private static Optional<LayoutCost> boot(TrackingCost cost) {
    return cost.layouts().stream()
        .filter(layout -> layout.layout() == TrackedLayout.BOOT)
        .findFirst();
  }

  /** Whether anything is tracked, or would be. */
  public boolean isTracked() {
    return segments.stream().anyMatch(Segment::isTracked);
  }

  /** What is to be said of the whole, a line each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    limits.ifPresent(width -> notes.add(width(width)));
    if (isTracked() && !isAsked) {
      notes.add("No tracking was started; shown is what the boot layout would track");
    }
    return notes;
  }

  private static String width(IovaLimits limits) {
    return limits.canTranslate()
        ? "The vIOMMU could translate "
            + limits.addressBits()
            + " bits, up to "
            + U64.hex(limits.lastIova())
        : "The vIOMMU remaps interrupts only";
  }

  /** What is said of a run. */
  public String use(Segment segment) {
    if (segment.isTracked()) {
      return segment.isTrackedForNothing() ? "tracked for nothing" : "tracked";
    }
    return isKnown(segment) ? "not tracked" : "not known";
  }

  private boolean isKnown(Segment segment) {
    boolean below = (segment.range().first() >>> 32) == 0;
    return unknown.stream().noneMatch(bucket -> bucket.equals("32") == below);
  }
}
