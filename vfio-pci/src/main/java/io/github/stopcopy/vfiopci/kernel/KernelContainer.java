package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import java.util.List;
import java.util.Optional;

/**
 * A container: one set of I/O page tables. Addresses and sizes are unsigned bytes; an empty answer
 * means that it worked.
 */
public interface KernelContainer {

  /**
   * A mapping the container holds.
   *
   * @param iova the first I/O virtual address
   * @param size bytes
   * @param readonly whether devices may only read
   */
  record Mapping(long iova, long size, boolean readonly) {}

  /** How many bytes a bitmap over {@code size} bytes takes: a bit per page, whole words (R-LST-51). */
  static long bitmapBytes(long size, long pageSize) {
    long pages = Long.divideUnsigned(U64.alignUp(size, pageSize), pageSize);
    return U64.alignUp(pages, 64) / 8;
  }

  /** Adds a group; a container that is not shared refuses a second one. */
  Optional<Errno> addGroup(int group);

  /** Removes a group; without groups all mappings are gone. */
  void removeGroup(int group);

  /** What it can do. */
  HostContainer info();

  /** Maps {@code size} bytes, not 0, from {@code iova}. */
  Optional<Errno> map(long iova, long size, boolean readonly);

  /** Removes the mappings in {@code size} bytes, not 0, from {@code iova}; none is cut in two. */
  Optional<Errno> unmap(long iova, long size);

  /** Removes every mapping. */
  Optional<Errno> unmapAll();

  /** Turns tracking of dirty pages on or off. */
  Optional<Errno> setDirtyTracking(boolean on);

  /** Reads and clears the dirty pages of a range. */
  Optional<Errno> readDirtyPages(long iova, long size);

  /** The mappings in ascending order. */
  List<Mapping> mappings();
}
