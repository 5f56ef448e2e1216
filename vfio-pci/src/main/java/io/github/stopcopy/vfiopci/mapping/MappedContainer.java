package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventRun;
import io.github.stopcopy.core.event.PageEvent;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a container maps: the kernel's I/O page tables, and the sections that the vIOMMU translates
 * (R-LST-24, R-LST-30, R-LST-52). Not thread-safe.
 */
public final class MappedContainer {

  private final VfioEnvironment vfio;
  private final int number;
  private final KernelContainer kernel;
  private final boolean iommufd;
  private final List<GuestIommuSection> guestIommuSections = new ArrayList<>();

  /**
   * A container that maps nothing yet.
   *
   * @param vfio what VFIO needs of the rest
   * @param number its number, for events
   * @param kernel the kernel's side
   * @param iommufd whether it stands for an iommufd
   */
  public MappedContainer(
      VfioEnvironment vfio, int number, KernelContainer kernel, boolean iommufd) {
    this.vfio = vfio;
    this.number = number;
    this.kernel = kernel;
    this.iommufd = iommufd;
  }

  /** The number, counted from 0 in the order of creation. */
  public int number() {
    return number;
  }

  /** The kernel's side. */
  public KernelContainer kernel() {
    return kernel;
  }

  /** Whether it stands for an iommufd; its devices never share a type1 container. */
  public boolean isIommufd() {
    return iommufd;
  }

  /** The sections that the vIOMMU translates, newest first (R-LST-74). */
  public List<GuestIommuSection> guestIommuSections() {
    return Collections.unmodifiableList(guestIommuSections);
  }

  void addGuestIommuSection(GuestIommuSection section) {
    guestIommuSections.add(0, section);
  }

  void removeGuestIommuSection(GuestIommuSection section) {
    guestIommuSections.remove(section);
  }

  /** Adds a mapping, after removing what the kernel says is in the way (R-LST-30). */
  Optional<QemuError> map(DmaMapping mapping) {
    long iova = mapping.iova();
    long size = mapping.size();
    Optional<Errno> refused = kernel.map(mapping);
    if (refused.isPresent() && refused.get() == Errno.EBUSY) {
      kernel.unmap(iova, size);
      refused = kernel.map(mapping);
    }
    vfio.events().record(new VfioEvent.DmaMap(number, iova, size, mapping.readonly(), refused));
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    Errno errno = refused.get();
    if (vfio.behaviour().printsIoctlErrors()) {
      vfio.events().error("VFIO_MAP_DMA failed: " + errno.text());
    }
    return Optional.of(DmaText.mapFailed(vfio.behaviour(), iova, size, errno));
  }

  /**
   * Adds mappings that follow each other and lead to addresses that do, of the size of the first.
   *
   * @return how many were added, from the first on
   */
  long mapPages(DmaMapping first, long pages) {
    long mapped = kernel.mapPages(first, pages);
    record(
        new VfioEvent.DmaMap(
            number, first.iova(), first.size(), first.readonly(), Optional.empty()),
        first.size(),
        mapped);
    return mapped;
  }

  /**
   * Unmaps pages that follow each other.
   *
   * @return of how many it worked, from the first on
   */
  public long unmapPages(long iova, long size, long pages) {
    long unmapped = kernel.unmapPages(iova, size, pages);
    record(new VfioEvent.DmaUnmap(number, iova, size, Optional.empty()), size, unmapped);
    return unmapped;
  }

  private void record(PageEvent first, long size, long pages) {
    if (pages == 1) {
      vfio.events().record(first);
    } else if (pages > 1) {
      vfio.events().record(new EventRun(first, size, Math.toIntExact(pages)));
    }
  }

  /** Unmaps a range without a look at dirty pages; size 0 stands for everything. */
  public Optional<Errno> unmap(long iova, long size) {
    Optional<Errno> refused = size == 0 ? kernel.unmapAll() : kernel.unmap(iova, size);
    if (refused.isPresent()
        && refused.get() == Errno.EINVAL
        && vfio.behaviour().retriesUnmapAtTop()
        && size != 0
        && iova + size == 0) {
      refused = kernel.unmap(iova, size - Long.lowestOneBit(kernel.info().pageSizes()));
    }
    vfio.events().record(new VfioEvent.DmaUnmap(number, iova, size, refused));
    if (refused.isPresent() && vfio.behaviour().printsIoctlErrors()) {
      vfio.events().error("VFIO_UNMAP_DMA failed: " + refused.get().text());
    }
    return refused;
  }
}
