package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How much is done at a commit, by counting: regions that are visited and callbacks, for so many
 * regions and for twice and four times as many. No time is measured.
 */
class RenderingWorkTest {

  private static final long BAR_SIZE = 0x8000;
  private static final long FIRST_BAR = 1L << 44;

  /** RAM, and a bus with BARs of three regions each. */
  private static final class Machine {
    final GuestMemory memory = new GuestMemory(false, false);
    final MemoryRegion root = memory.container("system", ALL);
    final MemoryRegion bus = memory.container("pci", ALL);
    final List<MemoryRegion> bars = new ArrayList<>();
    final AddressSpace system;
    long calls;

    Machine(int count) {
      MemoryRegion ram = memory.ram("ram", size(1L << 40));
      memory.transaction(() -> {
        root.add(0, memory.alias("below 4g", ram, 0, size(2L << 30)));
        root.add(4L << 30, memory.alias("above 4g", ram, 2L << 30, size(1L << 39)));
        root.add(0, bus, -1);
        for (int i = 0; i < count; i++) {
          plug();
        }
      });
      system = memory.addressSpace("memory", root);
      follow(system);
    }

    void follow(AddressSpace space) {
      memory.register(
          new MemoryListener() {
            @Override
            public void regionAdd(MemorySection section) {
              calls++;
            }

            @Override
            public void regionDel(MemorySection section) {
              calls++;
            }
          },
          space);
    }

    void plug() {
      MemoryRegion bar = memory.container("bar", size(BAR_SIZE));
      bar.add(0, memory.ramDevice("mmaps", size(BAR_SIZE)));
      bar.add(0x2000, memory.io("msix-table", size(0x1000)), 1);
      bars.add(bar);
      bus.add(FIRST_BAR + 2 * BAR_SIZE * bars.size(), bar);
    }

    /** What is done while something changes: regions visited and callbacks. */
    long work(Runnable change) {
      long before = memory.views().work() + calls;
      change.run();
      return memory.views().work() + calls - before;
    }

    /** The same, and address spaces that are looked at. */
    long workOnSpaces(Runnable change) {
      long before = memory.views().lookedAt();
      return work(change) + memory.views().lookedAt() - before;
    }

    long moveWork() {
      MemoryRegion bar = bars.get(bars.size() / 2);
      return work(() -> bar.setAddress(FIRST_BAR - 4 * BAR_SIZE));
    }
  }

  @Test
  void R_AS_50_aBarThatMovesIsRenderedAloneHoweverManyThereAre() {
    long work = new Machine(250).moveWork();
    assertThat(work).as("what changes is counted").isBetween(15L, 40L);
    assertThat(new Machine(500).moveWork()).isEqualTo(work);
    assertThat(new Machine(1000).moveWork()).isEqualTo(work);
  }

  @Test
  void R_AS_38_addressSpacesOfOneRootAreRenderedOnce() {
    Machine alone = new Machine(250);
    Machine shared = new Machine(250);
    for (int i = 0; i < 64; i++) {
      MemoryRegion box = shared.memory.container("device", ALL);
      box.add(0, shared.memory.alias("all", shared.root, 0, ALL));
      AddressSpace space = shared.memory.addressSpace("device", box);
      assertThat(space.view()).isSameAs(shared.system.view());
    }
    assertThat(shared.moveWork()).isEqualTo(alone.moveWork());
    for (AddressSpace space : shared.memory.addressSpaces()) {
      assertThat(space.view()).isSameAs(shared.system.view());
    }
  }

  @Test
  void R_AS_50_barsThatAreAddedOneByOneTakeAsMuchEach() {
    long small = plugWork(256);
    assertThat(plugWork(512)).isLessThanOrEqualTo(small * 21 / 10);
    assertThat(plugWork(1024)).isLessThanOrEqualTo(small * 42 / 10);
  }

  private static long plugWork(int count) {
    Machine machine = new Machine(1);
    return machine.work(() -> {
      for (int i = 0; i < count; i++) {
        machine.plug();
      }
    });
  }

  @Test
  void R_AS_50_rowsThatArePlacedOneByOneTakeAsMuchEach() {
    long small = placeWork(64);
    assertThat(placeWork(128)).isLessThanOrEqualTo(small * 21 / 10);
    assertThat(placeWork(256)).isLessThanOrEqualTo(small * 42 / 10);
  }

  private static long placeWork(int count) {
    Machine machine = new Machine(1);
    MemoryMap map = new MemoryMap(machine.memory, (MemoryRegion.Container) machine.root);
    ByteSize dimm = size(1L << 30);
    return machine.work(() -> {
      for (int i = 0; i < count; i++) {
        map.place(machine.memory.ram("dimm" + i, dimm), (1L << 42) + ((long) i << 30));
      }
    });
  }

  @Test
  void R_AS_33_aChangeBehindManyWindowsIsFollowedThroughEachOnce() {
    long small = windowWork(1000);
    assertThat(windowWork(2000)).isLessThanOrEqualTo(small * 21 / 10);
  }

  private static long windowWork(int depth) {
    Machine machine = new Machine(250);
    MemoryRegion.RomDevice rom = machine.memory.romDevice("rom", size(0x1000));
    MemoryRegion shown = rom;
    for (int i = 0; i < depth; i++) {
      shown = machine.memory.alias("window", shown, 0, size(0x1000));
    }
    machine.root.add(1L << 50, shown);
    return machine.work(() -> rom.setRomdMode(false));
  }

  @Test
  void R_AS_50_aWindowThatIsShownNoMoreIsForgotten() {
    Machine machine = new Machine(250);
    MemoryRegion.RomDevice rom = machine.memory.romDevice("rom", size(0x1000));
    machine.root.add(1L << 50, rom);
    for (int i = 0; i < 100; i++) {
      MemoryRegion window = machine.memory.alias("window", rom, 0, size(0x1000));
      MemoryRegion outer = machine.memory.alias("outer", window, 0, size(0x1000));
      machine.root.add(1L << 51, outer);
      machine.root.remove(outer);
    }
    assertThat(rom.windows()).isNull();
    assertThat(machine.work(() -> rom.setRomdMode(false))).isLessThan(10);
  }

  /** Two BARs go off and on so often: many intervals that are two. */
  private static void toggle(Machine machine, int times) {
    for (int i = 0; i < times; i++) {
      for (int k = 0; k < 2; k++) {
        machine.bars.get(3 * k).setEnabled(false);
        machine.bars.get(3 * k).setEnabled(true);
      }
    }
  }

  @Test
  void R_AS_50_whereMostChangesAllIsRenderedOnce() {
    Machine machine = new Machine(250);
    long work =
        machine.work(() ->
            machine.memory.transaction(() -> {
              for (MemoryRegion bar : machine.bars) {
                bar.setAddress(bar.address() + 0x1000);
              }
            }));
    long alone = machine.bars.size() * machine.moveWork();
    assertThat(work).isLessThan(alone * 9 / 10);
  }

  @Test
  void R_AS_50_whatChangesOftenInOnePlaceIsRenderedAlone() {
    Machine machine = new Machine(250);
    long work = machine.work(() -> machine.memory.transaction(() -> toggle(machine, 15)));
    assertThat(work).isLessThan(4L * machine.bars.size() / 2);
  }

  @Test
  void R_AS_50_whatChangesBehindVeryManyChangesIsSeenToo() {
    Machine machine = new Machine(250);
    MemoryRegion last = machine.bars.get(200);
    machine.memory.transaction(() -> {
      toggle(machine, 500);
      last.setAddress(FIRST_BAR - 4 * BAR_SIZE);
    });
    assertThat(machine.system.view().at(FIRST_BAR - 4 * BAR_SIZE)).isPresent();
  }

  /**
   * Devices behind a vIOMMU that translates, each with an address space and a listener: what one of
   * them sees changes, and nothing is done for the others, nor for those that hear nothing of
   * commits (R-AS-50).
   */
  private static long workOfOneOf(int devices) {
    Machine machine = new Machine(16);
    List<MemoryRegion> windows = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      MemoryRegion root = machine.memory.container("device", ALL);
      MemoryRegion own = machine.memory.io("own " + i, size(0x1000));
      root.add(0, own);
      root.add(0x10_0000, machine.memory.io("other " + i, size(0x1000)));
      windows.add(own);
      machine.follow(machine.memory.addressSpace("device " + i, root));
    }
    return machine.workOnSpaces(() -> windows.get(devices / 2).setEnabled(false));
  }

  @Test
  void whatOneDeviceSeesCostsTheSameHoweverManyThereAre() {
    assertThat(workOfOneOf(512)).isEqualTo(workOfOneOf(8)).isLessThan(20);
  }

  /** A new one costs what it is, not what there are (R-AS-60). */
  @Test
  void aNewAddressSpaceIsNoWorkForTheOthers() {
    Machine machine = new Machine(16);
    List<Long> work = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      MemoryRegion root = machine.memory.container("device", ALL);
      work.add(
          machine.workOnSpaces(() -> {
            root.add(0, machine.memory.io("own", size(0x1000)));
            machine.follow(machine.memory.addressSpace("device", root));
          }));
    }
    assertThat(work.get(255)).isEqualTo(work.get(0));
  }

  /** Who overrides neither is not called, who overrides one hears of it (R-AS-50). */
  @Test
  void onlyWhoHearsOfCommitsIsTold() {
    class Quiet implements MemoryListener {
      @Override
      public void regionAdd(MemorySection section) {}
    }
    class Ends extends Quiet {
      @Override
      public void commit() {}
    }
    class Logs extends Quiet {
      @Override
      public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {}
    }
    assertThat(ListenerCallbacks.of(Quiet.class))
        .isEqualTo(new ListenerCallbacks(false, false, false, false));
    assertThat(ListenerCallbacks.of(Ends.class))
        .isEqualTo(new ListenerCallbacks(false, true, false, false));
    assertThat(ListenerCallbacks.of(Logs.class))
        .isEqualTo(new ListenerCallbacks(false, false, false, true));
    assertThat(ListenerCallbacks.of(RecordingListener.class))
        .isEqualTo(new ListenerCallbacks(true, true, true, true));
  }

  /** As where a VM without VFIO devices starts: its memory is shown anew, and nobody looks. */
  @Test
  void R_AS_50_whatNobodyFollowsIsRenderedWhenSomebodyLooks() {
    GuestMemory memory = new GuestMemory(false, true);
    MemoryRegion root = memory.container("root", ALL);
    AddressSpace space = memory.addressSpace("memory", root);
    space.view();
    long before = memory.views().work();
    for (int i = 0; i < 100; i++) {
      root.add(i * BAR_SIZE, memory.ram("ram" + i, size(BAR_SIZE)));
    }
    long followed = memory.views().work() - before;
    assertThat(followed).as("each change is followed to the root").isBetween(100L, 200L);

    assertThat(space.view().ranges()).hasSize(100);
    assertThat(space.view().ranges()).hasSize(100);
    assertThat(memory.views().work() - before - followed)
        .as("root and regions, visited once")
        .isEqualTo(101);
  }
}
