package io.github.stopcopy.viommu.virtio;

import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * In what the releases differ.
 *
 * @param sizesAreProperties whether granule and aw-bits exist (R-VIO-40, R-REL-44)
 * @param leavesBypassAtMachineDone whether every device is shown the IOMMU region for a moment once
 *     the machine is complete, to learn the page sizes of the containers (R-VIO-43, R-REL-43)
 * @param asksHostAtAttach whether the page sizes of the host are checked when a device is attached
 *     (R-VIO-43, R-REL-34)
 */
record VirtioBehaviour(
    boolean sizesAreProperties, boolean leavesBypassAtMachineDone, boolean asksHostAtAttach) {

  static VirtioBehaviour of(QemuProfile profile) {
    return new VirtioBehaviour(
        /* sizesAreProperties= */ profile.isFrom(V9_0),
        /* leavesBypassAtMachineDone= */ !profile.isFrom(V9_1),
        /* asksHostAtAttach= */ profile.isFrom(V9_1));
  }
}
