package io.github.stopcopy.viommu.amd;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Optional;

/**
 * In what the releases differ.
 *
 * @param remapsDma whether the model can announce mappings at all, with dma-remap; then a device
 *     sees system memory until the guest has its requests translated (R-VIO-34), before that it
 *     sees the IOMMU region (R-VIO-32)
 * @param passesThroughWithPt whether a device sees system memory if pt is on (R-REL-40)
 * @param tooManyCpus how QEMU refuses APIC ids above 255 without xtsup, if it does (R-REL-42)
 * @param savedThroughPciFunction whether its state can be saved if pci-id names an explicit
 *     AMDVI-PCI (R-REL-41)
 */
record AmdBehaviour(
    boolean remapsDma,
    boolean passesThroughWithPt,
    Optional<String> tooManyCpus,
    boolean savedThroughPciFunction) {

  static AmdBehaviour of(QemuProfile profile) {
    return new AmdBehaviour(
        /* remapsDma= */ profile.isFrom(V10_2),
        /* passesThroughWithPt= */ profile == V9_2,
        tooManyCpus(profile),
        /* savedThroughPciFunction= */ profile.isFrom(V10_1));
  }

  private static Optional<String> tooManyCpus(QemuProfile profile) {
    if (!profile.isFrom(V9_2)) {
      return Optional.empty();
    }
    String word = profile.isFrom(V10_0) ? "configuration" : "confguration";
    return Optional.of("AMD IOMMU with x2APIC " + word + " requires xtsup=on");
  }
}
