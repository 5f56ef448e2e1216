package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pages of the host's memory behind the guest are dirty for the migration (R-DT-52). Every
 * region with memory of its own has a run of RAM addresses: not where the guest sees it, which may
 * be several places or none, but a place in one row of all of them. They are handed out in the
 * order in which they are asked for; QEMU's may differ but for the first, the machine's RAM. Pages
 * are target pages. Not thread-safe.
 */
public final class RamDirtyLog {

  /** Bytes per page of an x86 guest. */
  public static final int PAGE_SIZE = 4096;

  /** Blocks begin at whole words of a bitmap. */
  private static final long ALIGNMENT = 64L * PAGE_SIZE;

  private record Block(MemoryRegion region, long first) {}

  private final DirtyLog log = new DirtyLog(PAGE_SIZE);
  private final List<Block> blocks = new ArrayList<>();

  RamDirtyLog() {}

  /**
   * The RAM address of a byte of a region.
   *
   * @param region RAM, ROM or device memory
   * @param offset where in the region, in bytes
   * @throws IllegalArgumentException if the region has no memory of its own
   */
  public long addressOf(MemoryRegion region, long offset) {
    for (Block block : blocks) {
      if (block.region == region) {
        return block.first + offset;
      }
    }
    if (!region.hasRamBlock()) {
      throw new IllegalArgumentException(region.name() + " has no memory of its own");
    }
    Block block = new Block(region, firstFree(region.size()));
    blocks.add(block);
    return block.first + offset;
  }

  /**
   * The dirty pages by RAM address. Whoever finds some marks them here; nobody asks whether there
   * is memory at that address. Whoever migrates collects them (R-DT-60).
   */
  public DirtyLog pages() {
    return log;
  }

  /** Behind the last block; what finds no room there begins at 0, beside the others. */
  private long firstFree(ByteSize size) {
    if (blocks.isEmpty()) {
      return 0;
    }
    Block last = blocks.get(blocks.size() - 1);
    long end = last.first + last.region.size().lastOffset();
    long first = U64.alignDown(end, ALIGNMENT) + ALIGNMENT;
    boolean fits = U64.less(end, first) && !U64.addOverflows(first, size.lastOffset());
    return fits ? first : 0;
  }
}
