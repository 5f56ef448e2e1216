package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * How VFIO differs between releases. One value per profile; the rest of the module asks it and never
 * looks at a version.
 *
 * @param hasMigrationIommuPt whether {@code x-migration-iommu-pt} exists, the RFC's option
 * @param errorsAreValues whether errors travel as objects up to the migration (10.2); else each place
 *     prints and only a number goes on (R-DT-30, R-DT-36, R-MIG-45)
 * @param printsIoctlErrors whether a failing map or unmap prints a line of its own (R-LST-30, R-LST-52)
 * @param mapFunction the name that map errors carry (R-OBS-3)
 * @param unmapFunction the name that unmap errors carry (R-LST-44)
 * @param offersPageSizes whether page sizes are offered to the vIOMMU at each section (R-LST-24)
 * @param p2pFailureIsWarning whether a BAR that cannot be mapped is a warning with a hint (R-LST-62)
 * @param skipsKnownState whether a device is not asked for a state it already has (R-MIG-45)
 * @param trackingNeedsStarted whether dirty pages are collected as soon as tracking was started; else
 *     only while the migration is active (R-DT-53, R-LST-50)
 * @param tracksReadonly whether read-only memory counts for tracking (R-LST-11)
 * @param trackedAsIommuDirty whether an iommufd device whose IOMMU tracks dirty pages needs no logging
 *     of its own (R-BLK-50)
 * @param checksLargeMemory whether the RAM size is held against the bitmap limit (R-BLK-62)
 * @param viommuBlocksOnlyDeviceTracking whether a vIOMMU blocks only devices that log their own writes
 *     (R-BLK-63)
 * @param collectsDirtyOnRemoval whether unmapping a section or an iommufd translation collects
 *     dirty pages first (R-LST-46, R-LST-53)
 */
public record VfioBehaviour(
    boolean hasMigrationIommuPt,
    boolean errorsAreValues,
    boolean printsIoctlErrors,
    String mapFunction,
    String unmapFunction,
    boolean offersPageSizes,
    boolean p2pFailureIsWarning,
    boolean skipsKnownState,
    boolean trackingNeedsStarted,
    boolean tracksReadonly,
    boolean trackedAsIommuDirty,
    boolean checksLargeMemory,
    boolean viommuBlocksOnlyDeviceTracking,
    boolean collectsDirtyOnRemoval) {

  private static final VfioBehaviour SEED = v8(true);
  private static final VfioBehaviour BASE_8_1 = v8(false);
  private static final VfioBehaviour QEMU_10_2 = v10(false);
  private static final VfioBehaviour QEMU_11_0 = v10(true);

  /** The behaviours of a release. */
  public static VfioBehaviour of(QemuProfile profile) {
    return switch (profile) {
      case V8_1 -> BASE_8_1;
      case V8_1_IOMMU_PT -> SEED;
      case V10_2 -> QEMU_10_2;
      case V11_0 -> QEMU_11_0;
    };
  }

  private static VfioBehaviour v8(boolean iommuPt) {
    return new VfioBehaviour(
        iommuPt, false, true, "vfio_dma_map", "vfio_dma_unmap", true, false, false, false, true,
        false, false, false, false);
  }

  private static VfioBehaviour v10(boolean merged2026) {
    return new VfioBehaviour(
        false, true, false, "vfio_container_dma_map", "vfio_container_dma_unmap", false, true, true,
        true, !merged2026, true, merged2026, merged2026, merged2026);
  }
}
