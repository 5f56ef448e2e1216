package io.github.stopcopy.migration;

import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    return story.vm().isConditional() ? VerdictKind.CONDITIONAL : VerdictKind.MIGRATABLE;
  }

  /** Why, without remedies. */
  static List<Reason> reasons(Story story) {
    List<Reason> reasons = new ArrayList<>();
    switch (kind(story)) {
      case REFUSED -> reasons.add(ended(story));
      case BLOCKED -> {
        story.vm().blockedBy().forEach(finding -> reasons.add(reason(finding)));
        story
            .refusedMigration()
            .map(Judge::reason)
            .filter(refused -> reasons.stream().noneMatch(refused::isSameAs))
            .ifPresent(reasons::add);
      }
      case FAILED -> reasons.add(FailureAnalysis.reason(story));
      case CONDITIONAL -> reasons.add(conditional());
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

  private static Reason reason(DeviceFinding found) {
    Finding finding = found.finding();
    return new Reason(
        finding.code(),
        found.device(),
        found.error().text(),
        finding.explanation(),
        List.of(),
        finding.rules());
  }

  private static Reason ended(Story story) {
    Optional<DeviceFinding> endedBy = story.vm().endedBy();
    if (endedBy.isPresent()) {
      return reason(endedBy.get());
    }
    StepAnswer last = story.answers().get(story.answers().size() - 1);
    String text = "";
    for (ModelEvent event : last.events()) {
      if (event instanceof MessageEvent message
          && message.severity() == MessageEvent.Severity.ERROR
          && !message.text().startsWith("qemu: hardware error")) {
        text = message.text();
      }
    }
    return new Reason(
        "QEMU_ABORTED",
        Optional.empty(),
        text,
        "QEMU aborted: memory of the running guest could not be mapped for the device, and QEMU"
            + " cannot go on without.",
        List.of(),
        List.of("R-LST-61"));
  }

  private static Reason conditional() {
    return new Reason(
        "VIOMMU_MAY_BE_USED",
        Optional.empty(),
        "",
        "Every device has x-migration-iommu-pt=on, so the vIOMMU does not block. If the guest uses"
            + " it for DMA before the migration it is refused at its start, if it begins to in the"
            + " middle the migration fails; the guest runs on here in both cases. QEMU cannot"
            + " prevent it.",
        List.of(),
        List.of("R-BLK-27", "R-DT-31", "R-LST-25"));
  }
}
