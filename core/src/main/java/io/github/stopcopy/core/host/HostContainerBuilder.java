package io.github.stopcopy.core.host;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import java.util.List;
import java.util.Optional;

/**
 * Collects the parts of a {@link HostContainer}; what is not said is as in {@link
 * HostContainer#CAPABLE}. Refuses null. Not thread-safe.
 */
public final class HostContainerBuilder {

  private boolean dirtyTracking;
  private long pageSizes;
  private long dirtyPageSizes;
  private long maxDirtyBitmapSize;
  private long dmaAvailable;
  private boolean shared;
  private List<AddressRange> iovaRanges;
  private Optional<Errno> dirtyStartError;
  private Optional<Errno> dirtyGetError;
  private Optional<Boolean> iommuDirtyTracking;

  HostContainerBuilder(HostContainer container) {
    dirtyTracking = container.dirtyTracking();
    pageSizes = container.pageSizes();
    dirtyPageSizes = container.dirtyPageSizes();
    maxDirtyBitmapSize = container.maxDirtyBitmapSize();
    dmaAvailable = container.dmaAvailable();
    shared = container.shared();
    iovaRanges = container.iovaRanges();
    dirtyStartError = container.dirtyStartError();
    dirtyGetError = container.dirtyGetError();
    iommuDirtyTracking = container.iommuDirtyTracking();
  }

  /** Says whether the container itself can track dirty pages. */
  public HostContainerBuilder dirtyTracking(boolean supported) {
    dirtyTracking = supported;
    return this;
  }

  /** Sets the page sizes it maps: the bit with value s stands for pages of s bytes. */
  public HostContainerBuilder pageSizes(long sizes) {
    pageSizes = sizes;
    return this;
  }

  /** Sets the page sizes it tracks, in the same form. */
  public HostContainerBuilder dirtyPageSizes(long sizes) {
    dirtyPageSizes = sizes;
    return this;
  }

  /** Sets the greatest bitmap it fills, in bytes, unsigned. */
  public HostContainerBuilder maxDirtyBitmapSize(long bytes) {
    maxDirtyBitmapSize = bytes;
    return this;
  }

  /** Sets how many mappings it can hold. */
  public HostContainerBuilder dmaAvailable(long mappings) {
    dmaAvailable = mappings;
    return this;
  }

  /** Says whether several groups may use one container. */
  public HostContainerBuilder shared(boolean value) {
    shared = value;
    return this;
  }

  /** Sets the I/O virtual addresses it can map; empty: all. */
  public HostContainerBuilder iovaRanges(List<AddressRange> ranges) {
    iovaRanges = List.copyOf(ranges);
    return this;
  }

  /** Sets why its tracking cannot be started. */
  public HostContainerBuilder dirtyStartError(Errno error) {
    dirtyStartError = Optional.of(error);
    return this;
  }

  /** Sets why its bitmap cannot be read. */
  public HostContainerBuilder dirtyGetError(Errno error) {
    dirtyGetError = Optional.of(error);
    return this;
  }

  /** Says whether the IOMMU hardware tracks dirty pages for iommufd. */
  public HostContainerBuilder iommuDirtyTracking(boolean supported) {
    iommuDirtyTracking = Optional.of(supported);
    return this;
  }

  /** The finished description. */
  public HostContainer build() {
    return new HostContainer(
        dirtyTracking,
        pageSizes,
        dirtyPageSizes,
        maxDirtyBitmapSize,
        dmaAvailable,
        shared,
        iovaRanges,
        dirtyStartError,
        dirtyGetError,
        iommuDirtyTracking);
  }
}
