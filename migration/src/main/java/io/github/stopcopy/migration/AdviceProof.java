package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.candidate.CheckOptions;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Plays the changes of advice, each list of them once, and leaves out those that do not help. */
final class AdviceProof {

  /** Plays a VM with changes. */
  interface Player {

    /**
     * What becomes of it.
     *
     * @throws InputException if a change cannot be made, or what comes of it cannot be played
     */
    Outcome play(List<RemedyChange> changes) throws InputException;
  }

  /**
   * A VM that was played and judged.
   *
   * @param judgement what is said of it
   * @param vm the VM as rules see it
   */
  record Outcome(Judgement judgement, PlayedVm vm) {

    Outcome(Judgement judgement, Story story, PlayedStory.Types types) {
      this(judgement, new PlayedStory(story, judgement, types));
    }
  }

  /** What is said where. */
  private record Place(String code, Optional<String> device) {

    static Place of(Advice advice) {
      return new Place(advice.finding().code(), advice.device());
    }

    static Place of(Reason reason) {
      return new Place(reason.code(), reason.device());
    }
  }

  private final Player player;
  private final Judgement before;
  private final Set<Place> reasons;
  private final Map<List<RemedyChange>, Optional<Outcome>> played = new HashMap<>();

  AdviceProof(Player player, Judgement before) {
    this.player = player;
    this.before = before;
    this.reasons = before.reasons().stream().map(Place::of).collect(Collectors.toSet());
  }

  /** The advice with those changes only after which it is not given and nothing else is worse. */
  List<Advice> proven(RuleSetProvider rules, List<Advice> advice) {
    Map<List<RemedyChange>, Set<Place>> after = new HashMap<>();
    List<Advice> all = new ArrayList<>();
    for (Advice one : advice) {
      Finding finding = one.finding();
      List<RemedyChange> changes = finding.changes();
      if (changes.isEmpty()) {
        all.add(one);
        continue;
      }
      Optional<Outcome> outcome = play(changes);
      boolean helps =
          outcome.isPresent()
              && !after
                  .computeIfAbsent(
                      changes,
                      list -> places(Advisor.findings(one.ruleSet(), rules, outcome.get().vm())))
                  .contains(Place.of(one));
      all.add(
          helps
              ? new Advice(one.ruleSet(), one.device(), finding, CheckOptions.of(changes))
              : new Advice(
                  one.ruleSet(), one.device(), finding.withChanges(List.of()), Optional.empty()));
    }
    return all;
  }

  private static Set<Place> places(List<Advice> advice) {
    return advice.stream().map(Place::of).collect(Collectors.toSet());
  }

  /** A step up that newly loses no data, or the same step without a reason that was not there. */
  private boolean isNoWorse(Outcome outcome) {
    Judgement now = outcome.judgement();
    boolean up = now.kind().rank() > before.kind().rank();
    return now.kind().rank() >= before.kind().rank()
        && now.reasons().stream()
            .allMatch(reason -> reasons.contains(Place.of(reason)) || up && !reason.losesData());
  }

  /** What becomes of the VM with changes; empty if it is worse, or cannot be played. */
  private Optional<Outcome> play(List<RemedyChange> changes) {
    Optional<Outcome> known = played.get(changes);
    if (known == null) {
      try {
        known = Optional.of(player.play(changes)).filter(this::isNoWorse);
      } catch (InputException notPlayable) {
        known = Optional.empty();
      }
      played.put(changes, known);
    }
    return known;
  }
}
