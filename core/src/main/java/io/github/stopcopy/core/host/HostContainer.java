package io.github.stopcopy.core.host;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the host's IOMMU can do; every container of a VM is alike. Immutable.
 *
 * @param dirtyTracking whether the container itself can track dirty pages (R-LST-4)
 * @param pageSizes the page sizes it maps: the bit with value s stands for pages of s bytes
 * @param dirtyPageSizes the page sizes it tracks, in the same form
 * @param maxDirtyBitmapSize the greatest bitmap it fills, in bytes, unsigned
 * @param dmaAvailable how many mappings it can hold
 * @param shared whether several groups may use one container
 * @param iovaRanges the I/O virtual addresses it can map; empty: all
 * @param dirtyStartError why its tracking cannot be started
 * @param dirtyGetError why its bitmap cannot be read
 * @param iommuDirtyTracking whether the IOMMU hardware tracks dirty pages for iommufd (R-BLK-50);
 *     empty: nobody says, and it counts as not
 */
public record HostContainer(
    boolean dirtyTracking,
    long pageSizes,
    long dirtyPageSizes,
    long maxDirtyBitmapSize,
    long dmaAvailable,
    boolean shared,
    List<AddressRange> iovaRanges,
    Optional<Errno> dirtyStartError,
    Optional<Errno> dirtyGetError,
    Optional<Boolean> iommuDirtyTracking) {

  /** A container without limits or failures, as the kernel's defaults have it. */
  public static final HostContainer CAPABLE =
      new HostContainer(
          true,
          -4096L,
          4096,
          256L << 20,
          65535,
          true,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Copies the ranges; nothing may be null. */
  public HostContainer {
    Objects.requireNonNull(iovaRanges, "iovaRanges");
    Objects.requireNonNull(dirtyStartError, "dirtyStartError");
    Objects.requireNonNull(dirtyGetError, "dirtyGetError");
    Objects.requireNonNull(iommuDirtyTracking, "iommuDirtyTracking");
    iovaRanges = List.copyOf(iovaRanges);
  }

  /** A builder that starts with {@link #CAPABLE}. */
  public static HostContainerBuilder builder() {
    return new HostContainerBuilder(CAPABLE);
  }

  /** Whether it is known that the IOMMU hardware tracks dirty pages for iommufd. */
  public boolean tracksInHardware() {
    return iommuDirtyTracking.orElse(false);
  }

  /** A builder with these values. */
  public HostContainerBuilder toBuilder() {
    return new HostContainerBuilder(this);
  }
}
