package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.incoming.Arrival;
import io.github.stopcopy.migration.incoming.DestinationPlayer;
import io.github.stopcopy.migration.incoming.Obstacle;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges stories: the source first and, if it sends something and there is a destination, whether
 * that can be loaded there.
 *
 * @param judge judges the source
 * @param player plays destinations
 * @param destination where the VM is to go; empty if nobody asks
 */
record Judging(Judge judge, DestinationPlayer player, Optional<Destination> destination) {

  /**
   * The same after changes; those that are about the source are left out.
   *
   * @throws InputException if one is about a destination and cannot be made or there is none
   */
  Judging after(List<RemedyChange> changes) throws InputException {
    if (changes.stream().noneMatch(Changes::isForDestination)) {
      return this;
    }
    if (destination.isEmpty()) {
      throw InputException.of("a setting of the destination, expected one only with a destination");
    }
    return new Judging(judge, player, Optional.of(Changes.apply(destination.get(), changes)));
  }

  /**
   * What is said of a story.
   *
   * @throws InputException if what waits on the destination makes no sense to the model
   */
  Judgement judge(Story story) throws InputException {
    Judgement source = judge.judge(story);
    VerdictKind kind = source.kind();
    if (destination.isEmpty() || !kind.isPositive()) {
      return source;
    }
    List<Reason> reasons = new ArrayList<>(source.reasons());
    Arrival arrival = player.play(story, destination.get());
    List<Reason> there = new ArrayList<>();
    for (Obstacle found : arrival.obstacles()) {
      there.add(Reasons.of(story, found.kind(), found.finding(), found.device()));
    }
    if (arrival.isLoaded()) {
      reasons.addAll(there);
      kind = reasons.isEmpty() ? VerdictKind.MIGRATABLE : VerdictKind.CONDITIONAL;
    } else {
      reasons.addAll(0, there);
      kind = VerdictKind.FAILED;
    }
    return new Judgement(kind, reasons, Optional.of(arrival));
  }
}
