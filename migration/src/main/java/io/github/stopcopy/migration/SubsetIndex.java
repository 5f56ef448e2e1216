package io.github.stopcopy.migration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Finds the parts of sets among these sets. Each stands under that of its elements which fewest
 * sets have, so that a question looks at few others, and not at each.
 *
 * @param <E> what they are sets of
 */
final class SubsetIndex<E> {

  private final List<Set<E>> sets;
  private final Map<E, List<Integer>> byRarest = new HashMap<>();

  /** Of sets that are not empty. */
  SubsetIndex(List<Set<E>> sets) {
    this.sets = List.copyOf(sets);
    Map<E, Integer> frequency = new HashMap<>();
    sets.forEach(set -> set.forEach(element -> frequency.merge(element, 1, Integer::sum)));
    for (int i = 0; i < sets.size(); i++) {
      E rarest = null;
      for (E element : sets.get(i)) {
        if (rarest == null
            || frequency.getOrDefault(element, 0) < frequency.getOrDefault(rarest, 0)) {
          rarest = element;
        }
      }
      if (rarest == null) {
        throw new IllegalArgumentException("an empty set, expected elements");
      }
      byRarest.computeIfAbsent(rarest, key -> new ArrayList<>()).add(i);
    }
  }

  /** Whether one of the sets that this one has, and that has fewer elements, is wanted. */
  boolean anyPartOf(int index, IntPredicate wanted) {
    Set<E> whole = sets.get(index);
    for (E element : whole) {
      for (int other : byRarest.getOrDefault(element, List.of())) {
        Set<E> part = sets.get(other);
        if (part.size() < whole.size() && whole.containsAll(part) && wanted.test(other)) {
          return true;
        }
      }
    }
    return false;
  }
}
