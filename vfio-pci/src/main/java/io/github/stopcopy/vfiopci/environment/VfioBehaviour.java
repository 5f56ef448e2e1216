package io.github.stopcopy.vfiopci.environment;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1_IOMMU_PT;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * How VFIO differs between releases. One value per profile, each component with the release from
 * which on it holds; the rest of the module asks it and never looks at a version.
 *
 * @param hasMigrationIommuPt whether {@code x-migration-iommu-pt} exists, the RFC's option
 * @param allowsSeveralDevices whether several devices may migrate together if all of them can stop
 *     talking to each other; else never (R-REL-1)
 * @param asksP2pStates whether devices are put into the states in which they start no transfers
 *     (R-REL-3)
 * @param refusesPostcopy whether postcopy and background snapshots are refused (R-REL-4)
 * @param stopsWhenSaved whether a device is stopped as soon as its state is saved, not only at the
 *     end of the migration (R-REL-5)
 * @param tracksPciApart whether BARs above 4 GiB have a range of their own (R-REL-6)
 * @param errorsAreValues whether errors travel as objects up to the migration; else each place
 *     prints and only a number goes on (R-DT-30, R-DT-36, R-MIG-45, R-REL-15, R-REL-17)
 * @param printsIoctlErrors whether a failing map or unmap prints a line of its own (R-LST-30,
 *     R-LST-52, R-REL-10)
 * @param retriesUnmapAtTop whether a refused unmap that ends at 2^64 is tried again without its
 *     last page (R-LST-52, R-REL-11)
 * @param unmapsWholeSpaceAtOnce whether a section of 2^64 bytes is unmapped with one call; else
 *     with one for each half (R-LST-42 .. R-LST-44, R-REL-12)
 * @param mapFunction the name that map errors carry (R-OBS-3, R-REL-9)
 * @param unmapFunction the name that unmap errors carry (R-LST-44, R-REL-9)
 * @param offersPageSizes whether page sizes are offered to the vIOMMU at each section (R-LST-24,
 *     R-REL-34)
 * @param attachPrefix what precedes a vIOMMU's refusal of a device (R-OBS-4, R-REL-35)
 * @param p2pFailureIsWarning whether a BAR that cannot be mapped is a warning with a hint
 *     (R-LST-62, R-REL-8)
 * @param warnsWithoutDmaBuf whether a device whose BARs the kernel does not export as dma-buf is
 *     warned of (R-OBS-101)
 * @param skipsKnownState whether a device is not asked for a state it already has (R-MIG-45,
 *     R-REL-16)
 * @param skipsKnownTracking whether a container is not told to switch tracking to what it already
 *     is (R-DT-24)
 * @param trackingNeedsStarted whether dirty pages are collected as soon as tracking was started;
 *     else only while the migration is active (R-DT-53, R-LST-50, R-REL-13, R-REL-14)
 * @param keepsSyncErrors whether the migration keeps the error of the first sync that failed; else
 *     it is printed and only the number goes on (R-OBS-109)
 * @param stopErrnoIsPositive whether a failing stop of logging is told with the positive number
 *     (R-DT-35, R-OBS-108)
 * @param mappingLimitIsError whether discardable RAM that may need more mappings than there are is
 *     refused; else it is warned of (R-LST-56, R-REL-46)
 * @param plugsAsText whether the values of {@code device_add} become text before they are read
 *     (R-PROP-1, R-REL-33)
 * @param tracksReadonly whether read-only memory counts for tracking (R-LST-11, R-REL-6)
 * @param trackedAsIommuDirty whether an iommufd device whose IOMMU tracks dirty pages needs no
 *     logging of its own (R-BLK-50, R-REL-18, R-REL-20)
 * @param checksLargeMemory whether the RAM size is held against the bitmap limit (R-BLK-62,
 *     R-REL-22)
 * @param viommuBlocksOnlyDeviceTracking whether a vIOMMU blocks only devices that log their own
 *     writes (R-BLK-63, R-REL-21)
 * @param collectsDirtyOnRemoval whether unmapping a section or an iommufd translation collects
 *     dirty pages first (R-LST-46, R-LST-53, R-REL-13)
 * @param initErrorsSayWhat whether a device that cannot migrate is told with what was asked of the
 *     kernel (R-OBS-102, R-REL-23)
 */
public record VfioBehaviour(
    boolean hasMigrationIommuPt,
    boolean allowsSeveralDevices,
    boolean asksP2pStates,
    boolean refusesPostcopy,
    boolean stopsWhenSaved,
    boolean tracksPciApart,
    boolean errorsAreValues,
    boolean printsIoctlErrors,
    boolean retriesUnmapAtTop,
    boolean unmapsWholeSpaceAtOnce,
    String mapFunction,
    String unmapFunction,
    boolean offersPageSizes,
    String attachPrefix,
    boolean p2pFailureIsWarning,
    boolean warnsWithoutDmaBuf,
    boolean skipsKnownState,
    boolean skipsKnownTracking,
    boolean trackingNeedsStarted,
    boolean keepsSyncErrors,
    boolean stopErrnoIsPositive,
    boolean mappingLimitIsError,
    boolean plugsAsText,
    boolean tracksReadonly,
    boolean trackedAsIommuDirty,
    boolean checksLargeMemory,
    boolean viommuBlocksOnlyDeviceTracking,
    boolean collectsDirtyOnRemoval,
    boolean initErrorsSayWhat) {

  private static final Map<QemuProfile, VfioBehaviour> OF_RELEASES = ofReleases();

  /** The behaviours of a release. */
  public static VfioBehaviour of(QemuProfile profile) {
    return Objects.requireNonNull(OF_RELEASES.get(profile));
  }

  private static Map<QemuProfile, VfioBehaviour> ofReleases() {
    Map<QemuProfile, VfioBehaviour> all = new EnumMap<>(QemuProfile.class);
    for (QemuProfile profile : QemuProfile.values()) {
      all.put(profile, row(profile));
    }
    return Collections.unmodifiableMap(all);
  }

  private static VfioBehaviour row(QemuProfile profile) {
    String dma = profile.isFrom(V9_0) ? "vfio_container_dma_" : "vfio_dma_";
    String attach = profile.isFrom(V10_0) ? "vIOMMU" : "iommu_device";
    return new VfioBehaviour(
        /* hasMigrationIommuPt= */ profile == V8_1_IOMMU_PT,
        /* allowsSeveralDevices= */ profile.isFrom(V8_1_IOMMU_PT),
        /* asksP2pStates= */ profile.isFrom(V8_1_IOMMU_PT),
        /* refusesPostcopy= */ profile.isFrom(V8_1_IOMMU_PT),
        /* stopsWhenSaved= */ !profile.isFrom(V8_1_IOMMU_PT),
        /* tracksPciApart= */ profile.isFrom(V8_1_IOMMU_PT),
        /* errorsAreValues= */ profile.isFrom(V9_1),
        /* printsIoctlErrors= */ !profile.isFrom(V10_0),
        /* retriesUnmapAtTop= */ !profile.isFrom(V10_2),
        /* unmapsWholeSpaceAtOnce= */ profile.isFrom(V10_2),
        /* mapFunction= */ dma + "map",
        /* unmapFunction= */ dma + "unmap",
        /* offersPageSizes= */ !profile.isFrom(V9_1),
        /* attachPrefix= */ "Failed to set " + attach + ": ",
        /* p2pFailureIsWarning= */ profile.isFrom(V10_0),
        /* warnsWithoutDmaBuf= */ profile.isFrom(V11_1),
        /* skipsKnownState= */ profile.isFrom(V9_1),
        /* skipsKnownTracking= */ profile.isFrom(V10_0),
        /* trackingNeedsStarted= */ profile.isFrom(V10_0),
        /* keepsSyncErrors= */ profile.isFrom(V10_1),
        /* stopErrnoIsPositive= */ profile.isFrom(V10_1),
        /* mappingLimitIsError= */ profile.isFrom(V10_2),
        /* plugsAsText= */ !profile.isFrom(V9_2),
        /* tracksReadonly= */ !profile.isFrom(V11_0),
        /* trackedAsIommuDirty= */ profile.isFrom(V9_1),
        /* checksLargeMemory= */ profile.isFrom(V11_0),
        /* viommuBlocksOnlyDeviceTracking= */ profile.isFrom(V11_0),
        /* collectsDirtyOnRemoval= */ profile.isFrom(V11_0),
        /* initErrorsSayWhat= */ profile.isFrom(V11_1));
  }
}
