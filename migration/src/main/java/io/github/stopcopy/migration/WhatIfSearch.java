package io.github.stopcopy.migration;

import io.github.stopcopy.migration.Trials.Trial;
import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.CheckOptions;
import io.github.stopcopy.migration.candidate.LibvirtXml;
import io.github.stopcopy.migration.candidate.SingleChanges;
import io.github.stopcopy.migration.change.Conflicts;
import io.github.stopcopy.migration.change.Effects;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for the smallest sets of changes that reach a goal: all of one change, all of two, and of
 * three if those fail. Every set is played; left out is only what cannot be a smallest set, because
 * a part of it reaches the goal already, and what contradicts itself.
 */
final class WhatIfSearch {

  private static final int MOST_CHANGES = 3;

  /** How many sets of three are played at most; those of one and two are always played. */
  private static final int MOST_TRIPLES = 2000;

  private static final int MOST_CLOSEST = 5;

  /** A patch that is in no release last; else the smallest first, then the cheapest. */
  private static final Comparator<Tried> ORDER =
      Comparator.<Tried, Boolean>comparing(
              tried -> tried.needs().contains(RemedyNeed.UNMERGED_PATCH))
          .thenComparingInt(tried -> tried.set().size())
          .thenComparingInt(Tried::effort)
          .thenComparingInt(tried -> tried.needs().size())
          .thenComparingInt(tried -> tried.assumes().size());

  private final Trials trials;
  private final Optional<LibvirtXml> libvirt;
  private final Conflicts conflicts;
  private final Effects effects;
  private final WhatIfGoal goal;
  private final Judgement before;
  private final Optional<BigInteger> trackedBefore;
  private int played;

  /** Decisions that were tried together, each after the one before in the order of all. */
  private record Tried(List<Candidate> set, Trial outcome) {

    Set<RemedyNeed> needs() {
      Set<RemedyNeed> all = new TreeSet<>();
      set.forEach(each -> all.addAll(each.needs()));
      return all;
    }

    Set<String> assumes() {
      Set<String> all = new LinkedHashSet<>();
      set.forEach(each -> all.addAll(each.assumes()));
      outcome.judgement().reasons().forEach(reason -> all.addAll(reason.assumes()));
      return all;
    }

    /** The sum of what each asks for, so that two restarts count as much as one and a look. */
    int effort() {
      return set.stream().mapToInt(each -> each.effort() + 1).sum();
    }

    VerdictKind kind() {
      return outcome.judgement().kind();
    }
  }

  /**
   * A search.
   *
   * @param trials plays changes
   * @param libvirt writes changes as XML, for a VM of libvirt
   * @param scenario what is changed
   * @param goal what is looked for
   */
  WhatIfSearch(Trials trials, Optional<LibvirtXml> libvirt, Scenario scenario, WhatIfGoal goal) {
    this.trials = trials;
    this.libvirt = libvirt;
    this.conflicts = new Conflicts(scenario);
    this.effects = new Effects(scenario);
    this.goal = goal;
    Trial asItIs = trials.play(List.of()).orElseThrow();
    this.before = asItIs.judgement();
    this.trackedBefore = asItIs.trackedBytes();
  }

  /** What there is to find among single changes and what is made of them. */
  WhatIf search(Verdict verdict, SingleChanges changes) {
    List<Candidate> singles = distinct(changes.all());
    List<Tried> reached = new ArrayList<>();
    List<Tried> others = new ArrayList<>();
    List<Candidate> rest = new ArrayList<>();
    for (Candidate single : singles) {
      Optional<Tried> tried = play(List.of(single));
      if (tried.isPresent() && reaches(tried.get())) {
        reached.add(tried.get());
      } else {
        rest.add(single);
        tried.filter(this::isBetter).ifPresent(others::add);
      }
    }
    int largest = 1;
    boolean isComplete = true;
    if (!isReached()) {
      largest = 2;
      sets(rest, new ArrayList<>(), 0, 2, Integer.MAX_VALUE, reached, others);
      if (reached.isEmpty()) {
        largest = MOST_CHANGES;
        isComplete = sets(rest, new ArrayList<>(), 0, MOST_CHANGES, MOST_TRIPLES, reached, others);
      }
    }
    reached = withoutNeedless(reached);
    reached.sort(goal == WhatIfGoal.FEWER_BYTES ? byBytes().thenComparing(ORDER) : ORDER);
    others.sort(Comparator.<Tried>comparingInt(tried -> -tried.kind().rank()).thenComparing(ORDER));
    return new WhatIf(
        verdict,
        trackedBefore,
        goal,
        reached.stream().map(this::proposal).toList(),
        reached.isEmpty() && !isReached()
            ? others.stream().limit(MOST_CLOSEST).map(this::proposal).toList()
            : List.of(),
        singles.size(),
        played,
        largest,
        changes.kindsLeftOut(),
        isComplete);
  }

  private boolean isReached() {
    return goal == WhatIfGoal.MIGRATABLE && before.kind() == VerdictKind.MIGRATABLE
        || goal == WhatIfGoal.CONDITIONAL && before.kind().isPositive();
  }

  /** Each once, and none that leaves all as it is. */
  private List<Candidate> distinct(List<Candidate> all) {
    Set<List<RemedyChange>> seen = new LinkedHashSet<>();
    List<Candidate> kept = new ArrayList<>();
    for (Candidate each : all) {
      if (seen.add(each.changes()) && !trials.isNothing(each.changes())) {
        kept.add(each);
      }
    }
    return kept;
  }

  /**
   * Leaves out what does all that another set of no more changes does, and more, to no better end:
   * a setting of all devices beside that of the one that needs it.
   */
  private List<Tried> withoutNeedless(List<Tried> reached) {
    List<Set<RemedyChange>> done = new ArrayList<>();
    reached.forEach(tried -> done.add(effects.of(changes(tried.set()))));
    List<Tried> kept = new ArrayList<>();
    for (int i = 0; i < reached.size(); i++) {
      boolean isNeedless = false;
      for (int j = 0; j < reached.size() && !isNeedless; j++) {
        isNeedless =
            done.get(j).size() < done.get(i).size()
                && done.get(i).containsAll(done.get(j))
                && isNoWorse(reached.get(j), reached.get(i));
      }
      if (!isNeedless) {
        kept.add(reached.get(i));
      }
    }
    return kept;
  }

  private boolean isNoWorse(Tried one, Tried other) {
    return one.set().size() <= other.set().size()
        && one.kind().rank() >= other.kind().rank()
        && codes(other).containsAll(codes(one))
        && other.needs().containsAll(one.needs())
        && other.assumes().containsAll(one.assumes())
        && (goal != WhatIfGoal.FEWER_BYTES || bytes(one).compareTo(bytes(other)) <= 0);
  }

  /** Plays all sets of a size; false if the budget did not suffice. */
  private boolean sets(
      List<Candidate> from,
      List<Candidate> chosen,
      int next,
      int size,
      int budget,
      List<Tried> reached,
      List<Tried> others) {
    int end = budget == Integer.MAX_VALUE ? budget : budget + (chosen.isEmpty() ? played : 0);
    for (int i = next; i < from.size(); i++) {
      Candidate candidate = from.get(i);
      if (chosen.stream()
          .anyMatch(other -> conflicts.between(other.changes(), candidate.changes()))) {
        continue;
      }
      List<Candidate> set = new ArrayList<>(chosen);
      set.add(candidate);
      if (set.size() < size) {
        if (!sets(from, set, i + 1, size, end, reached, others)) {
          return false;
        }
        continue;
      }
      if (played >= end) {
        return false;
      }
      Optional<Tried> tried = play(set);
      if (tried.isPresent() && reaches(tried.get())) {
        reached.add(tried.get());
      } else {
        tried.filter(this::isBetter).ifPresent(others::add);
      }
    }
    return true;
  }

  private Optional<Tried> play(List<Candidate> set) {
    played++;
    return trials.play(changes(set)).map(outcome -> new Tried(set, outcome));
  }

  private static List<RemedyChange> changes(List<Candidate> set) {
    List<RemedyChange> all = new ArrayList<>();
    set.forEach(each -> each.changes().stream().filter(c -> !all.contains(c)).forEach(all::add));
    return all;
  }

  /** What loses data and did not before is nothing to propose. */
  private boolean reaches(Tried tried) {
    if (tried.outcome().judgement().reasons().stream()
        .anyMatch(reason -> RemedyProof.isNewLoss(before, reason))) {
      return false;
    }
    return switch (goal) {
      case MIGRATABLE -> tried.kind() == VerdictKind.MIGRATABLE;
      case CONDITIONAL -> tried.kind().isPositive();
      case FEWER_BYTES ->
          tried.kind().isPositive()
              && tried.kind().rank() >= before.kind().rank()
              && tried.outcome().trackedBytes().isPresent()
              && (trackedBefore.isEmpty() || bytes(tried).compareTo(trackedBefore.get()) < 0);
    };
  }

  private boolean isBetter(Tried tried) {
    return tried.kind().rank() > before.kind().rank()
        && tried.kind() != VerdictKind.REFUSED
        && tried.outcome().judgement().reasons().stream()
            .noneMatch(reason -> RemedyProof.isNewLoss(before, reason));
  }

  private static Comparator<Tried> byBytes() {
    return Comparator.comparing(WhatIfSearch::bytes);
  }

  private static BigInteger bytes(Tried tried) {
    return tried.outcome().trackedBytes().orElseThrow();
  }

  /** What the host is or does is not in the XML of a domain. */
  private static List<RemedyChange> ofTheDomain(List<RemedyChange> changes) {
    return changes.stream()
        .filter(each -> !(each instanceof RemedyChange.Set set && set.target().equals("host")))
        .toList();
  }

  private static Set<String> codes(Tried tried) {
    Set<String> codes = new LinkedHashSet<>();
    tried.outcome().judgement().reasons().forEach(reason -> codes.add(reason.code()));
    return codes;
  }

  private Proposal proposal(Tried tried) {
    List<RemedyChange> changes = changes(tried.set());
    return new Proposal(
        tried.set().stream().map(Candidate::text).toList(),
        changes,
        CheckOptions.of(changes),
        libvirt.flatMap(xml -> xml.of(ofTheDomain(changes))),
        List.copyOf(tried.needs()),
        tried.kind(),
        List.copyOf(codes(tried)),
        List.copyOf(tried.assumes()),
        tried.outcome().trackedBytes());
  }
}
