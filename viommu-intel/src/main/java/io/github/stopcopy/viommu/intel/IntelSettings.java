package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.Optional;

/**
 * What realize decided.
 *
 * @param awBits the address width: 39 or 48
 * @param cachingMode whether the guest tells of new mappings too
 * @param deviceIotlb whether devices may cache translations
 * @param snoopControl whether snoop control is on
 * @param passThrough whether a context entry may pass requests through
 * @param dmaTranslation whether translation can be turned on
 * @param staleTm whether the stale TM bit is kept; nothing in the model depends on it
 * @param interruptRemapping whether interrupts are remapped (R-VIO-2)
 * @param extendedInterrupts whether APIC ids above 255 can be reached (R-VIO-12)
 * @param firstStage whether the guest's first-stage tables may be used (R-REL-A3.2)
 */
record IntelSettings(
    int awBits,
    boolean cachingMode,
    boolean deviceIotlb,
    boolean snoopControl,
    boolean passThrough,
    boolean dmaTranslation,
    boolean staleTm,
    boolean interruptRemapping,
    boolean extendedInterrupts,
    boolean firstStage) {

  private static final int MOST_PASID_BITS = 20;

  /** Checks and decides in QEMU's order: R-VIO-2, then R-VIO-10 .. R-VIO-15. */
  static Result<IntelSettings> decide(
      PropertyValues values, MachineFacts machine, IntelBehaviour behaviour) {
    Result<Boolean> base = X86IommuBase.interruptRemapping(values, machine);
    if (base instanceof Result.Failed<Boolean> failed) {
      return Result.failed(failed.error());
    }
    boolean intremap = ((Result.Ok<Boolean>) base).value();
    boolean oldMachine = MachineTypes.isAtMost(machine.machineType(), 9, 1);
    int awBits =
        !values.isGiven("aw-bits") && oldMachine ? 39 : Math.toIntExact(values.number("aw-bits"));
    boolean eim = extendedInterrupts(values, machine, intremap);

    Optional<QemuError> refused = checkEim(values, machine, behaviour, intremap, eim);
    if (refused.isEmpty()) {
      refused = checkModes(values, behaviour, awBits);
    }
    if (refused.isPresent()) {
      return Result.failed(refused.get());
    }
    boolean staleTm =
        values.has("stale-tm") && !values.isGiven("stale-tm")
            ? oldMachine
            : values.bool("stale-tm");
    return Result.ok(
        new IntelSettings(
            awBits,
            values.bool("caching-mode"),
            values.bool("device-iotlb"),
            values.bool("snoop-control"),
            !values.has("pt") || values.bool("pt"),
            values.bool("dma-translation"),
            staleTm,
            intremap,
            eim,
            IntelProperties.isFirstStage(values)));
  }

  /** R-VIO-12. */
  private static boolean extendedInterrupts(
      PropertyValues values, MachineFacts machine, boolean intremap) {
    boolean possible = X86IommuBase.hasKernelIrqchip(machine) || values.bool("x-buggy-eim");
    return switch (values.onOffAuto("eim")) {
      case ON -> true;
      case OFF -> false;
      case AUTO -> possible && intremap;
    };
  }

  /** R-VIO-10, R-VIO-11 and R-VIO-13. */
  private static Optional<QemuError> checkEim(
      PropertyValues values,
      MachineFacts machine,
      IntelBehaviour behaviour,
      boolean intremap,
      boolean eim) {
    if (behaviour.refusesPasidWithDeviceIotlb()
        && IntelProperties.pasidBits(values) > 0
        && values.bool("device-iotlb")) {
      return refused("PASID based device IOTLB is not supported");
    }
    if (values.onOffAuto("eim") == OnOffAuto.ON && !intremap) {
      return refused("eim=on cannot be selected without intremap=on");
    }
    boolean split =
        X86IommuBase.hasKernelIrqchip(machine) && machine.irqchip() == KernelIrqchip.SPLIT;
    if (behaviour.eimNeedsSplitIrqchip() && eim && !values.bool("x-buggy-eim") && !split) {
      return refused("eim=on requires accel=kvm,kernel-irqchip=split");
    }
    return Optional.empty();
  }

  /** R-VIO-14, R-VIO-15, R-REL-A3.4 and R-REL-A3.5. */
  private static Optional<QemuError> checkModes(
      PropertyValues values, IntelBehaviour behaviour, int awBits) {
    Optional<String> width = checkWidth(values, behaviour, awBits);
    if (width.isPresent()) {
      return refused(width.get());
    }
    boolean scalable = IntelProperties.isScalable(values);
    int pasidBits = IntelProperties.pasidBits(values);
    if (scalable && values.has("dma-drain") && !values.bool("dma-drain")) {
      return refused("Need to set dma_drain for scalable mode");
    }
    if (pasidBits > 0 && !scalable) {
      return refused("Need to set scalable mode for PASID");
    }
    if (pasidBits > MOST_PASID_BITS) {
      return refused(
          "PASID width "
              + pasidBits
              + " exceeds Max PASID Width "
              + MOST_PASID_BITS
              + " allowed in PCI spec");
    }
    return values.bool("svm") ? checkSharedMemory(values, behaviour) : Optional.empty();
  }

  private static Optional<String> checkWidth(
      PropertyValues values, IntelBehaviour behaviour, int awBits) {
    boolean scalable = IntelProperties.isScalable(values);
    boolean firstStage = IntelProperties.isFirstStage(values);
    boolean eitherWidth = awBits == 39 || awBits == 48;
    if (behaviour.firstStage() == IntelBehaviour.FirstStage.ABSENT) {
      return eitherWidth
          ? Optional.empty()
          : Optional.of("Supported values for aw-bits are: 39, 48");
    }
    if (firstStage && !scalable) {
      return Optional.of(behaviour.firstStage().property() + " is only available in scalable mode");
    }
    String mode = "Scalable mode(" + behaviour.firstStage().inModeTexts();
    if (firstStage) {
      return awBits == 48
          ? Optional.empty()
          : Optional.of(mode + "=on): supported value for aw-bits is: 48");
    }
    return eitherWidth
        ? Optional.empty()
        : Optional.of(
            (scalable ? mode + "=off)" : "Legacy mode")
                + ": supported values for aw-bits are: 39, 48");
  }

  /** What shared virtual memory needs (R-REL-A3.5). */
  private static Optional<QemuError> checkSharedMemory(
      PropertyValues values, IntelBehaviour behaviour) {
    if (!values.bool("device-iotlb")) {
      return refused("Need to set device IOTLB for svm");
    }
    if (!IntelProperties.isFirstStage(values)) {
      return refused("Need to set " + behaviour.firstStage().property() + " for svm");
    }
    if (!values.bool("dma-translation")) {
      return refused("Need to set dma-translation for svm");
    }
    return IntelProperties.pasidBits(values) == 0
        ? refused("Need to set PASID support for svm")
        : Optional.empty();
  }

  private static Optional<QemuError> refused(String text) {
    return Optional.of(QemuError.of(text));
  }
}
