package io.github.stopcopy.migration;

import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.change.Conflicts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The sets of two and of three changes that make sense: nothing in them contradicts another thing,
 * or does nothing beside the others.
 */
final class ChangeSets {

  /**
   * A change.
   *
   * @param kind the kind of devices that it is about; empty: the VM, or all of its devices
   * @param isIdle whether it does nothing while the release stays
   */
  record Single(Candidate candidate, OptionalInt kind, boolean isIdle) {

    private boolean isRelease() {
      return candidate.changes().stream().anyMatch(RemedyChange.Release.class::isInstance);
    }
  }

  /** What two changes are about; those whose sets help most often come first. */
  private enum Pair {
    /** The VM, or all of its devices. */
    WHOLE,
    /** Devices of one kind. */
    ONE_KIND,
    /** The VM and devices of one kind. */
    WHOLE_AND_KIND,
    /** Devices of two kinds. */
    TWO_KINDS;

    private static Pair of(Single one, Single other) {
      if (one.kind.isEmpty() || other.kind.isEmpty()) {
        return one.kind.equals(other.kind) ? WHOLE : WHOLE_AND_KIND;
      }
      return one.kind.equals(other.kind) ? ONE_KIND : TWO_KINDS;
    }
  }

  private final List<Single> from;
  private final Conflicts conflicts;

  /** Of these changes; kinds that come first are the first of which there are sets. */
  ChangeSets(List<Single> from, Conflicts conflicts) {
    this.from = List.copyOf(from);
    this.conflicts = conflicts;
  }

  /**
   * All sets of two that are about the VM or all of its devices, and then sets that are about a
   * kind of devices.
   *
   * @param mostOfKinds how many of the latter at most
   * @return how many of them are left out
   */
  int pairs(int mostOfKinds, Consumer<List<Single>> each) {
    int ofKinds = 0;
    for (Pair wanted : Pair.values()) {
      for (int j = 1; j < from.size(); j++) {
        for (int i = 0; i < j; i++) {
          List<Single> pair = List.of(from.get(i), from.get(j));
          if (Pair.of(from.get(i), from.get(j)) == wanted
              && isSensible(pair)
              && (wanted == Pair.WHOLE || ofKinds++ < mostOfKinds)) {
            each.accept(pair);
          }
        }
      }
    }
    return Math.max(ofKinds - mostOfKinds, 0);
  }

  /** Sets of three as long as more are wanted; false if there are others. */
  boolean triples(Predicate<List<Single>> isTaken) {
    for (int i = 0; i < from.size(); i++) {
      for (int j = i + 1; j < from.size(); j++) {
        for (int k = j + 1; k < from.size(); k++) {
          List<Single> triple = List.of(from.get(i), from.get(j), from.get(k));
          if (isSensible(triple) && !isTaken.test(triple)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean isSensible(List<Single> set) {
    if (set.stream().anyMatch(Single::isIdle) && set.stream().noneMatch(Single::isRelease)) {
      return false;
    }
    for (int i = 0; i < set.size(); i++) {
      List<RemedyChange> changes = set.get(i).candidate.changes();
      for (Single other : set.subList(i + 1, set.size())) {
        if (conflicts.between(changes, other.candidate.changes())) {
          return false;
        }
      }
    }
    return true;
  }
}
