package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random runs, held against a bit for each page. */
class PageRunsTest {

  private static final int PAGES = 64;

  @Test
  void addsAndRemovesAsBitsDo() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      PageRuns runs = new PageRuns();
      BitSet expected = new BitSet();
      for (int i = 0; i < 60; i++) {
        int first = random.nextInt(PAGES);
        int end = first + 1 + random.nextInt(Math.min(PAGES - first, 6));
        boolean adds = random.nextInt(3) > 0;
        if (adds) {
          assertThat(runs.meets(first, end))
              .isEqualTo(expected.get(Math.max(first - 1, 0), end + 1).cardinality() > 0);
          runs.add(first, end);
        } else {
          runs.remove(first, end);
        }
        expected.set(first, end, adds);
        BitSet found = new BitSet();
        runs.forEach(
            0,
            PAGES,
            (page, count) -> {
              assertThat(page == 0 || !found.get((int) page - 1)).as("runs do not meet").isTrue();
              assertThat(found.nextSetBit((int) page)).as("ascending").isEqualTo(-1);
              found.set((int) page, (int) (page + count));
            });
        assertThat(found).as("seed %d, step %d", seed, i).isEqualTo(expected);
        BitSet part = new BitSet();
        runs.forEach(first, end, (page, count) -> part.set((int) page, (int) (page + count)));
        expected.stream().filter(page -> first <= page && page < end).forEach(part::flip);
        assertThat(part.isEmpty()).as("the part from %d to %d", first, end).isTrue();
        assertThat(runs.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(runs.contains(first)).isEqualTo(expected.get(first));
      }
    }
  }
}
