package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random runs, held against a bit for each page. */
class FewRunsTest {

  private static final int PAGES = 64;

  @Test
  void addsAndRemovesAsBitsDoOrDoesNothing() {
    int full = 0;
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      FewRuns runs = new FewRuns();
      BitSet expected = new BitSet();
      for (int i = 0; i < 60; i++) {
        int first = random.nextInt(PAGES);
        int end = first + 1 + random.nextInt(Math.min(PAGES - first, 6));
        boolean adds = random.nextInt(3) > 0;
        boolean done = adds ? runs.add(first, end) : runs.remove(first, end);
        if (done) {
          expected.set(first, end, adds);
        } else {
          full++;
        }
        BitSet found = new BitSet();
        runs.forEach((page, count) -> {
          assertThat(page == 0 || !found.get((int) page - 1)).as("runs do not meet").isTrue();
          assertThat(found.nextSetBit((int) page)).as("ascending").isEqualTo(-1);
          found.set((int) page, (int) (page + count));
        });
        assertThat(found).as("seed %d, step %d", seed, i).isEqualTo(expected);
        assertThat(runs.pages()).isEqualTo(expected.cardinality());
        assertThat(runs.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(runs.contains(first)).isEqualTo(expected.get(first));
      }
    }
    assertThat(full).as("there was no room sometimes").isPositive();
  }
}
