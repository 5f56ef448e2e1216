package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.ReferenceCommit.Call;
import io.github.stopcopy.core.memory.ReferenceCommit.Follower;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is rendered by parts and told by parts, held against rendering all and telling all, in
 * random transactions; {@code -Dseed.count=4000} makes 200,000 of them.
 */
class IncrementalViewTest {

  private static final int TRANSACTIONS = 50;

  /** Writes down what it is told, but not what stays. */
  private static class Deaf implements MemoryListener {
    final Follower follower;
    final List<Call> calls;

    Deaf(Follower follower, List<Call> calls) {
      this.follower = follower;
      this.calls = calls;
    }

    @Override
    public int priority() {
      return follower.priority();
    }

    @Override
    public void begin() {
      calls.add(Call.frame(follower.name(), "begin"));
    }

    @Override
    public void commit() {
      calls.add(Call.frame(follower.name(), "commit"));
    }

    @Override
    public void regionAdd(MemorySection section) {
      calls.add(Call.of(follower.name(), "add", section));
    }

    @Override
    public void regionDel(MemorySection section) {
      calls.add(Call.of(follower.name(), "del", section));
    }

    @Override
    public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
      calls.add(new Call(follower.name(), "log start", section, before, after));
    }

    @Override
    public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
      calls.add(new Call(follower.name(), "log stop", section, before, after));
    }
  }

  /** Writes down what stays, too. */
  private static final class Curious extends Deaf {
    Curious(Follower follower, List<Call> calls) {
      super(follower, calls);
    }

    @Override
    public void regionNop(MemorySection section) {
      calls.add(Call.of(follower.name(), "nop", section));
    }
  }

  /** A tree with address spaces, of which some share a view, and who follows them. */
  private static final class Machine {
    final RandomTree tree;
    final List<AddressSpace> spaces = new ArrayList<>();
    final List<Call> calls = new ArrayList<>();
    final List<Follower> followers =
        List.of(
            new Follower("a", -1, 1, false),
            new Follower("b", 0, 2, false),
            new Follower("c", 0, 0, false),
            new Follower("d", 3, 3, true),
            new Follower("e", 10, 2, false));
    List<List<FlatRange>> shown;
    boolean isLogging;

    Machine(long seed) {
      int sizes = (int) (seed & 3);
      tree = new RandomTree(seed, sizes == 0 ? 1 : 2 << sizes);
      MemoryRegion root = tree.root().region;
      space(root);
      space(tree.memory.alias("all", root, 0, tree.bytes(tree.cells)));
      space(tree.memory.alias("part", root, tree.address(tree.cells / 4), tree.bytes(tree.cells)));
      space(tree.nodes.get(tree.random.nextInt(tree.nodes.size())).region);
      for (Follower each : followers) {
        Deaf listener = each.takesNops() ? new Curious(each, calls) : new Deaf(each, calls);
        tree.memory.register(listener, spaces.get(each.space()));
      }
      calls.clear();
      shown = renderAll();
    }

    void space(MemoryRegion root) {
      spaces.add(tree.memory.addressSpace("space " + spaces.size(), root));
    }

    List<List<FlatRange>> renderAll() {
      boolean unmergeable = tree.keepsUnmergeable;
      List<List<FlatRange>> all = new ArrayList<>();
      for (AddressSpace space : spaces) {
        MemoryRegion root = ViewRoot.of(space.root(), new ArrayList<>());
        all.add(new FlatViewRenderer(tree.memory::dirtyLogMask, unmergeable).render(root).ranges());
      }
      return all;
    }

    void transact() {
      int changes = tree.random.nextInt(8) == 0 ? 10 : 1 + tree.random.nextInt(3);
      if (tree.random.nextInt(20) == 0) {
        switchLogging();
      }
      calls.clear();
      boolean alone = changes == 1 && tree.random.nextBoolean();
      boolean opensSpace = tree.random.nextInt(40) == 0;
      if (alone) {
        while (calls.isEmpty()) {
          tree.mutate();
        }
      } else {
        tree.memory.transaction(() -> {
          for (int i = 0; i < changes; i++) {
            tree.mutate();
          }
          if (opensSpace) {
            space(tree.nodes.get(tree.random.nextInt(tree.nodes.size())).region);
            shown.add(Collections.emptyList()); // nobody follows it
          }
          if (tree.random.nextInt(20) == 0) {
            switchLogging();
          }
          tree.mutate();
        });
      }
      check();
    }

    void switchLogging() {
      isLogging = !isLogging;
      if (isLogging) {
        tree.memory.startDirtyLog(DirtyLogReason.MIGRATION);
      } else {
        tree.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
      }
      if (tree.memory.addressSpaces().size() == shown.size() && !calls.isEmpty()) {
        check();
      }
    }

    private void check() {
      List<List<FlatRange>> before = shown;
      shown = renderAll();
      for (int i = 0; i < spaces.size(); i++) {
        if (!spaces.get(i).view().ranges().equals(shown.get(i))) {
          assertThat(spaces.get(i).view().ranges())
              .as("what space %s shows", i)
              .containsExactlyElementsOf(shown.get(i));
        }
      }
      List<Call> expected = new ReferenceCommit(followers).calls(before, shown);
      if (!calls.equals(expected)) {
        assertThat(calls).containsExactlyElementsOf(expected);
      }
      calls.clear();
    }
  }

  @Test
  void R_AS_50_to_52_partsGiveTheSameViewsAndCallbacksAsAll() {
    Seeds.run(
        100,
        seed -> {
          Machine machine = new Machine(seed);
          for (int i = 0; i < TRANSACTIONS; i++) {
            machine.transact();
          }
        });
  }
}
