package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a {@link MemoryListener} that follows an address space must hold to (R-AS-50 .. R-AS-61):
 * what it believes to be mapped is what the flat view shows, after every commit. Extend it in a
 * test:
 *
 * {@snippet file="MappedRangesTest.java" region="listener-contract"}
 *
 * <p>Random topologies go by {@link Seeds}; the order of callbacks is checked by {@link
 * CallbackOrder}. Single-threaded, as the model is.
 *
 * @param <L> the listener
 */
public abstract class MemoryListenerContract<L extends MemoryListener> {

  private static final int RUNS = 40;
  private static final int CHANGES = 25;

  /** Makes a listener for an address space that knows nothing yet and is not registered. */
  protected abstract L create(GuestMemory memory, AddressSpace space);

  /** What the listener believes to be mapped, in any order and pieces; the ends are inclusive. */
  protected abstract List<AddressRange> mapped(L listener);

  /** Whether the listener maps such a run; by default everything. One for DMA may say: only RAM. */
  protected boolean follows(FlatRange range) {
    return true;
  }

  /**
   * What of a run that it {@linkplain #follows follows} the listener maps; by default all of it.
   * One that maps whole pages only may say so, and leave a run without any out.
   */
  protected Optional<AddressRange> mappedPart(FlatRange range) {
    return Optional.of(range.range());
  }

  /** A VM, an address space in it, and a listener to it that is not registered. */
  private final class Machine {
    final GuestMemory memory = new GuestMemory(false, false);
    final MemoryRegion root = memory.container("system", ByteSize.WHOLE_SPACE);
    final AddressSpace space = memory.addressSpace("memory", root);
    final RandomTopology topology;
    final L listener = create(memory, space);
    final CallbackOrder order = new CallbackOrder(listener);

    /** A machine whose topology is low and of whole pages, or anywhere in the space. */
    Machine(Random random, boolean anywhere) {
      topology =
          anywhere
              ? RandomTopology.anywhere(random, memory, root)
              : new RandomTopology(random, memory, root);
    }

    void register() {
      memory.register(order, space);
      check("after the replay");
    }

    void check(String when) {
      List<AddressRange> visible = new ArrayList<>();
      for (FlatRange range : space.view().ranges()) {
        if (follows(range)) {
          mappedPart(range).ifPresent(visible::add);
        }
      }
      assertFalse(order.isBegun(), "begin without commit " + when);
      assertEquals(
          joined(visible),
          joined(mapped(listener)),
          () -> "mapped " + when + "; callbacks: " + order.callbacks());
    }
  }

  /** A case for a new machine in each run. */
  private interface MachineCase<M> {
    void play(M machine) throws Exception;
  }

  private void forEachMachine(MachineCase<Machine> machineCase) {
    Seeds.forEach(RUNS, random -> machineCase.play(new Machine(random, random.nextBoolean())));
  }

  @Test
  @DisplayName("a listener knows nothing before it is registered")
  void nothingIsMappedBeforeRegistration() {
    Machine machine = new Machine(new Random(Seeds.first()), false);
    machine.topology.change();
    assertEquals(List.of(), mapped(machine.listener));
  }

  @Test
  @DisplayName("what is there at registration is replayed")
  void registrationReplaysWhatIsThere() throws Exception {
    forEachMachine(machine -> {
      for (int i = 0; i < CHANGES; i++) {
        machine.topology.change();
      }
      machine.register();
    });
  }

  @Test
  @DisplayName("after every commit what is mapped is what the flat view shows")
  void everyCommitIsFollowed() throws Exception {
    forEachMachine(machine -> {
      machine.register();
      for (int i = 0; i < CHANGES; i++) {
        machine.topology.change();
        machine.check("after change " + i);
      }
    });
  }

  @Test
  @DisplayName("changes in transactions of their own are followed too")
  void singleChangesAreFollowed() throws Exception {
    forEachMachine(machine -> {
      machine.register();
      for (int i = 0; i < CHANGES; i++) {
        machine.topology.changeOnce();
        machine.check("after change " + i);
      }
    });
  }

  @Test
  @DisplayName("a transaction that changes nothing changes nothing")
  void anEmptyTransactionIsHarmless() throws Exception {
    forEachMachine(machine -> {
      machine.topology.change();
      machine.register();
      machine.memory.transaction(() -> {});
      machine.check("after an empty transaction");
    });
  }

  @Test
  @DisplayName("unregistration leaves nothing, and what comes then is not followed")
  void unregistrationLeavesNothing() throws Exception {
    forEachMachine(machine -> {
      machine.register();
      for (int i = 0; i < CHANGES; i++) {
        machine.topology.change();
      }
      machine.memory.unregister(machine.order);
      assertEquals(List.of(), mapped(machine.listener), "after unregistration");
      machine.topology.change();
      assertEquals(List.of(), mapped(machine.listener), "after a change that it must not hear of");
    });
  }

  @Test
  @DisplayName("a listener can be registered again")
  void registrationCanBeRepeated() throws Exception {
    forEachMachine(machine -> {
      for (int round = 0; round < 4; round++) {
        machine.register();
        machine.topology.change();
        machine.check("in round " + round);
        machine.memory.unregister(machine.order);
        machine.topology.change();
      }
    });
  }

  @Test
  @DisplayName("dirty logging may begin, be collected and end without a change of what is mapped")
  void dirtyLoggingMapsNothing() throws Exception {
    forEachMachine(machine -> {
      machine.register();
      for (int i = 0; i < CHANGES; i++) {
        machine.topology.change();
        if (i % 5 == 1) {
          assertNotNull(machine.memory.startDirtyLog(DirtyLogReason.MIGRATION));
        } else if (i % 5 == 2) {
          machine.memory.syncDirtyLog();
        } else if (i % 5 == 3) {
          machine.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
        }
        machine.check("after change " + i + " with dirty logging");
      }
    });
  }

  @Test
  @DisplayName("the whole address space can be mapped")
  void theWholeSpaceCanBeMapped() {
    Machine machine = new Machine(new Random(Seeds.first()), false);
    MemoryRegion everything = machine.memory.ram("everything", ByteSize.WHOLE_SPACE);
    machine.root.add(0, everything);
    machine.register();
    machine.root.add(0x7000, machine.memory.rom("a page", ByteSize.of(4096)), 1);
    machine.check("with a page of ROM in the middle");
    machine.root.remove(everything);
    machine.check("without the rest");
  }

  @Test
  @DisplayName("sections are followed at addresses and in sizes of every magnitude")
  void sectionsLieAnywhere() {
    for (int bits = 12; bits < 64; bits++) {
      Machine machine = new Machine(new Random(Seeds.first()), false);
      machine.register();
      long at = 1L << bits;
      for (int sizeBits = 12; sizeBits < bits; sizeBits += 3) {
        MemoryRegion ram = machine.memory.ram("ram", ByteSize.of(1L << sizeBits));
        machine.root.add(at, ram);
        machine.check("with " + ram.size() + " bytes at " + U64.hex(at));
        ram.setAddress(at - (1L << sizeBits));
        machine.check("with " + ram.size() + " bytes below " + U64.hex(at));
        machine.root.remove(ram);
        machine.check("without them");
      }
    }
  }

  @Test
  @DisplayName("sections that begin or end within a page are followed to the byte")
  void unalignedSectionsAreFollowed() {
    long[] firsts = {0x10000, 0x10001, 0x10fff, 0x123456789L};
    long[] sizes = {1, 2, 0x800, 0xfff, 0x1001, 0x2801, 0x123456};
    for (long first : firsts) {
      for (long size : sizes) {
        Machine machine = new Machine(new Random(Seeds.first()), false);
        machine.register();
        MemoryRegion ram = machine.memory.ram("ram", ByteSize.of(size));
        machine.root.add(first, ram);
        machine.check("with " + ram.size() + " bytes at " + U64.hex(first));
        machine.root.add(first + size, machine.memory.rom("rom", ByteSize.of(0x1234)));
        machine.check("with ROM right behind");
        machine.root.remove(ram);
        machine.check("without the first");
      }
    }
  }

  @Test
  @DisplayName("any number of sections is followed")
  void manySectionsAreFollowed() {
    Machine machine = new Machine(new Random(Seeds.first()), false);
    machine.register();
    List<MemoryRegion> regions = new ArrayList<>();
    machine.memory.transaction(() -> {
      for (int i = 0; i < 1000; i++) {
        MemoryRegion ram = machine.memory.ram("ram" + i, ByteSize.of(0x100000));
        machine.root.add(i * 0x200000L, ram);
        regions.add(ram);
      }
    });
    machine.check("with 1000 sections");
    machine.memory.transaction(() -> {
      for (int i = 0; i < regions.size(); i += 2) {
        machine.root.remove(regions.get(i));
      }
    });
    machine.check("with every other one of 1000 sections");
  }

  /** Adjacent and overlapping ranges made one, ascending. */
  private static List<AddressRange> joined(List<AddressRange> ranges) {
    List<AddressRange> sorted = new ArrayList<>(ranges);
    sorted.sort((a, b) -> U64.compare(a.first(), b.first()));
    List<AddressRange> joined = new ArrayList<>();
    for (AddressRange range : sorted) {
      AddressRange before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      boolean touches =
          before != null && U64.lessOrEqual(range.first(), U64.addSaturated(before.last(), 1));
      if (before != null && touches) {
        joined.set(
            joined.size() - 1,
            new AddressRange(before.first(), U64.max(before.last(), range.last())));
      } else {
        joined.add(range);
      }
    }
    return joined;
  }
}
