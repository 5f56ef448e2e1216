package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A tree of memory regions that changes at random: RAM, ROM, ROM devices, device memory and I/O,
 * aliases and nested containers, overlapping with random priorities; they come and go, move, grow,
 * shrink, are hidden and made read-only. Addresses and sizes are whole pages of 4096 bytes below 16
 * MiB, or of any magnitude and alignment in the whole 64-bit space. Not thread-safe.
 */
public final class RandomTopology {

  private static final long PAGE = 4096;
  private static final int PAGES = 1 << 12;
  private static final int MOST_REGIONS = 30;

  private final Random random;
  private final GuestMemory memory;
  private final boolean anywhere;
  private final List<MemoryRegion> containers = new ArrayList<>();
  private final List<MemoryRegion> placed = new ArrayList<>();
  private int made;

  /**
   * A topology that begins with what is below {@code root} and changes only what it adds itself.
   *
   * @param random where all choices come from
   * @param memory the memory to make regions with
   * @param root a container of it, of 16 MiB or more
   */
  public RandomTopology(Random random, GuestMemory memory, MemoryRegion root) {
    this(random, memory, root, false);
  }

  private RandomTopology(Random random, GuestMemory memory, MemoryRegion root, boolean anywhere) {
    this.random = random;
    this.memory = memory;
    this.anywhere = anywhere;
    containers.add(root);
  }

  /**
   * A topology that reaches through the whole space, in addresses and sizes of every order of
   * magnitude, half of them not whole pages: what only works with low, short or aligned sections
   * shows.
   *
   * @param random where all choices come from
   * @param memory the memory to make regions with
   * @param root a container of it, of 2^64 bytes
   */
  public static RandomTopology anywhere(Random random, GuestMemory memory, MemoryRegion root) {
    return new RandomTopology(random, memory, root, true);
  }

  /**
   * Makes one to six changes in one transaction. Some of them may change nothing that is visible.
   */
  public void change() {
    memory.transaction(() -> {
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        changeOnce();
      }
    });
  }

  /** Makes one change, which is a transaction of its own unless one is open. */
  public void changeOnce() {
    if (placed.size() < 3) {
      add();
      return;
    }
    MemoryRegion region = placed.get(random.nextInt(placed.size()));
    int choice = random.nextInt(12);
    if (choice < 4 && placed.size() < MOST_REGIONS) {
      add();
    } else if (choice < 6) {
      remove(region);
    } else if (choice < 8) {
      region.setEnabled(!region.isEnabled());
    } else if (choice == 8) {
      region.setReadonly(!region.isReadonly());
    } else if (choice == 9) {
      region.setSize(size());
    } else {
      region.setAddress(address());
    }
  }

  private void add() {
    MemoryRegion region = region(random.nextInt(10));
    MemoryRegion parent = containers.get(random.nextInt(containers.size()));
    parent.add(address(), region, random.nextInt(4) - 1);
    placed.add(region);
    if (region instanceof MemoryRegion.Container) {
      containers.add(region);
    }
  }

  /** Takes a region out, and what is below it. */
  private void remove(MemoryRegion region) {
    region.container().orElseThrow().remove(region);
    placed.remove(region);
    containers.remove(region);
    if (region instanceof MemoryRegion.Container) {
      for (MemoryRegion below : List.copyOf(region.subregions())) {
        remove(below);
      }
    }
  }

  private MemoryRegion region(int choice) {
    String name = "random" + made++;
    return switch (choice) {
      case 0, 1, 2 -> memory.ram(name, size());
      case 3 -> memory.rom(name, size());
      case 4 -> memory.romDevice(name, size());
      case 5 -> memory.ramDevice(name, size());
      case 6 -> memory.io(name, size());
      case 7 -> memory.container(name, size());
      default -> {
        MemoryRegion target = memory.ram(name + "-target", size());
        for (MemoryRegion other : placed) {
          boolean leaf =
              !(other instanceof MemoryRegion.Container) && !(other instanceof MemoryRegion.Alias);
          target = leaf && random.nextBoolean() ? other : target;
        }
        yield memory.alias(
            name, target, anywhere ? anything() >>> 1 : random.nextInt(64) * PAGE, size());
      }
    };
  }

  /** A number of any magnitude; a multiple of a page every other time. */
  private long anything() {
    long number = random.nextLong() >>> random.nextInt(63);
    return random.nextBoolean() ? number : number & -PAGE;
  }

  private long address() {
    return anywhere ? anything() >>> 1 : random.nextInt(PAGES) * PAGE;
  }

  private ByteSize size() {
    if (anywhere) {
      return ByteSize.of(1 + (anything() >>> 1));
    }
    int most = random.nextBoolean() ? PAGES : 64;
    return ByteSize.of((1 + random.nextInt(most)) * PAGE);
  }
}
