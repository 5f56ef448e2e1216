package io.github.stopcopy.migration.cost;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What tracking would cost one device, whether or not the VM can be migrated.
 *
 * @param device its name
 * @param tracker the name of the tracker that was asked for, or that of a device that logs what it
 *     is asked to
 * @param pageSize bytes per page that are asked for
 * @param layouts a cost for each layout
 */
public record TrackingCost(String device, String tracker, long pageSize, List<LayoutCost> layouts) {

  /** Copies the list. */
  public TrackingCost {
    layouts = List.copyOf(layouts);
  }

  /**
   * The costs of every VFIO device of a VM as it is now, in the order of realize; none if QEMU has
   * ended. Nothing in the VM changes; sections that VFIO cannot use are told to its event log
   * again.
   *
   * @param vm a VM that was booted
   * @param host where it runs
   * @param trackers opens a tracker to ask, by the name of the host's device, each time a fresh one
   * @param names the name of that tracker, by the name of the host's device
   */
  public static List<TrackingCost> of(
      Vm vm, HostFacts host, Function<String, DirtyTracker> trackers, UnaryOperator<String> names) {
    if (vm.exitCode().isPresent()) {
      return List.of();
    }
    List<TrackingCost> costs = new ArrayList<>();
    List<DirtyTracker> opened = new ArrayList<>();
    SimulatedKernel kernel =
        new SimulatedKernel(
            host,
            device -> {
              opened.add(trackers.apply(device));
              return opened.get(opened.size() - 1);
            });
    long pageSize = host.pageSize();
    AddressSpace system = vm.addressSpaces().get(0);
    for (VfioDevice device : vm.vfioDevices()) {
      TrackingRequest boot = device.container().trackingRequest(system);
      List<LayoutCost> layouts = new ArrayList<>();
      for (TrackedLayout layout : TrackedLayout.values()) {
        List<IovaRange> asked =
            switch (layout) {
              case EXACT -> boot.writable().stream().map(TrackingCost::asked).toList();
              case BOOT -> boot.ranges();
              case VIOMMU_39 -> List.of(asked(width(39)));
              case VIOMMU_48 -> List.of(asked(width(48)));
            };
        // QEMU's may overlap (R-DT-6).
        List<AddressRange> ranges =
            AddressRange.disjoint(asked.stream().map(IovaRange::inclusive).toList());
        opened.clear();
        StartResult answer = kernel.openDevice(device.name()).startLogging(pageSize, asked);
        List<AddressRange> logged =
            answer instanceof StartResult.Granted && !opened.isEmpty()
                ? AddressRange.disjoint(opened.get(0).logged())
                : List.of();
        BigInteger needed = needed(layout, ranges, boot.writable());
        BigInteger uncovered = LayoutCost.bytes(boot.writable()).subtract(needed);
        layouts.add(
            new LayoutCost(
                layout,
                ranges,
                layout == TrackedLayout.BOOT ? boot.unknown() : List.of(),
                needed,
                uncovered,
                answer,
                logged,
                meaningless(layout, vm, uncovered)));
      }
      costs.add(new TrackingCost(device.name(), names.apply(device.name()), pageSize, layouts));
    }
    return costs;
  }

  /** Why the width of a vIOMMU says nothing of a VM. */
  private static Optional<String> meaningless(TrackedLayout layout, Vm vm, BigInteger uncovered) {
    if (layout == TrackedLayout.EXACT || layout == TrackedLayout.BOOT) {
      return Optional.empty();
    } else if (vm.virtualIommuLimits().isEmpty()) {
      return Optional.of("the VM has no vIOMMU");
    }
    return uncovered.signum() > 0
        ? Optional.of("it is narrower than the VM's RAM")
        : Optional.empty();
  }

  private static AddressRange width(int bits) {
    return new AddressRange(0, IovaLimits.ofBits(true, bits).lastIova());
  }

  private static IovaRange asked(AddressRange range) {
    return IovaRange.ofEnds(range.first(), range.last());
  }

  /** How much of what is tracked is RAM; a vIOMMU shows it wherever the guest wants. */
  private static BigInteger needed(
      TrackedLayout layout, List<AddressRange> ranges, List<AddressRange> writable) {
    return switch (layout) {
      case EXACT -> LayoutCost.bytes(writable);
      case BOOT -> common(ranges, writable);
      case VIOMMU_39, VIOMMU_48 -> LayoutCost.bytes(ranges).min(LayoutCost.bytes(writable));
    };
  }

  /** How many bytes two lists of ranges have in common. */
  private static BigInteger common(List<AddressRange> some, List<AddressRange> others) {
    List<AddressRange> both = new ArrayList<>();
    for (AddressRange one : some) {
      for (AddressRange other : others) {
        if (one.overlaps(other)) {
          both.add(
              new AddressRange(
                  U64.max(one.first(), other.first()), U64.min(one.last(), other.last())));
        }
      }
    }
    return LayoutCost.bytes(both);
  }
}
