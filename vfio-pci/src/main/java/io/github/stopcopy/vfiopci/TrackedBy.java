package io.github.stopcopy.vfiopci;

/** Who tracks what the devices of a container write (R-DT-20 .. R-DT-22). */
public enum TrackedBy {
  /** Every device logs its own writes. */
  DEVICES,
  /** The container: the kernel by pinned pages, or with iommufd the hardware of the IOMMU. */
  CONTAINER,
  /** Nobody. */
  NOBODY
}
