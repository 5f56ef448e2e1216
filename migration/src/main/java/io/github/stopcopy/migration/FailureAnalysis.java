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
    for (ModelEvent event : story.sinceMigrate().single()) {
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
    for (ModelEvent event : step.events().single()) {
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

  /** A cause of the catalogue, with the device and the values that its explanation tells. */
  private record Known(Cause cause, Optional<String> device, List<String> values) {

    static Known ofVm(Cause cause, String... values) {
      return new Known(cause, Optional.empty(), List.of(values));
    }

    static Known ofDevice(Cause cause, String device, String... values) {
      return new Known(cause, Optional.of(device), List.of(values));
    }
  }

  private static Reason reason(
      Story story, ReasonKind kind, VfioEvent.Failed failed, Optional<String> described) {
    Known known = known(story, failed.cause());
    String text = described.orElse(failed.text());
    String[] values = known.values().toArray(String[]::new);
    return Reasons.of(story, kind, known.cause(), known.device(), text, values);
  }

  private static Known known(Story story, FailureCause cause) {
    if (cause instanceof FailureCause.VirtualIommuInUse) {
      return Known.ofVm(Cause.VIOMMU_IN_USE);
    } else if (cause instanceof FailureCause.VirtualIommuUsedMidway used) {
      return Known.ofVm(Cause.VIOMMU_USED_DURING_MIGRATION, used.range().toString());
    } else if (cause instanceof FailureCause.NothingToTrack) {
      return Known.ofVm(Cause.NOTHING_TO_TRACK);
    } else if (cause instanceof FailureCause.LoggingRefused refused) {
      String device = refused.device();
      String why = refused.errno().text() + trackerSays(story, device);
      return Known.ofDevice(Cause.DEVICE_LOG_REFUSED, device, why);
    } else if (cause instanceof FailureCause.ContainerTrackingRefused refused) {
      return Known.ofVm(Cause.CONTAINER_TRACKING_REFUSED, refused.errno().text());
    } else if (cause instanceof FailureCause.DirtyPagesNotRead) {
      return Known.ofVm(Cause.DIRTY_SYNC_FAILED);
    } else if (cause instanceof FailureCause.TranslationNotFollowed) {
      return Known.ofVm(Cause.VIOMMU_MAPPING_FAILED);
    } else if (cause instanceof FailureCause.StateRefused refused) {
      String state = refused.wanted().toString();
      String why = refused.errno().text();
      return Known.ofDevice(Cause.DEVICE_STATE_REFUSED, refused.device(), state, why);
    } else if (cause instanceof FailureCause.UnfitState unfit) {
      return Known.ofDevice(Cause.DEVICE_STATE_UNFIT, unfit.device(), unfit.state().toString());
    } else if (cause instanceof FailureCause.MultifdMissing missing) {
      return Known.ofDevice(Cause.MULTIFD_TRANSFER_WITHOUT_CHANNELS, missing.device());
    } else if (cause instanceof FailureCause.ResetRefused refused) {
      return Known.ofDevice(Cause.DEVICE_NOT_RESET, refused.device(), refused.errno().text());
    }
    return Known.ofVm(Cause.MEMORY_OF_RUNNING_GUEST_NOT_MAPPED);
  }

  /** What the tracker behind a device says of its refusal, in brackets. */
  private static String trackerSays(Story story, String device) {
    List<ModelEvent> events = story.sinceMigrate().single();
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
