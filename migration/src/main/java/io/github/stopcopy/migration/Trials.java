package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.ScenarioPlayer;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Plays changes to what was asked about. A list of changes is played once, however often it is
 * asked for.
 */
final class Trials {

  private final ScenarioPlayer player;
  private final TrackerChoice trackers;
  private final Judging judging;
  private final UnaryOperator<Scenario> completion;
  private final Scenario unobserved;
  private final Changes changes;
  private final boolean measuresTracking;
  private final Map<List<RemedyChange>, Optional<Trial>> played = new HashMap<>();

  /**
   * What came of it.
   *
   * @param judgement the answer
   * @param trackedBytes what devices are asked to track, in bytes; empty where none is, or where
   *     nobody measures it
   */
  record Trial(Judgement judgement, Optional<BigInteger> trackedBytes) {}

  /**
   * Trials.
   *
   * @param player plays
   * @param trackers who logs the writes of devices before changes
   * @param judging decides
   * @param completion fills in what a changed host leaves open
   * @param scenario what was played
   * @param changes makes changes
   * @param measuresTracking whether it counts how much is tracked
   */
  Trials(
      ScenarioPlayer player,
      TrackerChoice trackers,
      Judging judging,
      UnaryOperator<Scenario> completion,
      Scenario scenario,
      Changes changes,
      boolean measuresTracking) {
    this.player = player;
    this.trackers = trackers;
    this.judging = judging;
    this.completion = completion;
    this.unobserved = withoutSnapshots(scenario);
    this.changes = changes;
    this.measuresTracking = measuresTracking;
  }

  /** Looking at the VM changes nothing, and takes long. */
  private static Scenario withoutSnapshots(Scenario scenario) {
    return scenario.withSteps(
        scenario.steps().stream().filter(step -> !(step instanceof Step.Snapshot)).toList());
  }

  /** What comes of these changes; empty if they cannot be made or the result cannot be played. */
  Optional<Trial> play(List<RemedyChange> list) {
    Optional<Trial> before = played.get(list);
    if (before != null) {
      return before;
    }
    Optional<Trial> outcome;
    try {
      Scenario changed = completion.apply(changes.apply(unobserved, list));
      try (TrackerChoice choice = trackers.after(list, changed)) {
        Story story = player.withTrackers(choice).play(changed);
        outcome =
            Optional.of(
                new Trial(
                    judging.after(list).judge(story),
                    measuresTracking ? trackedBytes(story) : Optional.empty()));
      }
    } catch (InputException notPlayable) {
      outcome = Optional.empty();
    }
    played.put(list, outcome);
    return outcome;
  }

  /** Whether these changes leave all as it is. */
  boolean isNothing(List<RemedyChange> list) {
    try {
      return list.stream()
              .noneMatch(change ->
                  Changes.isForDestination(change) || change instanceof RemedyChange.Tracker)
          && changes.apply(unobserved, list).equals(unobserved);
    } catch (InputException notPlayable) {
      return true;
    }
  }

  private static Optional<BigInteger> trackedBytes(Story story) {
    List<DeviceTracking> started =
        Judge.tracking(story).stream().filter(each -> each.errno().isEmpty()).toList();
    return started.isEmpty()
        ? Optional.empty()
        : Optional.of(
            started.stream()
                .map(DeviceTracking::trackedBytes)
                .reduce(BigInteger.ZERO, BigInteger::add));
  }
}
