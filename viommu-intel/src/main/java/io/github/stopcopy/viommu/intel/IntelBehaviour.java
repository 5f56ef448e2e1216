package io.github.stopcopy.viommu.intel;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * In what the releases differ.
 *
 * @param firstStage what first-stage translation means to the release (R-REL-A3.1 .. R-REL-A3.6)
 * @param refusesPasidWithDeviceIotlb whether the two exclude each other (R-VIO-10)
 * @param eimNeedsSplitIrqchip whether eim=on is refused without a split irqchip (R-VIO-13,
 *     R-REL-39)
 * @param checksWidthAtAttach whether the address width is held against the host's when a device is
 *     attached (R-REL-36)
 * @param checksCachingModeAtAttach whether an assigned device is refused without caching mode when
 *     it is attached, not once at the end of the machine's creation (R-VIO-18, R-REL-37)
 * @param unmapsCarryOldAddress whether an unmap event names the address that the page had
 *     (R-VIO-25)
 */
record IntelBehaviour(
    FirstStage firstStage,
    boolean refusesPasidWithDeviceIotlb,
    boolean eimNeedsSplitIrqchip,
    boolean checksWidthAtAttach,
    boolean checksCachingModeAtAttach,
    boolean unmapsCarryOldAddress) {

  /** How far first-stage translation goes. */
  enum FirstStage {
    /** There is none. */
    ABSENT("", ""),
    /** For emulated devices only. */
    EMULATED_ONLY("x-flts", "flts"),
    /** For devices on an iommufd, too, nested in the host's tables. */
    NESTED_EXPERIMENTAL("x-flts", "x-flts"),
    /** The same under its final name. */
    NESTED("fsts", "fsts");

    private final String property;
    private final String inModeTexts;

    FirstStage(String property, String inModeTexts) {
      this.property = property;
      this.inModeTexts = inModeTexts;
    }

    /** The name of the property. */
    String property() {
      return property;
    }

    /** What refusals of a width call it. */
    String inModeTexts() {
      return inModeTexts;
    }
  }

  static IntelBehaviour of(QemuProfile profile) {
    return new IntelBehaviour(
        firstStage(profile),
        /* refusesPasidWithDeviceIotlb= */ !profile.isFrom(V10_2),
        /* eimNeedsSplitIrqchip= */ !profile.isFrom(V9_0),
        /* checksWidthAtAttach= */ profile.isFrom(V9_1),
        /* checksCachingModeAtAttach= */ profile.isFrom(V10_2),
        /* unmapsCarryOldAddress= */ profile.isFrom(V11_0));
  }

  private static FirstStage firstStage(QemuProfile profile) {
    if (profile.isFrom(V11_1)) {
      return FirstStage.NESTED;
    }
    if (profile.isFrom(V11_0)) {
      return FirstStage.NESTED_EXPERIMENTAL;
    }
    return profile.isFrom(V10_0) ? FirstStage.EMULATED_ONLY : FirstStage.ABSENT;
  }
}
