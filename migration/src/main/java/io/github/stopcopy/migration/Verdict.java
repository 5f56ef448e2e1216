package io.github.stopcopy.migration;

import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.cost.TrackingCost;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.ListenerReport;
import java.util.List;
import java.util.Optional;

/**
 * The answer.
 *
 * @param kind in one word
 * @param reasons why; also for a conditional answer
 * @param tracking what devices are asked to track, if tracking was started
 * @param costs what tracking would cost each device; empty unless asked for
 * @param virtualIommu how far the vIOMMU could translate; empty without one
 * @param advice what other rule sets say
 * @param listeners what the memory listeners that were asked for tell
 * @param problems a line for each thing that went wrong beside the answer: plugins that could not
 *     be loaded, rule sets and memory listeners that failed; the answer does not depend on them
 * @param story what was played to get here
 */
public record Verdict(
    VerdictKind kind,
    List<Reason> reasons,
    List<DeviceTracking> tracking,
    List<TrackingCost> costs,
    Optional<IovaLimits> virtualIommu,
    List<Advice> advice,
    List<ListenerReport> listeners,
    List<String> problems,
    Story story) {

  /** Copies the lists. */
  public Verdict {
    reasons = List.copyOf(reasons);
    tracking = List.copyOf(tracking);
    costs = List.copyOf(costs);
    advice = List.copyOf(advice);
    listeners = List.copyOf(listeners);
    problems = List.copyOf(problems);
  }
}
