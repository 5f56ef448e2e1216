package io.github.stopcopy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The parts of sets, found without looking at each. */
class SubsetIndexTest {

  @Test
  void findsWhatLookingAtEachFinds() {
    SplittableRandom random = new SplittableRandom(15);
    for (int round = 0; round < 200; round++) {
      List<Set<Integer>> sets = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Set<Integer> set = new HashSet<>();
        for (int size = 1 + random.nextInt(5); set.size() < size; ) {
          set.add(random.nextInt(9));
        }
        sets.add(set);
      }
      SubsetIndex<Integer> index = new SubsetIndex<>(sets);
      for (int i = 0; i < sets.size(); i++) {
        Set<Integer> parts = new HashSet<>();
        assertThat(index.anyPartOf(i, part -> !parts.add(part) && false)).isFalse();
        Set<Integer> expected = new HashSet<>();
        for (int j = 0; j < sets.size(); j++) {
          if (!sets.get(i).equals(sets.get(j)) && sets.get(i).containsAll(sets.get(j))) {
            expected.add(j);
          }
        }
        assertThat(parts).as("parts of %s in %s", sets.get(i), sets).isEqualTo(expected);
      }
    }
  }

  @Test
  void theFirstThatIsWantedEndsTheSearch() {
    SubsetIndex<Integer> index =
        new SubsetIndex<>(List.of(Set.of(1, 2), Set.of(1), Set.of(2), Set.of(3)));
    AtomicLong asked = new AtomicLong();
    assertThat(index.anyPartOf(0, part -> asked.incrementAndGet() > 0)).isTrue();
    assertThat(asked).hasValue(1);
    assertThat(index.anyPartOf(3, part -> true)).isFalse();
  }

  @Test
  void anEmptySetIsAMistake() {
    assertThatThrownBy(() -> new SubsetIndex<>(List.of(Set.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
