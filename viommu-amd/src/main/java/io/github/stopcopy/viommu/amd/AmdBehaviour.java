package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * In what the releases differ.
 *
 * @param remapsDma whether the model has the properties of 10.2 and can announce mappings at all;
 *     then a device sees system memory until the guest has its requests translated (R-VIO-34),
 *     before that it always saw the IOMMU region (R-VIO-32)
 */
record AmdBehaviour(boolean remapsDma) {

  private static final AmdBehaviour OF_8_1 = new AmdBehaviour(false);
  private static final AmdBehaviour OF_10_2 = new AmdBehaviour(true);

  static AmdBehaviour of(QemuProfile profile) {
    return switch (profile) {
      case V8_1, V8_1_IOMMU_PT -> OF_8_1;
      case V10_2, V11_0 -> OF_10_2;
    };
  }
}
