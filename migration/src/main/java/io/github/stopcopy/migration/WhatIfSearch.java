package io.github.stopcopy.migration;

import io.github.stopcopy.migration.ChangeSets.Single;
import io.github.stopcopy.migration.Trials.Trial;
import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.CheckOptions;
import io.github.stopcopy.migration.candidate.LibvirtXml;
import io.github.stopcopy.migration.candidate.SingleChanges;
import io.github.stopcopy.migration.change.Conflicts;
import io.github.stopcopy.migration.change.Effects;
import io.github.stopcopy.migration.change.VfioDevices;
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
 * three if those fail. Every set is played; left out is what cannot be a smallest set, because a
 * part of it reaches the goal already, and what contradicts itself. Of very many kinds of devices
 * sets of two are left out as well, which the answer says.
 */
final class WhatIfSearch {

  private static final int MOST_CHANGES = 3;

  /** How many sets of three are played at most. */
  private static final int MOST_TRIPLES = 2000;

  private static final int MOST_CLOSEST = 5;

  /**
   * How many devices are played, in sets of two of which one is about one kind of devices, before
   * such sets are left out, so that many kinds of many devices take seconds and not hours.
   */
  static final int MOST_DEVICES_PLAYED = 120_000;

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
  private final int mostPairsOfKinds;
  private int played;

  /** What was tried and reaches the goal, and what only comes closer to it. */
  private final class Found {

    private final List<Tried> reached = new ArrayList<>();
    private final List<Tried> others = new ArrayList<>();

    /** Whether it reaches the goal. */
    boolean add(Optional<Tried> tried) {
      if (tried.isPresent() && reaches(tried.get())) {
        reached.add(tried.get());
        return true;
      }
      tried.filter(WhatIfSearch.this::isBetter).ifPresent(others::add);
      return false;
    }
  }

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
   * @param mostDevicesPlayed how many devices may be played in sets that can be left out
   */
  WhatIfSearch(
      Trials trials,
      Optional<LibvirtXml> libvirt,
      Scenario scenario,
      WhatIfGoal goal,
      int mostDevicesPlayed) {
    this.trials = trials;
    this.libvirt = libvirt;
    this.conflicts = new Conflicts(scenario);
    this.effects = new Effects(scenario);
    this.goal = goal;
    this.mostPairsOfKinds = mostDevicesPlayed / Math.max(1, VfioDevices.of(scenario).size());
    Trial asItIs = trials.play(List.of()).orElseThrow();
    this.before = asItIs.judgement();
    this.trackedBefore = asItIs.trackedBytes();
  }

  /** What there is to find among single changes and what is made of them. */
  WhatIf search(Verdict verdict, SingleChanges changes) {
    Set<String> concerned = new LinkedHashSet<>();
    verdict.reasons().forEach(reason -> reason.device().ifPresent(concerned::add));
    List<Single> singles = distinct(changes, concerned);
    Found found = new Found();
    List<Single> rest = new ArrayList<>();
    for (Single single : singles) {
      if (!found.add(play(List.of(single)))) {
        rest.add(single);
      }
    }
    int largest = 1;
    boolean isComplete = true;
    int pairsLeftOut = 0;
    if (!isReached()) {
      ChangeSets sets = new ChangeSets(rest, conflicts);
      largest = 2;
      pairsLeftOut = sets.pairs(mostPairsOfKinds, pair -> found.add(play(pair)));
      isComplete = pairsLeftOut == 0;
      if (isComplete && found.reached.isEmpty()) {
        largest = MOST_CHANGES;
        isComplete = triples(sets, found);
      }
    }
    List<String> leftOut = new ArrayList<>(changes.leftOut());
    if (pairsLeftOut > 0) {
      leftOut.add(
          "There are so many kinds of VFIO devices that "
              + pairsLeftOut
              + " sets of a change of some of them and another one were not tried.");
    }
    List<Tried> reached = withoutNeedless(found.reached);
    reached.sort(goal == WhatIfGoal.FEWER_BYTES ? byBytes().thenComparing(ORDER) : ORDER);
    List<Tried> others = found.others;
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
        leftOut,
        isComplete);
  }

  private boolean isReached() {
    return goal == WhatIfGoal.MIGRATABLE && before.kind() == VerdictKind.MIGRATABLE
        || goal == WhatIfGoal.CONDITIONAL && before.kind().isPositive();
  }

  /** Each once, and none that leaves all as it is. */
  private List<Single> distinct(SingleChanges changes, Set<String> concerned) {
    Set<List<RemedyChange>> seen = new LinkedHashSet<>();
    List<Single> kept = new ArrayList<>();
    for (SingleChanges.Part part : changes.all(concerned)) {
      for (Candidate each : part.changes()) {
        if (seen.add(each.changes()) && !trials.isNothing(each.changes())) {
          kept.add(new Single(each, part.kind(), changes.isIdle(each)));
        }
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
    SubsetIndex<RemedyChange> index = new SubsetIndex<>(done);
    List<Tried> kept = new ArrayList<>();
    for (int i = 0; i < reached.size(); i++) {
      Tried tried = reached.get(i);
      if (!index.anyPartOf(i, other -> isNoWorse(reached.get(other), tried))) {
        kept.add(tried);
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

  /** Plays sets of three; false if the budget did not suffice. */
  private boolean triples(ChangeSets sets, Found found) {
    int end = played + MOST_TRIPLES;
    return sets.triples(triple -> {
      if (played >= end) {
        return false;
      }
      found.add(play(triple));
      return true;
    });
  }

  private Optional<Tried> play(List<Single> singles) {
    played++;
    List<Candidate> set = singles.stream().map(Single::candidate).toList();
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
        .filter(each ->
            !(each instanceof RemedyChange.Tracker)
                && !(each instanceof RemedyChange.Set set && set.target().equals("host")))
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
