package io.github.stopcopy.vfiopci.environment;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * How VFIO differs between releases. One value per profile; the rest of the module asks it and
 * never looks at a version.
 *
 * @param hasMigrationIommuPt whether {@code x-migration-iommu-pt} exists, the RFC's option
 * @param errorsAreValues whether errors travel as objects up to the migration (10.2); else each
 *     place prints and only a number goes on (R-DT-30, R-DT-36, R-MIG-45)
 * @param printsIoctlErrors whether a failing map or unmap prints a line of its own (R-LST-30,
 *     R-LST-52)
 * @param retriesUnmapAtTop whether a refused unmap that ends at 2^64 is tried again without its
 *     last page (R-LST-52)
 * @param unmapsWholeSpaceAtOnce whether a section of 2^64 bytes is unmapped with one call; else
 *     with one for each half (R-LST-42 .. R-LST-44)
 * @param mapFunction the name that map errors carry (R-OBS-3)
 * @param unmapFunction the name that unmap errors carry (R-LST-44)
 * @param offersPageSizes whether page sizes are offered to the vIOMMU at each section (R-LST-24)
 * @param p2pFailureIsWarning whether a BAR that cannot be mapped is a warning with a hint
 *     (R-LST-62)
 * @param skipsKnownState whether a device is not asked for a state it already has (R-MIG-45)
 * @param skipsKnownTracking whether a container is not told to switch tracking to what it already
 *     is (R-DT-24)
 * @param trackingNeedsStarted whether dirty pages are collected as soon as tracking was started;
 *     else only while the migration is active (R-DT-53, R-LST-50)
 * @param mappingLimitIsError whether discardable RAM that may need more mappings than there are is
 *     refused; else it is warned of (R-LST-56)
 * @param plugsAsText whether the values of {@code device_add} become text before they are read
 *     (R-PROP-1)
 * @param tracksReadonly whether read-only memory counts for tracking (R-LST-11)
 * @param trackedAsIommuDirty whether an iommufd device whose IOMMU tracks dirty pages needs no
 *     logging of its own (R-BLK-50)
 * @param checksLargeMemory whether the RAM size is held against the bitmap limit (R-BLK-62)
 * @param viommuBlocksOnlyDeviceTracking whether a vIOMMU blocks only devices that log their own
 *     writes (R-BLK-63)
 * @param collectsDirtyOnRemoval whether unmapping a section or an iommufd translation collects
 *     dirty pages first (R-LST-46, R-LST-53)
 */
public record VfioBehaviour(
    boolean hasMigrationIommuPt,
    boolean errorsAreValues,
    boolean printsIoctlErrors,
    boolean retriesUnmapAtTop,
    boolean unmapsWholeSpaceAtOnce,
    String mapFunction,
    String unmapFunction,
    boolean offersPageSizes,
    boolean p2pFailureIsWarning,
    boolean skipsKnownState,
    boolean skipsKnownTracking,
    boolean trackingNeedsStarted,
    boolean mappingLimitIsError,
    boolean plugsAsText,
    boolean tracksReadonly,
    boolean trackedAsIommuDirty,
    boolean checksLargeMemory,
    boolean viommuBlocksOnlyDeviceTracking,
    boolean collectsDirtyOnRemoval) {

  private static final VfioBehaviour QEMU_8_1 = v8(false);
  private static final VfioBehaviour QEMU_8_1_IOMMU_PT = v8(true);
  private static final VfioBehaviour QEMU_10_2 = v10(false);
  private static final VfioBehaviour QEMU_11_0 = v10(true);

  /** The behaviours of a release. */
  public static VfioBehaviour of(QemuProfile profile) {
    return switch (profile) {
      case V8_1 -> QEMU_8_1;
      case V8_1_IOMMU_PT -> QEMU_8_1_IOMMU_PT;
      case V10_2 -> QEMU_10_2;
      case V11_0 -> QEMU_11_0;
    };
  }

  private static VfioBehaviour v8(boolean iommuPt) {
    return new VfioBehaviour(
        /* hasMigrationIommuPt= */ iommuPt,
        /* errorsAreValues= */ false,
        /* printsIoctlErrors= */ true,
        /* retriesUnmapAtTop= */ true,
        /* unmapsWholeSpaceAtOnce= */ false,
        /* mapFunction= */ "vfio_dma_map",
        /* unmapFunction= */ "vfio_dma_unmap",
        /* offersPageSizes= */ true,
        /* p2pFailureIsWarning= */ false,
        /* skipsKnownState= */ false,
        /* skipsKnownTracking= */ false,
        /* trackingNeedsStarted= */ false,
        /* mappingLimitIsError= */ false,
        /* plugsAsText= */ true,
        /* tracksReadonly= */ true,
        /* trackedAsIommuDirty= */ false,
        /* checksLargeMemory= */ false,
        /* viommuBlocksOnlyDeviceTracking= */ false,
        /* collectsDirtyOnRemoval= */ false);
  }

  /** 10.2, or with what was merged in 2026, 11.0. */
  private static VfioBehaviour v10(boolean merged2026) {
    return new VfioBehaviour(
        /* hasMigrationIommuPt= */ false,
        /* errorsAreValues= */ true,
        /* printsIoctlErrors= */ false,
        /* retriesUnmapAtTop= */ false,
        /* unmapsWholeSpaceAtOnce= */ true,
        /* mapFunction= */ "vfio_container_dma_map",
        /* unmapFunction= */ "vfio_container_dma_unmap",
        /* offersPageSizes= */ false,
        /* p2pFailureIsWarning= */ true,
        /* skipsKnownState= */ true,
        /* skipsKnownTracking= */ true,
        /* trackingNeedsStarted= */ true,
        /* mappingLimitIsError= */ true,
        /* plugsAsText= */ false,
        /* tracksReadonly= */ !merged2026,
        /* trackedAsIommuDirty= */ true,
        /* checksLargeMemory= */ merged2026,
        /* viommuBlocksOnlyDeviceTracking= */ merged2026,
        /* collectsDirtyOnRemoval= */ merged2026);
  }
}
