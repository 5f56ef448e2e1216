package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.memory.MemorySection;
import java.util.Optional;

/** Who collects dirty pages when the memory listener is asked to, or before mappings go. */
public interface DirtyPageCollector {

  /** Collects the dirty pages of a section (R-DT-53 .. R-DT-58). */
  void sync(MemorySection section);

  /**
   * Collects the dirty pages of a section that is about to be unmapped (R-LST-46).
   *
   * @param section the section
   * @param range its whole pages
   */
  void collectBeforeRemoval(MemorySection section, AddressRange range);

  /**
   * Removes a translation; while pages are tracked its dirty pages are collected (R-LST-50).
   *
   * @param iova the first I/O virtual address
   * @param size bytes
   * @param translatedAddress the guest physical address of the event, if the vIOMMU fills it in
   */
  Optional<Errno> unmapTranslation(long iova, long size, long translatedAddress);

  /**
   * Removes translations of pages that follow each other at once, where that is the same as one
   * after the other: no dirty pages are collected.
   *
   * @param iova the first I/O virtual address of the first page
   * @param size bytes of a page
   * @param pages how many, from 1 on
   * @return of how many they were removed, from the first on; the others are to be removed one by
   *     one, or to be asked for again behind the next
   */
  long unmapTranslations(long iova, long size, long pages);
}
