package io.github.stopcopy.core.iova;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Blocks of pages against a tree of pages. */
class PageBlocksTest {

  private static final int APART = 3;
  private static final int PAGES = 512;
  private static final long[] NUMBERS = {0, 1, 2, 7, 1L << 20, (1L << 40) - 2, (1L << 40) - 1};

  private final PageBlocks blocks = new PageBlocks(APART);
  private final NavigableMap<Long, Long> tree = new TreeMap<>();

  private void add(long page, long target) {
    if (blocks.blockOf(page) == null) {
      blocks.create(page);
    }
    blocks.add(page, target);
    tree.put(page, target);
  }

  private NavigableMap<Long, Long> ofBlock(long page) {
    return tree.subMap(blocks.first(page), true, blocks.last(page), true);
  }

  private void remove(long page) {
    int left = blocks.remove(page);
    tree.remove(page);
    assertThat(left).isEqualTo(ofBlock(page).size());
    if (left == 0) {
      blocks.drop(page);
    }
  }

  private void assertSame(long page) {
    Long next = tree.ceilingKey(page);
    Long target = tree.get(page);
    long[] block = blocks.blockOf(page);
    assertThat(blocks.isEmpty()).isEqualTo(tree.isEmpty());
    assertThat(blocks.counts(page)).isEqualTo(page % (1 << APART) == 0);
    assertThat(block != null).isEqualTo(blocks.counts(page) && !ofBlock(page).isEmpty());
    assertThat(blocks.blockAt(page) != null).isEqualTo(!ofBlock(page).isEmpty());
    assertThat(blocks.holdsAny(page, page)).isEqualTo(target != null);
    assertThat(blocks.holdsAny(page - 3, page + 3))
        .isEqualTo(tree.ceilingKey(page - 3) != null && tree.ceilingKey(page - 3) <= page + 3);
    assertThat(blocks.holds(page)).isEqualTo(target != null);
    assertThat(blocks.ceiling(page)).isEqualTo(next == null ? RunTree.NO_PAGE : next);
    if (block != null) {
      assertThat(PageBlocks.size(block)).isEqualTo(ofBlock(page).size());
    }
    if (target != null) {
      assertThat(blocks.target(Objects.requireNonNull(block), page)).isEqualTo(target);
    }
  }

  @Test
  void anyOrderOfCallsLeavesWhatATreeHolds() {
    Seeds.run(
        20,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          blocks.clear();
          tree.clear();
          int pages = 1 << random.nextInt(1, 10);
          for (int step = 0; step < 2000; step++) {
            long page =
                NUMBERS[random.nextInt(NUMBERS.length)] * PAGES + random.nextInt(pages) << APART;
            if (tree.containsKey(page)) {
              remove(page);
            } else {
              add(page, random.nextLong());
            }
            if (random.nextInt(200) == 0 && blocks.blockOf(page) != null) {
              ofBlock(page).clear();
              blocks.drop(page);
            }
            assertSame(page);
            assertSame(page ^ 1);
            assertSame(3 + random.nextInt(9 * PAGES << APART));
          }
          tree.forEach((page, target) ->
              assertThat(blocks.target(Objects.requireNonNull(blocks.blockOf(page)), page))
                  .isEqualTo(target));
        });
  }

  private static long page(long number) {
    return number * 3 * PAGES + number % PAGES << APART;
  }

  /** Blocks whose hashes meet are found, also when one of them has gone. */
  @Test
  void manyBlocksAreFoundAndGo() {
    for (long number = 0; number < 3000; number++) {
      add(page(number), number);
    }
    for (long number = 0; number < 3000; number++) {
      assertSame(page(number));
    }
    for (long number = 0; number < 3000; number += 1 + number % 2) {
      remove(page(number));
    }
    for (long number = 0; number < 3000; number++) {
      assertSame(page(number));
    }
  }

  /** The counts beside the mark are as they were. */
  @Test
  void theMarkOfRunsStays() {
    for (long unit = 0; unit < PAGES; unit++) {
      add(unit << APART, unit);
    }
    long[] block = Objects.requireNonNull(blocks.blockOf(0));
    assertThat(PageBlocks.hasRuns(block)).isFalse();
    PageBlocks.setHasRuns(block);
    for (long unit = 1; unit < PAGES - 1; unit++) {
      remove(unit << APART);
    }

    long[] after = Objects.requireNonNull(blocks.blockOf(0));
    assertThat(PageBlocks.hasRuns(after)).isTrue();
    assertThat(after).as("it got smaller").hasSizeLessThan(block.length / 8);
    assertSame(0);
    assertSame(1);
    assertSame(PAGES - 1L << APART);
  }
}
