package io.github.stopcopy.migration;

import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;

/** Reads the answer off a story that was played. */
final class Judge {

  private Judge() {}

  /** The answer in one word. */
  static VerdictKind kind(Story story) {
    if (story.vm().exitCode().isPresent()) {
      return VerdictKind.REFUSED;
    }
    if (story.refusedMigration().isPresent()) {
      return VerdictKind.BLOCKED;
    }
    if (story.migrated() && story.vm().migrationStatus() == MigrationStatus.FAILED) {
      return VerdictKind.FAILED;
    }
    if (!story.vm().blockedBy().isEmpty()) {
      return VerdictKind.BLOCKED;
    }
    return Conditions.of(story).isEmpty() ? VerdictKind.MIGRATABLE : VerdictKind.CONDITIONAL;
  }

  /** Why, without remedies. */
  static List<Reason> reasons(Story story) {
    List<Reason> reasons = new ArrayList<>();
    switch (kind(story)) {
      case REFUSED -> reasons.add(ended(story));
      case BLOCKED -> {
        story.vm().blockedBy().forEach(finding -> reasons.add(blocker(story, finding)));
        story
            .refusedMigration()
            .map(finding -> blocker(story, finding))
            .filter(refused -> reasons.stream().noneMatch(refused::isSameAs))
            .ifPresent(reasons::add);
      }
      case FAILED -> reasons.add(FailureAnalysis.reason(story));
      case CONDITIONAL -> reasons.addAll(Conditions.of(story));
      case MIGRATABLE -> {}
    }
    return reasons;
  }

  /** What devices were asked to track from the last {@code migrate} on. */
  static List<DeviceTracking> tracking(Story story) {
    List<DeviceTracking> all = new ArrayList<>();
    for (ModelEvent event : story.sinceMigrate()) {
      if (event instanceof VfioEvent.DmaLoggingStart start) {
        all.add(
            new DeviceTracking(
                start.device(), start.pageSize(), start.ranges(), start.unknown(), start.errno()));
      }
    }
    return all;
  }

  private static Reason blocker(Story story, DeviceFinding found) {
    return Reasons.of(story, ReasonKind.BLOCKER, found);
  }

  private static Reason ended(Story story) {
    return story
        .vm()
        .endedBy()
        .map(found -> Reasons.of(story, ReasonKind.REFUSAL, found))
        .orElseGet(() -> FailureAnalysis.abort(story));
  }
}
