package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * In what the releases differ.
 *
 * @param sizesAreProperties whether granule and aw-bits exist (R-VIO-40)
 * @param leavesBypassAtMachineDone whether every device is shown the IOMMU region for a moment once
 *     the machine is complete, to learn the page sizes of the containers (R-VIO-43)
 * @param asksHostAtAttach whether the page sizes of the host are checked when a device is attached
 *     (R-VIO-43)
 */
record VirtioBehaviour(
    boolean sizesAreProperties, boolean leavesBypassAtMachineDone, boolean asksHostAtAttach) {

  private static final VirtioBehaviour OF_8_1 = new VirtioBehaviour(false, true, false);
  private static final VirtioBehaviour OF_10_2 = new VirtioBehaviour(true, false, true);

  static VirtioBehaviour of(QemuProfile profile) {
    return switch (profile) {
      case V8_1, V8_1_IOMMU_PT -> OF_8_1;
      case V10_2, V11_0 -> OF_10_2;
    };
  }
}
