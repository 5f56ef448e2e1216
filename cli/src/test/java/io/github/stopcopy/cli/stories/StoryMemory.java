package io.github.stopcopy.cli.stories;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes what {@code info mtree -f} could show of a story's VM. */
final class StoryMemory {

  private static final long GIB = 1L << 30;
  private static final long FOUR_GIB = 4 * GIB;

  private final Random random;
  private final List<String> rows = new ArrayList<>();

  private StoryMemory(Random random) {
    this.random = random;
  }

  static String dump(Random random, boolean pc, long ramSize, List<StoryDevice> devices) {
    return new StoryMemory(random).write(pc, ramSize, devices);
  }

  private String write(boolean pc, long ramSize, List<StoryDevice> devices) {
    long low = ramSize;
    if (pc && ramSize >= 0xe0000000L) {
      low = 3 * GIB;
    } else if (!pc && ramSize >= 0xb0000000L) {
      low = 2 * GIB;
    }
    long rom = 0xc0000 + 0x800L * random.nextInt(64);
    ram(0, rom, "ram", 0);
    ram(rom, 0x100000, "rom", rom);
    ram(0x100000, low, "ram", 0x100000);
    long next = 0xf0000000L;
    for (StoryDevice device : devices) {
      for (String bar : List.of("0", "2")) {
        if (random.nextBoolean()) {
          long size = 0x1000L << random.nextInt(4);
          row(next, size, "ramd", device.name() + " BAR " + bar + " mmaps[0]", 0);
          if (random.nextInt(3) == 0) {
            row(next + size, 0x800, "i/o", device.name() + " BAR " + bar, size);
            row(
                next + size + 0x800,
                0x1800,
                "ramd",
                device.name() + " BAR " + bar + " mmaps[1]",
                0);
          }
          next += 0x100000;
        }
      }
    }
    row(0xfec00000L, 0x1000, "i/o", "ioapic", 0);
    row(0xfee00000L, 0x100000, "i/o", "kvm-apic-msi", 0);
    row(0xfffc0000L, 0x40000, "rom", "pc.bios", 0);
    if (low < ramSize) {
      ram(FOUR_GIB, FOUR_GIB + ramSize - low, "ram", low);
    }
    long high = 0x2000000000L;
    for (StoryDevice device : devices) {
      if (random.nextInt(3) == 0) {
        row(high, GIB, "ramd", device.name() + " BAR 4 mmaps[0]", 0);
        high += 4 * GIB;
      }
    }
    return "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n"
        + String.join("\n", rows)
        + "\n";
  }

  private void ram(long first, long end, String type, long offset) {
    row(first, end - first, type, "pc.ram", offset);
  }

  private void row(long first, long size, String type, String name, long offset) {
    rows.add(
        String.format(
            "  %016x-%016x (prio 0, %s): %s%s",
            first,
            first + size - 1,
            type,
            name,
            offset == 0 ? "" : String.format(" @%016x", offset)));
  }
}
