package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

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

  private final DirtyLog log = new DirtyLog(PAGE_SIZE);
  private final IdentityHashMap<MemoryRegion, Long> firstAddresses = new IdentityHashMap<>(4);
  private @Nullable MemoryRegion newest;

  RamDirtyLog() {}

  /**
   * The RAM address of a byte of a region.
   *
   * @param region RAM, ROM or device memory
   * @param offset where in the region, in bytes
   * @throws IllegalArgumentException if the region has no memory of its own
   */
  public long addressOf(MemoryRegion region, long offset) {
    Long known = firstAddresses.get(region);
    if (known != null) {
      return known + offset;
    }
    if (!region.hasRamBlock()) {
      throw new IllegalArgumentException(region.name() + " has no memory of its own");
    }
    long first = firstFree(region.size());
    firstAddresses.put(region, first);
    newest = region;
    return first + offset;
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
    if (newest == null) {
      return 0;
    }
    long end = addressOf(newest, newest.size().lastOffset());
    long first = U64.alignDown(end, ALIGNMENT) + ALIGNMENT;
    boolean fits = U64.less(end, first) && !U64.addOverflows(first, size.lastOffset());
    return fits ? first : 0;
  }
}
