package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.List;
import java.util.Optional;

/** Finds what made a migration fail in what happened, because QEMU often does not say. */
final class FailureAnalysis {

  private FailureAnalysis() {}

  static Reason reason(List<ModelEvent> events) {
    String lastError = "";
    ModelEvent before = null;
    Reason dirtySync = null;
    for (ModelEvent event : events) {
      if (event instanceof MigrationEvent.StatusChanged changed
          && changed.after() == MigrationStatus.FAILED) {
        break;
      }
      if (event instanceof MessageEvent message
          && message.severity() == MessageEvent.Severity.ERROR) {
        lastError = message.text();
        if (lastError.startsWith("vIOMMU mappings active")) {
          return viommuInUse(lastError);
        }
      } else if (event instanceof VfioEvent.DmaLoggingStart start && start.errno().isPresent()) {
        return startRefused(start.device(), start.errno().get());
      } else if (event instanceof VfioEvent.ContainerDirty dirty && dirty.errno().isPresent()) {
        return containerRefused(dirty.errno().get());
      } else if (event instanceof VfioEvent.DeviceState state && state.errno().isPresent()) {
        return stateRefused(state);
      } else if (event instanceof MigrationEvent.StreamFailed) {
        if (before instanceof VfioEvent.IommuSectionAdded added) {
          return viommuUsedMidway(added);
        }
        dirtySync = dirtySyncFailed(lastError);
      }
      before = event;
    }
    return dirtySync != null ? dirtySync : dirtySyncFailed(lastError);
  }

  private static Reason viommuInUse(String text) {
    return new Reason(
        "VIOMMU_IN_USE", Optional.empty(), text,
        "The guest already uses the vIOMMU for DMA, so the devices cannot be told which addresses to"
            + " track; QEMU gives up as the migration starts.",
        List.of(), List.of("R-DT-31", "R-OVW-10"));
  }

  private static Reason viommuUsedMidway(VfioEvent.IommuSectionAdded added) {
    return new Reason(
        "VIOMMU_USED_DURING_MIGRATION", Optional.empty(), "",
        "In the middle of the migration the guest began to use the vIOMMU for DMA (translated section "
            + added.range() + "). QEMU lets the migration fail without a word.",
        List.of(), List.of("R-LST-25", "R-MIG-31"));
  }

  private static Reason startRefused(String device, Errno errno) {
    return new Reason(
        "DIRTY_TRACKING_START_FAILED", Optional.of(device),
        device + ": Failed to start DMA logging",
        "The device or the kernel refused to track the ranges it was asked to: " + errno.text()
            + ". Often there are more or larger ranges than it can track, or they overlap.",
        List.of(), List.of("R-DT-33", "R-DT-41", "R-DT-42"));
  }

  private static Reason containerRefused(Errno errno) {
    return new Reason(
        "DIRTY_TRACKING_START_FAILED", Optional.empty(), "Failed to set dirty tracking flag 0x1",
        "The container refused to track dirty pages: " + errno.text() + ".", List.of(),
        List.of("R-DT-24"));
  }

  private static Reason stateRefused(VfioEvent.DeviceState state) {
    return new Reason(
        "DEVICE_STATE_FAILED", Optional.of(state.device()),
        state.device() + ": Failed setting device state to " + state.to(),
        "The device refused the state " + state.to() + ": "
            + state.errno().map(Errno::text).orElse("") + ".",
        List.of(), List.of("R-MIG-43"));
  }

  private static Reason dirtySyncFailed(String text) {
    return new Reason(
        "DIRTY_SYNC_FAILED", Optional.empty(), text,
        "The dirty pages could not be read, so nobody would know what to send again.", List.of(),
        List.of("R-DT-58"));
  }
}
