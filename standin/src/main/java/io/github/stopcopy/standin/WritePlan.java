package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What devices write, by a seed: half of it single bytes and parts of pages, most of the rest some
 * pages, and seldom some MiB; at the ends of the RAM's pieces, at ends of pages and anywhere. Each
 * write has a seed of its own. Endless; not thread-safe.
 */
final class WritePlan {

  private static final int PAGE = 4096;
  private static final int PIECE = 1024 * PAGE;

  private final Random random;
  private final List<String> devices;
  private final List<AddressRange> ram;
  private final long bytes;

  /**
   * A plan.
   *
   * @param devices who writes, in turn by chance
   * @param ram where
   */
  WritePlan(long seed, List<String> devices, List<AddressRange> ram) {
    random = new Random(seed);
    this.devices = List.copyOf(devices);
    this.ram = List.copyOf(ram);
    long sum = 0;
    for (AddressRange range : ram) {
      sum += range.last() - range.first() + 1;
    }
    bytes = sum;
  }

  /** Writes that together fill all RAM, a piece after another. */
  List<DmaWrite> all() {
    List<DmaWrite> writes = new ArrayList<>();
    for (AddressRange range : ram) {
      for (long first = range.first(); range.contains(first); first += PIECE) {
        AddressRange piece = new AddressRange(first, U64.min(range.last(), first + PIECE - 1));
        String device = devices.get(writes.size() % devices.size());
        writes.add(new DmaWrite(device, piece, random.nextLong()));
      }
    }
    return writes;
  }

  List<DmaWrite> next(int count) {
    List<DmaWrite> writes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      writes.add(next());
    }
    return writes;
  }

  private DmaWrite next() {
    String device = devices.get(random.nextInt(devices.size()));
    AddressRange range = range();
    long length = U64.min(length(), range.last() - range.first() + 1);
    long room = range.last() - range.first() + 1 - length;
    long offset =
        switch (random.nextInt(16)) {
          case 0 -> 0;
          case 1 -> room;
          case 2, 3, 4, 5 -> U64.alignDown(below(room + 1), PAGE);
          case 6 -> Math.min(room, U64.alignDown(below(room + 1), PAGE) + PAGE - 1);
          default -> below(room + 1);
        };
    long first = range.first() + offset;
    return new DmaWrite(device, new AddressRange(first, first + length - 1), random.nextLong());
  }

  /** A small piece of RAM, which shadows of ROM lie beside, now and then; else by size. */
  private AddressRange range() {
    if (random.nextInt(8) == 0) {
      return ram.get(random.nextInt(ram.size()));
    }
    long at = below(bytes);
    for (AddressRange range : ram) {
      long size = range.last() - range.first() + 1;
      if (at < size) {
        return range;
      }
      at -= size;
    }
    throw new IllegalStateException("no RAM");
  }

  private long length() {
    int choice = random.nextInt(256);
    if (choice < 48) {
      return 1;
    } else if (choice < 128) {
      return 1L + random.nextInt(PAGE);
    } else if (choice < 160) {
      return PAGE;
    } else if (choice < 250) {
      return 1L + random.nextInt(16 * PAGE);
    } else if (choice < 255) {
      return 1L + random.nextInt(128 * PAGE);
    }
    return 1L + random.nextInt(1024 * PAGE);
  }

  private long below(long end) {
    return Math.floorMod(random.nextLong(), end);
  }
}
