package io.github.stopcopy.migration;

import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the answer off a story that was played. */
final class Judge {

  private final boolean isHostAssumed;
  private final boolean countsLaterRefusals;

  /**
   * A judge.
   *
   * @param isHostAssumed whether facts of the host that nobody gave are assumptions; else they have
   *     agreed values
   * @param countsLaterRefusals whether a {@code migrate} that is refused because another one runs
   *     or has completed decides
   */
  Judge(boolean isHostAssumed, boolean countsLaterRefusals) {
    this.isHostAssumed = isHostAssumed;
    this.countsLaterRefusals = countsLaterRefusals;
  }

  /** What is said of the source, without remedies. */
  Judgement judge(Story story) {
    List<Reason> reasons = new ArrayList<>();
    VerdictKind kind = kind(story, reasons);
    if (isHostAssumed) {
      reasons.replaceAll(reason -> withAssumptions(story, reason));
    }
    return new Judgement(kind, reasons, Optional.empty());
  }

  /** The answer in one word; the reasons for it are added. */
  private VerdictKind kind(Story story, List<Reason> reasons) {
    if (story.vm().exitCode().isPresent()) {
      reasons.add(ended(story));
      return VerdictKind.REFUSED;
    }
    Optional<DeviceFinding> refused = refusedMigration(story);
    if (refused.isEmpty()
        && story.migrated()
        && story.vm().migrationStatus() == MigrationStatus.FAILED) {
      reasons.add(FailureAnalysis.reason(story));
      return VerdictKind.FAILED;
    }
    story.vm().blockedBy().forEach(finding -> reasons.add(blocker(story, finding)));
    refused
        .map(finding -> blocker(story, finding))
        .filter(blocker -> reasons.stream().noneMatch(blocker::isSameAs))
        .ifPresent(reasons::add);
    if (!reasons.isEmpty()) {
      return VerdictKind.BLOCKED;
    }
    reasons.addAll(Conditions.of(story));
    if (isHostAssumed) {
      Assumptions.reliedOn(story)
          .forEach((device, facts) -> reasons.add(Reasons.assumed(device, facts)));
    }
    return reasons.isEmpty() ? VerdictKind.MIGRATABLE : VerdictKind.CONDITIONAL;
  }

  private Optional<DeviceFinding> refusedMigration(Story story) {
    return countsLaterRefusals && story.refusedAfterCompletion().isPresent()
        ? story.refusedAfterCompletion()
        : story.refusedMigration();
  }

  /** A reason with the facts it follows from and nobody gave. */
  private static Reason withAssumptions(Story story, Reason reason) {
    Optional<Fact> fact = ReasonCode.named(reason.code()).flatMap(ReasonCode::fact);
    if (fact.isEmpty()) {
      return reason;
    }
    Scenario scenario = story.scenario();
    Set<String> devices = reason.device().map(Set::of).orElse(AssignedDevices.names(scenario));
    List<String> assumes = new ArrayList<>();
    for (Assumption assumption : Assumptions.facts(scenario, devices, fact.get())) {
      String whose = reason.device().isPresent() ? "" : assumption.subject() + ": ";
      assumes.add(whose + assumption);
    }
    if (fact.get() == Fact.DMA_LOGGING) {
      for (String device : devices) {
        Assumptions.limits(scenario, device).ifPresent(limits -> assumes.add(limits.toString()));
      }
    }
    return reason.assuming(assumes);
  }

  /** What devices were asked to track from the last {@code migrate} on. */
  static List<DeviceTracking> tracking(Story story) {
    List<DeviceTracking> all = new ArrayList<>();
    for (ModelEvent event : story.sinceMigrate().single()) {
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
