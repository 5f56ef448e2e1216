package io.github.stopcopy.core.iova;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leaves grow as they need to and join their neighbours, which only memory shows elsewhere. */
class RunBlockTest {

  /** A leaf of full size with runs of a page each, at every second page from {@code first} on. */
  private static void addLeaf(RunBlock block, long first, int runs) {
    block.insertLeaf(block.count, new long[RunBlock.MOST_RUNS * 3], 0);
    int at = block.count - 1;
    for (int i = 0; i < runs; i++) {
      block.insertRun(at, i, first + 2L * i, word(first + 2L * i), 7 * (first + 2L * i));
    }
    block.keys[at] = first;
  }

  private static long word(long page) {
    return page * 100;
  }

  private static RunBlock leaves(int... sizes) {
    RunBlock block = new RunBlock(sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      addLeaf(block, 1000L * (i + 1), sizes[i]);
    }
    return block;
  }

  private static List<Integer> sizes(RunBlock block) {
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < block.count; i++) {
      sizes.add(block.sizes[i]);
      for (int run = 0; run < block.sizes[i]; run++) {
        long first = block.leaves[i][run];
        int at = RunBlock.wordAt(block.leaves[i], run);
        assertThat(block.leaves[i][at]).isEqualTo(word(first));
        assertThat(block.leaves[i][at + 1]).isEqualTo(7 * first);
      }
      assertThat(block.keys[i]).isEqualTo(block.leaves[i][0]);
    }
    return sizes;
  }

  @Test
  void aSmallLeafDoublesUntilItIsOfFullSize() {
    RunBlock block = new RunBlock(1);
    block.insertLeaf(0, RunBlock.smallLeaf(), 0);
    List<Integer> rooms = new ArrayList<>();
    for (int i = 0; i < RunBlock.MOST_RUNS; i++) {
      assertThat(block.growLeaf(0)).isTrue();
      rooms.add(block.leaves[0].length / 3);
      block.insertRun(0, i, i, word(i), 7 * i);
    }
    block.keys[0] = 0;

    assertThat(rooms.stream().distinct()).containsExactly(4, 8, 16, 32, 64);
    assertThat(block.growLeaf(0)).isFalse();
    assertThat(sizes(block)).containsExactly(64);
  }

  /** Below a quarter it joins the next, or the one before, if a quarter stays free then. */
  @Test
  void aLeafThatShrinksJoinsItsNeighbour() {
    RunBlock first = leaves(16, 33);
    first.removeRuns(0, 3, 4);
    assertThat(sizes(first)).containsExactly(48);
    assertThat(first.leaves[1]).as("let go of").isNull();

    RunBlock second = leaves(30, 16, 60);
    second.removeRuns(1, 0, 1);
    assertThat(sizes(second)).as("the one before").containsExactly(45, 60);

    RunBlock enough = leaves(17, 20);
    enough.removeRuns(0, 0, 1);
    assertThat(sizes(enough)).as("a quarter is enough").containsExactly(16, 20);
    RunBlock full = leaves(16, 34);
    full.removeRuns(0, 0, 1);
    assertThat(sizes(full)).as("no quarter would be free").containsExactly(15, 34);
  }

  @Test
  void aLeafWithoutRunsGoes() {
    RunBlock block = leaves(2, 40, 50);
    block.removeRuns(0, 0, 2);

    assertThat(sizes(block)).containsExactly(40, 50);
    assertThat(block.leaves[2]).isNull();
  }

  @Test
  void roomForLeavesDoubles() {
    RunBlock block = leaves(20, 20);
    assertThat(block.leaves.length).isEqualTo(2);
    addLeaf(block, 5000, 20);
    assertThat(block.leaves.length).isEqualTo(4);
    addLeaf(block, 6000, 20);
    assertThat(block.leaves.length).as("there was room").isEqualTo(4);
  }

  @Test
  void aBlockTakesTheLeavesOfAnother() {
    RunBlock block = leaves(20);
    RunBlock other = leaves(21, 22, 23, 24);
    block.append(other, 1);

    assertThat(sizes(block)).containsExactly(20, 22, 23, 24);
    RunBlock rest = block.split(2);
    assertThat(sizes(block)).containsExactly(20, 22);
    assertThat(sizes(rest)).containsExactly(23, 24);
    assertThat(block.isFull()).isFalse();
    while (block.count < RunBlock.MOST_LEAVES) {
      addLeaf(block, 10_000L * block.count, 16);
    }
    assertThat(block.isFull()).isTrue();
  }
}
