package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * In what the releases differ.
 *
 * @param defaultAwBits the default of aw-bits for the newest machine type
 * @param hasFirstLevelTables whether x-flts and what came with it exists; then the texts about
 *     aw-bits name the mode (R-VIO-14)
 * @param refusesPasidWithDeviceIotlb whether the two exclude each other (R-VIO-10)
 * @param eimNeedsSplitIrqchip whether eim=on is refused without a split irqchip (R-VIO-13)
 * @param checksAtAttach whether an assigned device is checked when it is attached, not once at the
 *     end of the machine's creation (R-VIO-18)
 * @param unmapsCarryOldAddress whether an unmap event names the address that the page had
 *     (R-VIO-25)
 */
record IntelBehaviour(
    int defaultAwBits,
    boolean hasFirstLevelTables,
    boolean refusesPasidWithDeviceIotlb,
    boolean eimNeedsSplitIrqchip,
    boolean checksAtAttach,
    boolean unmapsCarryOldAddress) {

  private static final IntelBehaviour OF_8_1 =
      new IntelBehaviour(39, false, true, true, false, false);
  private static final IntelBehaviour OF_10_2 =
      new IntelBehaviour(48, true, false, false, true, false);
  private static final IntelBehaviour OF_11_0 =
      new IntelBehaviour(48, true, false, false, true, true);

  static IntelBehaviour of(QemuProfile profile) {
    return switch (profile) {
      case V8_1, V8_1_IOMMU_PT -> OF_8_1;
      case V10_2 -> OF_10_2;
      case V11_0 -> OF_11_0;
    };
  }
}
