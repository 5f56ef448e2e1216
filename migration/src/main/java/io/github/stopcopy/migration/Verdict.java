package io.github.stopcopy.migration;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.cost.TrackingCost;
import io.github.stopcopy.migration.destination.Loading;
import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.vm.ListenerReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer. A value: it holds nothing of the VM that was played, can be kept, compared and handed
 * to other threads. The played VM is there with {@link MigrationCheck#play}.
 *
 * @param kind in one word
 * @param profile the release it is about
 * @param profileOrigin why it is about this release
 * @param reasons why; also for a conditional answer
 * @param assumptions what it rests on that nobody said
 * @param warnings what else there is to know, a line each: about the input, what QEMU would warn
 *     of, what the model does not know, and what other rule sets advise
 * @param steps what QEMU did in each step that it lived to see
 * @param tracking what devices are asked to track, if tracking was started
 * @param costs what tracking would cost each device; empty unless asked for
 * @param virtualIommu how far the vIOMMU could translate; empty without one
 * @param destination what becomes of the VM where it is to go; empty if nobody asked, or the source
 *     sends nothing
 * @param advice what other rule sets say
 * @param listeners what the memory listeners that were asked for tell
 * @param problems a line for each thing that went wrong beside the answer: plugins that could not
 *     be loaded, rule sets and memory listeners that failed; the answer does not depend on them
 */
public record Verdict(
    VerdictKind kind,
    QemuProfile profile,
    ProfileOrigin profileOrigin,
    List<Reason> reasons,
    List<Assumption> assumptions,
    List<String> warnings,
    List<StepAnswer> steps,
    List<DeviceTracking> tracking,
    List<TrackingCost> costs,
    Optional<IovaLimits> virtualIommu,
    Optional<Loading> destination,
    List<Advice> advice,
    List<ListenerReport> listeners,
    List<String> problems) {

  /** Copies the lists. */
  public Verdict {
    reasons = List.copyOf(reasons);
    assumptions = List.copyOf(assumptions);
    warnings = List.copyOf(warnings);
    steps = List.copyOf(steps);
    tracking = List.copyOf(tracking);
    costs = List.copyOf(costs);
    advice = List.copyOf(advice);
    listeners = List.copyOf(listeners);
    problems = List.copyOf(problems);
  }

  /** The warnings without those that {@link #advice} tells too, for reports that show both. */
  public List<String> warningsBesideAdvice() {
    List<String> told = new ArrayList<>();
    for (Advice each : advice) {
      if (each.finding().code().equals(LintCode.VIOMMU_AFTER_DEVICE.name())) {
        each.device().map(Warnings::madeBeforeVirtualIommu).ifPresent(told::add);
      }
    }
    return warnings.stream().filter(warning -> !told.contains(warning)).toList();
  }

  /** The same with another answer. */
  Verdict with(VerdictKind otherKind, List<Reason> otherReasons, List<String> otherWarnings) {
    return new Verdict(
        otherKind,
        profile,
        profileOrigin,
        otherReasons,
        assumptions,
        otherWarnings,
        steps,
        tracking,
        costs,
        virtualIommu,
        destination,
        advice,
        listeners,
        problems);
  }
}
