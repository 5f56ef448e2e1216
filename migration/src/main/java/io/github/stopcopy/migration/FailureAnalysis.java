package io.github.stopcopy.migration;

import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds why a migration failed or QEMU aborted: maps what went wrong to reasons. */
final class FailureAnalysis {

  private FailureAnalysis() {}

  /**
   * The reason of a story whose last migration failed: what went wrong last before the stream was
   * marked as failed, or the migration without that (R-MIG-30, R-MIG-34).
   */
  static Reason reason(Story story) {
    VfioEvent.Failed last = null;
    for (ModelEvent event : story.sinceMigrate()) {
      if (event instanceof VfioEvent.Failed failed) {
        last = failed;
      } else if (event instanceof MigrationEvent.StreamFailed || isEnd(event)) {
        break;
      }
    }
    return reason(story, ReasonKind.FAILURE, known(last), story.vm().errorDescription());
  }

  /** The reason of a story in which QEMU aborted. */
  static Reason abort(Story story) {
    StepAnswer step = story.answers().get(story.answers().size() - 1);
    VfioEvent.Failed last = null;
    for (ModelEvent event : step.events()) {
      if (event instanceof VfioEvent.Failed failed) {
        last = failed;
      }
    }
    return reason(story, ReasonKind.REFUSAL, known(last), Optional.empty());
  }

  private static boolean isEnd(ModelEvent event) {
    return event instanceof MigrationEvent.StatusChanged changed
        && changed.after() == MigrationStatus.FAILED;
  }

  private static VfioEvent.Failed known(VfioEvent.@Nullable Failed failed) {
    if (failed == null) {
      throw new IllegalStateException("VFIO let something fail without saying what");
    }
    return failed;
  }

  private static Reason reason(
      Story story, ReasonKind kind, VfioEvent.Failed failed, Optional<String> described) {
    String text = described.orElse(failed.text());
    FailureCause cause = failed.cause();
    if (cause instanceof FailureCause.VirtualIommuInUse) {
      return Reasons.of(story, kind, Cause.VIOMMU_IN_USE, Optional.empty(), text);
    } else if (cause instanceof FailureCause.VirtualIommuUsedMidway used) {
      return Reasons.of(
          story,
          kind,
          Cause.VIOMMU_USED_DURING_MIGRATION,
          Optional.empty(),
          text,
          used.range().toString());
    } else if (cause instanceof FailureCause.NothingToTrack) {
      return Reasons.of(story, kind, Cause.NOTHING_TO_TRACK, Optional.empty(), text);
    } else if (cause instanceof FailureCause.LoggingRefused refused) {
      return Reasons.of(
          story,
          kind,
          Cause.DEVICE_LOG_REFUSED,
          Optional.of(refused.device()),
          text,
          refused.errno().text() + trackerSays(story, refused.device()));
    } else if (cause instanceof FailureCause.ContainerTrackingRefused refused) {
      return Reasons.of(
          story,
          kind,
          Cause.CONTAINER_TRACKING_REFUSED,
          Optional.empty(),
          text,
          refused.errno().text());
    } else if (cause instanceof FailureCause.DirtyPagesNotRead) {
      return Reasons.of(story, kind, Cause.DIRTY_SYNC_FAILED, Optional.empty(), text);
    } else if (cause instanceof FailureCause.TranslationNotFollowed) {
      return Reasons.of(story, kind, Cause.VIOMMU_MAPPING_FAILED, Optional.empty(), text);
    } else if (cause instanceof FailureCause.StateRefused refused) {
      return Reasons.of(
          story,
          kind,
          Cause.DEVICE_STATE_REFUSED,
          Optional.of(refused.device()),
          text,
          refused.wanted().toString(),
          refused.errno().text());
    } else if (cause instanceof FailureCause.UnfitState unfit) {
      return Reasons.of(
          story,
          kind,
          Cause.DEVICE_STATE_UNFIT,
          Optional.of(unfit.device()),
          text,
          unfit.state().toString());
    } else if (cause instanceof FailureCause.ResetRefused refused) {
      return Reasons.of(
          story,
          kind,
          Cause.DEVICE_NOT_RESET,
          Optional.of(refused.device()),
          text,
          refused.errno().text());
    }
    return Reasons.of(
        story, kind, Cause.MEMORY_OF_RUNNING_GUEST_NOT_MAPPED, Optional.empty(), text);
  }

  /** What the tracker behind a device says of its refusal, in brackets. */
  private static String trackerSays(Story story, String device) {
    List<ModelEvent> events = story.sinceMigrate();
    for (int i = events.size() - 1; i >= 0; i--) {
      if (events.get(i) instanceof VfioEvent.DmaLoggingStart start
          && start.device().equals(device)
          && start.result() instanceof StartResult.Refused refused) {
        return refused.why().isEmpty() ? "" : " (" + refused.why() + ")";
      }
    }
    return "";
  }
}
