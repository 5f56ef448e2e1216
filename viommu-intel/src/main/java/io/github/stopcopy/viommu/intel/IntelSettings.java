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
    boolean extendedInterrupts) {

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
            values.bool("pt"),
            values.bool("dma-translation"),
            staleTm,
            intremap,
            eim));
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
        && values.bool("x-pasid-mode")
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

  /** R-VIO-14 and R-VIO-15. */
  private static Optional<QemuError> checkModes(
      PropertyValues values, IntelBehaviour behaviour, int awBits) {
    boolean scalable = values.bool("x-scalable-mode");
    boolean firstLevel = values.bool("x-flts");
    boolean eitherWidth = awBits == 39 || awBits == 48;
    if (!behaviour.hasFirstLevelTables()) {
      if (!eitherWidth) {
        return refused("Supported values for aw-bits are: 39, 48");
      }
    } else if (firstLevel && !scalable) {
      return refused("x-flts is only available in scalable mode");
    } else if (firstLevel && awBits != 48) {
      return refused("Scalable mode(flts=on): supported value for aw-bits is: 48");
    } else if (!eitherWidth) {
      return refused(
          (scalable ? "Scalable mode(flts=off)" : "Legacy mode")
              + ": supported values for aw-bits are: 39, 48");
    }
    if (scalable && !values.bool("dma-drain")) {
      return refused("Need to set dma_drain for scalable mode");
    }
    if (values.bool("x-pasid-mode") && !scalable) {
      return refused("Need to set scalable mode for PASID");
    }
    return Optional.empty();
  }

  private static Optional<QemuError> refused(String text) {
    return Optional.of(QemuError.of(text));
  }
}
