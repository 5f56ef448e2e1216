package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.List;
import java.util.Optional;

/** Finds what made a migration fail in what happened, because QEMU often does not say. */
final class FailureAnalysis {

  private static final String COULD_NOT_START = "vfio: Could not start dirty page tracking";
  private static final String SYNC_FAILED = "vfio: Failed to sync dirty bitmap";
  private static final String TRANSLATED_SYNC_FAILED = "vfio_iommu_map_dirty_notify(";

  private FailureAnalysis() {}

  /** The reason of a story whose last migration failed. */
  static Reason reason(Story story) {
    Optional<String> described = story.vm().errorDescription();
    List<ModelEvent> events = story.sinceMigrate();
    Optional<Reason> suspect = Optional.empty();
    String lastError = "";
    for (int i = 0; i < events.size(); i++) {
      ModelEvent event = events.get(i);
      if (event instanceof MessageEvent message
          && message.severity() == MessageEvent.Severity.ERROR) {
        lastError = message.text();
        if (lastError.startsWith("vIOMMU mappings active")) {
          return viommuInUse(lastError);
        }
      } else if (event instanceof VfioEvent.DmaLoggingStart start && start.errno().isPresent()) {
        suspect = Optional.of(startRefused(start, textAfter(events, i, described)));
      } else if (event instanceof VfioEvent.ContainerDirty dirty && dirty.errno().isPresent()) {
        suspect = Optional.of(containerRefused(dirty, textAfter(events, i, described)));
      } else if (event instanceof VfioEvent.DeviceState state && state.errno().isPresent()) {
        suspect = Optional.of(stateRefused(state, textAfter(events, i, described)));
      } else if (event instanceof MigrationEvent.StreamFailed) {
        if (i > 0 && events.get(i - 1) instanceof VfioEvent.IommuSectionAdded added) {
          return viommuUsedMidway(added);
        }
        if (lastError.startsWith(SYNC_FAILED) || lastError.startsWith(TRANSLATED_SYNC_FAILED)) {
          return dirtySyncFailed(lastError);
        }
        break;
      } else if (event instanceof MigrationEvent.StatusChanged changed
          && changed.after() == MigrationStatus.FAILED) {
        break;
      }
    }
    String text = described.orElse(lastError);
    if (suspect.isPresent()) {
      return suspect.get();
    }
    if (text.startsWith(COULD_NOT_START)) {
      return nothingToTrack(text);
    }
    return text.startsWith("vfio_") || text.startsWith("Wrong target AS")
        ? mappingFailed(text)
        : dirtySyncFailed(text);
  }

  /** What QEMU says of something that was refused: an error description, or the next error line. */
  private static String textAfter(List<ModelEvent> events, int index, Optional<String> described) {
    if (described.isPresent()) {
      return described.get();
    }
    for (ModelEvent event : events.subList(index, events.size())) {
      if (event instanceof MessageEvent message
          && message.severity() == MessageEvent.Severity.ERROR) {
        return message.text();
      }
    }
    return "";
  }

  private static Reason viommuInUse(String text) {
    return new Reason(
        "VIOMMU_IN_USE",
        Optional.empty(),
        text,
        "The guest already uses the vIOMMU for DMA, so the devices cannot be told which addresses"
            + " to track; QEMU gives up as the migration starts.",
        List.of(),
        List.of("R-DT-31", "R-OVW-10"));
  }

  private static Reason viommuUsedMidway(VfioEvent.IommuSectionAdded added) {
    return new Reason(
        "VIOMMU_USED_DURING_MIGRATION",
        Optional.empty(),
        "",
        "In the middle of the migration the guest began to use the vIOMMU for DMA (translated"
            + " section "
            + added.range()
            + "). QEMU lets the migration fail without a word.",
        List.of(),
        List.of("R-LST-25", "R-MIG-31"));
  }

  private static Reason startRefused(VfioEvent.DmaLoggingStart start, String text) {
    return new Reason(
        "DIRTY_TRACKING_START_FAILED",
        Optional.of(start.device()),
        text,
        "The device or the kernel refused to track the ranges it was asked to: "
            + start.errno().map(Errno::text).orElse("")
            + (start.result() instanceof StartResult.Refused refused && !refused.why().isEmpty()
                ? " (" + refused.why() + ")"
                : "")
            + ". Often there are more or larger ranges than it can track, or they overlap.",
        List.of(),
        List.of("R-DT-33", "R-DT-41", "R-DT-42"));
  }

  private static Reason containerRefused(VfioEvent.ContainerDirty dirty, String text) {
    return new Reason(
        "DIRTY_TRACKING_START_FAILED",
        Optional.empty(),
        text,
        "The container refused to track dirty pages: "
            + dirty.errno().map(Errno::text).orElse("")
            + ".",
        List.of(),
        List.of("R-DT-24"));
  }

  private static Reason nothingToTrack(String text) {
    return new Reason(
        "DIRTY_TRACKING_START_FAILED",
        Optional.empty(),
        text,
        "Nothing that the device could write is mapped for it, and QEMU takes a request without any"
            + " range for an error.",
        List.of(),
        List.of("R-DT-11"));
  }

  private static Reason stateRefused(VfioEvent.DeviceState state, String text) {
    return new Reason(
        "DEVICE_STATE_FAILED",
        Optional.of(state.device()),
        text,
        "The device refused the state "
            + state.to()
            + ": "
            + state.errno().map(Errno::text).orElse("")
            + ".",
        List.of(),
        List.of("R-MIG-43"));
  }

  private static Reason mappingFailed(String text) {
    return new Reason(
        "VIOMMU_MAPPING_FAILED",
        Optional.empty(),
        text,
        "The guest changed what the vIOMMU maps and the host could not follow.",
        List.of(),
        List.of("R-LST-70", "R-LST-73"));
  }

  private static Reason dirtySyncFailed(String text) {
    return new Reason(
        "DIRTY_SYNC_FAILED",
        Optional.empty(),
        text,
        "The dirty pages could not be read, so nobody would know what to send again.",
        List.of(),
        List.of("R-DT-58"));
  }
}
