package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.RandomTree.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random trees and changes, held against the painter and against what listeners were told. */
class RandomViewTest {

  @Test
  void R_AS_30_to_38_aViewShowsWhatThePainterPaints() {
    int[] ranges = new int[1];
    Seeds.run(
        4000,
        seed -> {
          RandomTree tree = new RandomTree(seed);
          NaivePainter painter = new NaivePainter(tree, tree.keepsUnmergeable);
          AddressSpace space = tree.memory.addressSpace("space", tree.root().region);
          compare(tree, painter, tree.root(), space);
          ranges[0] += space.view().ranges().size();
          for (int i = 0; i < 3; i++) {
            tree.mutate();
            compare(tree, painter, tree.root(), space);
          }
        });
    if (Seeds.areUsual()) {
      assertThat(ranges[0])
          .as("ranges in all views: the trees must be worth it")
          .isGreaterThan(12_000);
    }
  }

  @Test
  void R_AS_51_whatAListenerWasToldAddsUpToTheView() {
    Seeds.run(
        2000,
        seed -> {
          RandomTree tree = new RandomTree(seed);
          AddressSpace one = tree.memory.addressSpace("one", tree.root().region);
          Node other = tree.nodes.get(tree.random.nextInt(tree.nodes.size()));
          AddressSpace two = tree.memory.addressSpace("two", other.region);
          Accumulator first = new Accumulator(one, 10);
          Accumulator second = new Accumulator(one, 0);
          Accumulator third = new Accumulator(two, 0);
          for (Accumulator listener : List.of(first, second, third)) {
            tree.memory.register(listener, listener.space);
            listener.check();
          }
          for (int i = 0; i < 6; i++) {
            int changes = 1 + tree.random.nextInt(4);
            tree.memory.transaction(() -> {
              for (int k = 0; k < changes; k++) {
                tree.mutate();
              }
            });
            for (Accumulator listener : List.of(first, second, third)) {
              listener.check();
            }
          }
          for (Accumulator listener : List.of(second, first, third)) {
            tree.memory.unregister(listener);
            assertThat(listener.shown).isEmpty();
          }
        });
  }

  @Test
  void R_AS_38_spacesWithOneViewRootShareOneView() {
    Seeds.run(
        500,
        seed -> {
          RandomTree tree = new RandomTree(seed);
          for (Node node : tree.nodes) {
            tree.memory.addressSpace(node.region.name(), node.region);
          }
          checkSharing(tree);
          tree.mutate();
          checkSharing(tree);
        });
  }

  private static void checkSharing(RandomTree tree) {
    Map<Object, FlatView> byRoot = new HashMap<>();
    for (AddressSpace space : tree.memory.addressSpaces()) {
      Object root = space.view().root().<Object>map(region -> region).orElse("none");
      FlatView shared = byRoot.putIfAbsent(root, space.view());
      if (shared != null && shared != space.view()) {
        fail("two views of " + root);
      }
    }
  }

  private static void compare(
      RandomTree tree, NaivePainter painter, Node root, AddressSpace space) {
    List<String> painted = painter.paint(root);
    List<String> rows = painter.rowsOf(space.view());
    if (tree.cellBits + Integer.numberOfTrailingZeros(tree.cells) < 64) {
      // The cells are a small part of the space; what lies beyond them is not painted.
      clip(rows, tree);
      clip(painted, tree);
    }
    if (!painted.equals(rows)) {
      assertThat(rows).isEqualTo(painted);
    }
  }

  private static void clip(List<String> rows, RandomTree tree) {
    long end = tree.address(tree.cells);
    for (int i = rows.size() - 1; i >= 0; i--) {
      String row = rows.get(i);
      int dash = row.indexOf('-');
      int blank = row.indexOf(' ');
      if (!U64.less(Long.parseUnsignedLong(row.substring(0, dash), 16), end)) {
        rows.remove(i);
      } else if (!U64.less(Long.parseUnsignedLong(row.substring(dash + 1, blank), 16), end - 1)) {
        rows.set(i, row.substring(0, dash) + "-END" + row.substring(blank));
      }
    }
  }

  /** Keeps the sections it was told and checks the order in which it was told. */
  private static final class Accumulator implements MemoryListener {
    private final AddressSpace space;
    private final int priority;
    private final Set<MemorySection> shown = new HashSet<>();
    private boolean adding;
    private long past;
    private boolean any;

    Accumulator(AddressSpace space, int priority) {
      this.space = space;
      this.priority = priority;
    }

    void check() {
      Set<MemorySection> expected = new HashSet<>();
      for (FlatRange range : space.view().ranges()) {
        expected.add(range.section());
      }
      if (!shown.equals(expected)) {
        assertThat(shown).isEqualTo(expected);
      }
    }

    @Override
    public int priority() {
      return priority;
    }

    @Override
    public void begin() {
      adding = false;
      any = false;
    }

    @Override
    public void regionDel(MemorySection section) {
      require(!adding, "a removal after an addition", section);
      ascends(section);
      require(shown.remove(section), "removed but was not there", section);
    }

    @Override
    public void regionAdd(MemorySection section) {
      startsAdding();
      ascends(section);
      require(shown.add(section), "added but was there", section);
    }

    @Override
    public void regionNop(MemorySection section) {
      startsAdding();
      ascends(section);
      require(shown.contains(section), "stays but was not there", section);
    }

    private void startsAdding() {
      if (!adding) {
        adding = true;
        any = false;
      }
    }

    private static void require(boolean holds, String what, MemorySection section) {
      if (!holds) {
        fail(what + ": " + section);
      }
    }

    private void ascends(MemorySection section) {
      require(!any || U64.less(past, section.offsetInAddressSpace()), "not ascending", section);
      any = true;
      past = section.offsetInAddressSpace();
    }
  }
}
