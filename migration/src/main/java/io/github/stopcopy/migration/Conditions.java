package io.github.stopcopy.migration;

import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.VfioContainer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What would make a migration that goes well on the model fail or lose data all the same, and QEMU
 * does not prevent.
 */
final class Conditions {

  private static final String VIRTIO_IOMMU = "virtio-iommu";
  private static final String AMD_IOMMU = "amd-iommu";

  private final Story story;
  private final Vm vm;
  private final List<Reason> found = new ArrayList<>();

  private Conditions(Story story) {
    this.story = story;
    this.vm = story.vm();
  }

  /** The conditions of a story, without remedies. */
  static List<Reason> of(Story story) {
    Conditions conditions = new Conditions(story);
    conditions.failover();
    if (conditions.isRebooting()) {
      conditions.suspension();
    } else {
      conditions.relaxedVirtualIommu();
      conditions.writes();
    }
    return conditions.found;
  }

  /** The last migration decides, as for the verdict. */
  private boolean isRebooting() {
    boolean rebooting = false;
    for (Step step : story.scenario().steps()) {
      if (step instanceof Step.Migrate migrate) {
        rebooting = migrate.mode() == MigrationMode.CPR_REBOOT;
      }
    }
    return rebooting;
  }

  private void failover() {
    for (FailoverPrimary primary : vm.failoverPrimaries()) {
      if (primary.paired()) {
        found.add(assumingEthernet(device(Cause.FAILOVER_PRIMARY, primary)));
      } else {
        found.add(device(Cause.FAILOVER_PAIR_MISSING, primary));
      }
    }
  }

  private static Reason assumingEthernet(Reason reason) {
    return reason.assuming(List.of("the device is an Ethernet device; no other can fail over"));
  }

  private Reason device(Cause cause, FailoverPrimary primary) {
    return Reasons.of(
        story, ReasonKind.CONDITION, cause, Optional.of(primary.device()), "", primary.standby());
  }

  private void suspension() {
    if (!vm.vfioDevices().isEmpty()) {
      found.add(
          Reasons.of(
              story,
              ReasonKind.CONDITION,
              Cause.GUEST_MUST_BE_SUSPENDED,
              Optional.empty(),
              "VFIO device only supports cpr-reboot for runstate suspended"));
    }
  }

  private void relaxedVirtualIommu() {
    if (!vm.isVirtualIommuRelaxed()) {
      return;
    }
    ofVm(Cause.VIOMMU_MAY_BE_USED);
    if (vm.containers().stream().allMatch(each -> each.trackedBy() == TrackedBy.NOBODY)) {
      ofVm(Cause.VIOMMU_TOGGLE_CRASHES);
    }
  }

  /** Writes that a migration does not get to know; a primary that has left writes nothing. */
  private void writes() {
    Map<String, FailoverPrimary> primaries = new HashMap<>();
    vm.failoverPrimaries().forEach(primary -> primaries.put(primary.device(), primary));
    for (VfioContainer container : vm.containers()) {
      List<String> silencing = new ArrayList<>(container.deviceNames());
      silencing.removeIf(device -> !primaries.containsKey(device));
      boolean untracked = container.trackedBy() == TrackedBy.NOBODY;
      Optional<Cause> cause = Optional.empty();
      if (silencing.isEmpty() && !container.findsWrites()) {
        cause = Optional.of(Cause.TRACKED_BY_NOBODY);
      } else if (container.trackedBy() == TrackedBy.CONTAINER && container.isBehindVirtualIommu()) {
        cause = lossOfVirtualIommu();
      }
      for (String device : container.deviceNames()) {
        FailoverPrimary primary = primaries.get(device);
        if (primary != null) {
          if (!primary.paired() && untracked) {
            of(Cause.TRACKED_BY_NOBODY, device);
          }
        } else if (!silencing.isEmpty()) {
          of(Cause.SILENCED_BY_FAILOVER, device, silencing.get(0));
        } else {
          cause.ifPresent(each -> of(each, device));
        }
      }
    }
  }

  /** What the vIOMMU would lose of what a container tracks, if the guest can translate DMA. */
  private Optional<Cause> lossOfVirtualIommu() {
    String type = vm.virtualIommuType().orElse("");
    boolean translates = vm.virtualIommuLimits().filter(IovaLimits::canTranslate).isPresent();
    if (type.startsWith(VIRTIO_IOMMU)) {
      return Optional.of(Cause.VIRTIO_IOMMU_LOSES_DIRTY_PAGES);
    }
    return translates && type.equals(AMD_IOMMU)
        ? Optional.of(Cause.AMD_IOMMU_LOSES_DIRTY_PAGES)
        : Optional.empty();
  }

  private void of(Cause cause, String device, String... values) {
    found.add(Reasons.of(story, ReasonKind.CONDITION, cause, Optional.of(device), "", values));
  }

  private void ofVm(Cause cause) {
    found.add(Reasons.of(story, ReasonKind.CONDITION, cause, Optional.empty(), ""));
  }
}
