package io.github.stopcopy.benchmarks;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;

/**
 * System memory of a large VM: RAM below and above 4 GiB through aliases, and a PCI container with
 * many BARs, each with an MSI-X table and PBA over it; one BAR can be moved.
 */
final class ManyRegions {

  private static final long GIB = 1L << 30;
  private static final long BAR_SIZE = 0x8000;
  private static final long FIRST_BAR = 1L << 44;

  private final GuestMemory memory = new GuestMemory(false, false);
  private final AddressSpace space;
  private final MemoryRegion.Container root;
  private final MemoryRegion.Container bus;
  private final MemoryRegion moving;
  private int bars;
  private int dimms;
  private long changes;

  /**
   * Builds the tree.
   *
   * @param leaves how many regions the BARs are made of; four of them make a BAR
   */
  ManyRegions(int leaves) {
    root = memory.container("system", ByteSize.WHOLE_SPACE);
    MemoryRegion.Ram ram = memory.ram("pc.ram", ByteSize.of(1024 * GIB));
    bus = memory.container("pci", ByteSize.WHOLE_SPACE);
    moving = bar();
    memory.transaction(() -> {
      root.add(0, memory.alias("ram-below-4g", ram, 0, ByteSize.of(2 * GIB)));
      root.add(4 * GIB, memory.alias("ram-above-4g", ram, 2 * GIB, ByteSize.of(1022 * GIB)));
      root.add(0, bus, -1);
      for (int i = 1; i < leaves / 4; i++) {
        plugBar();
      }
      bus.add(FIRST_BAR, moving);
    });
    space = memory.addressSpace("memory", root);
    memory.register(new Counter(), space);
  }

  /**
   * Adds address spaces that show the same, as a vIOMMU does that does not translate.
   *
   * @param listens whether each has a listener of its own
   */
  void addSpaces(int count, boolean listens) {
    for (int i = 0; i < count; i++) {
      MemoryRegion.Container device = memory.container("device", ByteSize.WHOLE_SPACE);
      device.add(0, memory.alias("untranslated", root, 0, ByteSize.WHOLE_SPACE));
      AddressSpace added = memory.addressSpace("device", device);
      if (listens) {
        memory.register(new Counter(), added);
      }
    }
  }

  /** Plugs another BAR in a transaction of its own. */
  void plugBar() {
    bars++;
    bus.add(FIRST_BAR + 2L * bars * BAR_SIZE, bar());
  }

  /** Plugs another DIMM of a GiB. */
  void plugDimm() {
    ByteSize size = ByteSize.of(GIB);
    MemoryRegion dimm = memory.ram("dimm", size);
    root.add((2048L + dimms) * GIB, memory.alias("dimm", dimm, 0, size));
    dimms++;
  }

  /**
   * Turns write protection of all on or off, so that all is rendered anew.
   *
   * @return how many callbacks there were
   */
  long renderAll() {
    long before = changes;
    root.setReadonly(!root.isReadonly());
    return changes - before;
  }

  /**
   * Moves a BAR: what it showed and shows is rendered anew and told to a listener.
   *
   * @return how many callbacks there were
   */
  long moveBar() {
    long before = changes;
    long address = moving.address() == FIRST_BAR ? FIRST_BAR - 4 * BAR_SIZE : FIRST_BAR;
    memory.transaction(() -> moving.setAddress(address));
    return changes - before;
  }

  int visibleRanges() {
    return space.view().ranges().size();
  }

  private MemoryRegion bar() {
    MemoryRegion.Container bar = memory.container("bar", ByteSize.of(BAR_SIZE));
    bar.add(0, memory.ramDevice("bar mmaps[0]", ByteSize.of(BAR_SIZE)));
    bar.add(0x2000, memory.io("msix-table", ByteSize.of(0x1000)), 1);
    bar.add(0x3000, memory.io("msix-pba", ByteSize.of(0x800)), 1);
    return bar;
  }

  private final class Counter implements MemoryListener {
    @Override
    public void regionAdd(MemorySection section) {
      changes++;
    }

    @Override
    public void regionDel(MemorySection section) {
      changes++;
    }
  }
}
