package io.github.stopcopy.core.iova;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.memory.IommuAccess;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How full leaves and blocks are, which only memory shows elsewhere. */
class RunTreeTest {

  private static final int KIND = Run.kind(1, IommuAccess.READ);

  private final RunTree tree = new RunTree();
  private final RunTree.Cursor cursor = tree.cursor();

  private void insert(long page) {
    cursor.floor(page);
    cursor.insert(page, Run.word(page, KIND), 0);
  }

  private List<RunBlock> blocks() throws ReflectiveOperationException {
    Field field = RunTree.class.getDeclaredField("blocks");
    field.setAccessible(true);
    return Arrays.stream((RunBlock[]) field.get(tree)).filter(Objects::nonNull).toList();
  }

  private int leaves() throws ReflectiveOperationException {
    return blocks().stream().mapToInt(block -> block.count).sum();
  }

  @Test
  void whatGrowsAtItsEndLeavesFullLeavesBehind() throws Exception {
    for (int page = 0; page < 6300; page++) {
      insert(2L * page);
    }
    assertThat(leaves()).isBetween(99, 102);
  }

  @Test
  void whatGrowsAtItsBeginningDoesToo() throws Exception {
    for (int page = 6300; page > 0; page--) {
      insert(2L * page);
    }
    assertThat(leaves()).isBetween(99, 102);
  }

  @Test
  void aFullLeafInTheMiddleIsHalved() throws Exception {
    for (int page = 0; page < 64; page++) {
      insert(4L * page);
    }
    insert(4L * 30 + 2);

    assertThat(blocks()).hasSize(1);
    assertThat(blocks().get(0).sizes).startsWith(33, 32);
  }

  /** Three blocks of leaves of which few are left are one. */
  @Test
  void blocksThatShrinkJoin() throws Exception {
    int runs = 3 * RunBlock.MOST_LEAVES * RunBlock.MOST_RUNS;
    for (int page = 0; page < runs; page++) {
      insert(2L * page);
    }
    assertThat(blocks()).hasSizeGreaterThan(2);
    for (int page = 0; page < runs; page++) {
      if (page % 640 != 0) {
        cursor.floor(2L * page);
        cursor.remove();
      }
    }
    assertThat(blocks()).hasSize(1);
    assertThat(leaves()).isLessThan(3);
    for (int page = 0; page < runs; page += 640) {
      assertThat(cursor.floor(2L * page)).isTrue();
      assertThat(cursor.first()).isEqualTo(2L * page);
    }
  }
}
