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

  private static final long[] NUMBERS = {0, 1, 2, 7, 1L << 20, (1L << 43) - 2, (1L << 43) - 1};

  private final PageBlocks blocks = new PageBlocks();
  private final NavigableMap<Long, Long> tree = new TreeMap<>();

  private void add(long page, long target) {
    if (blocks.blockOf(page) == null) {
      blocks.create(page);
    }
    blocks.add(page, target);
    tree.put(page, target);
  }

  private NavigableMap<Long, Long> ofBlock(long page) {
    long begin = page & -PageBlocks.PAGES;
    return tree.subMap(begin, true, begin + PageBlocks.PAGES - 1, true);
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
    assertThat(block != null).isEqualTo(!ofBlock(page).isEmpty());
    assertThat(blocks.holds(page)).isEqualTo(target != null);
    assertThat(blocks.ceiling(page)).isEqualTo(next == null ? RunTree.NO_PAGE : next);
    if (block != null) {
      assertThat(PageBlocks.size(block)).isEqualTo(ofBlock(page).size());
    }
    if (target != null) {
      assertThat(PageBlocks.target(Objects.requireNonNull(block), page)).isEqualTo(target);
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
                NUMBERS[random.nextInt(NUMBERS.length)] * PageBlocks.PAGES + random.nextInt(pages);
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
            assertSame(random.nextInt(9 * PageBlocks.PAGES));
          }
          tree.forEach((page, target) ->
              assertThat(PageBlocks.target(Objects.requireNonNull(blocks.blockOf(page)), page))
                  .isEqualTo(target));
        });
  }

  /** Blocks whose hashes meet are found, also when one of them has gone. */
  @Test
  void manyBlocksAreFoundAndGo() {
    for (long number = 0; number < 3000; number++) {
      add(number * 3 * PageBlocks.PAGES + number % PageBlocks.PAGES, number);
    }
    for (long number = 0; number < 3000; number++) {
      assertSame(number * 3 * PageBlocks.PAGES + number % PageBlocks.PAGES);
    }
    for (long number = 0; number < 3000; number += 1 + number % 2) {
      remove(number * 3 * PageBlocks.PAGES + number % PageBlocks.PAGES);
    }
    for (long number = 0; number < 3000; number++) {
      assertSame(number * 3 * PageBlocks.PAGES + number % PageBlocks.PAGES);
    }
  }

  /** The counts beside the mark are as they were. */
  @Test
  void theMarkOfRunsStays() {
    for (long page = 0; page < PageBlocks.PAGES; page++) {
      add(page, page);
    }
    long[] block = Objects.requireNonNull(blocks.blockOf(0));
    assertThat(PageBlocks.hasRuns(block)).isFalse();
    PageBlocks.setHasRuns(block);
    for (long page = 1; page < PageBlocks.PAGES - 1; page++) {
      remove(page);
    }

    long[] after = Objects.requireNonNull(blocks.blockOf(0));
    assertThat(PageBlocks.hasRuns(after)).isTrue();
    assertThat(after).as("it got smaller").hasSizeLessThan(block.length / 8);
    assertSame(0);
    assertSame(1);
    assertSame(PageBlocks.PAGES - 1);
  }
}
