package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.List;
import java.util.Optional;

/**
 * A container: one set of I/O page tables. Addresses and sizes are unsigned bytes; an empty answer
 * means that it worked.
 */
public interface KernelContainer {

  /**
   * How many bytes a bitmap over {@code size} bytes takes: a bit per page, whole words (R-LST-51).
   */
  static long bitmapBytes(long size, long pageSize) {
    return DirtyBitmap.bytes(Long.divideUnsigned(U64.alignUp(size, pageSize), pageSize));
  }

  /** Adds a group; a container that is not shared refuses a second one. */
  Optional<Errno> addGroup(int group);

  /** Removes a group; without groups all mappings are gone. */
  void removeGroup(int group);

  /** What it can do. */
  HostContainer info();

  /** Adds a mapping, whose size is not 0. */
  Optional<Errno> map(DmaMapping mapping);

  /**
   * Adds mappings that follow each other, as far as {@link #map} would add each of them; they are
   * of the size of the first and lead to addresses that follow each other.
   *
   * @param pages how many, from 1 on; they end at 2^64-1 or before
   * @return how many were added, from the first on; the next one may be refused, or have to be
   *     asked for on its own
   */
  long mapPages(DmaMapping first, long pages);

  /** Removes the mappings in {@code size} bytes, not 0, from {@code iova}; none is cut in two. */
  Optional<Errno> unmap(long iova, long size);

  /**
   * Removes the mappings of pages that follow each other, as far as {@link #unmap(long, long)}
   * would those of each of them.
   *
   * @param iova the first I/O virtual address of the first page
   * @param size bytes of a page, not 0
   * @param pages how many, from 1 on; they end at 2^64-1 or before
   * @return of how many they were removed, from the first on; the next one may be refused, or have
   *     to be asked for on its own
   */
  long unmapPages(long iova, long size, long pages);

  /**
   * Removes mappings as the other form does and hands over their dirty pages in the same breath.
   *
   * @param into takes the dirty pages by I/O virtual address
   */
  Optional<Errno> unmap(long iova, long size, DirtyLog into);

  /** Removes every mapping. */
  Optional<Errno> unmapAll();

  /** Turns tracking of dirty pages on or off. */
  Optional<Errno> setDirtyTracking(boolean on);

  /**
   * Reads and clears the dirty pages of a range.
   *
   * @param iova the first I/O virtual address
   * @param size bytes
   * @param into takes the dirty pages by I/O virtual address
   */
  Optional<Errno> readDirtyPages(long iova, long size, DirtyLog into);

  /**
   * A device writes through these mappings. Real hardware does so unasked.
   *
   * @param written I/O virtual addresses
   * @return the RAM addresses that were written: what is mapped and not read-only
   */
  List<AddressRange> dmaWrite(AddressRange written);

  /** The mappings in ascending order. */
  List<DmaMapping> mappings();

  /** The mappings that share an I/O virtual address with the range, in ascending order. */
  List<DmaMapping> mappings(AddressRange range);
}
