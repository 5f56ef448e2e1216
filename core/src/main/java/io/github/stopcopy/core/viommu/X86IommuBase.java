package io.github.stopcopy.core.viommu;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.List;

/** The abstract {@code x86-iommu} that intel-iommu and amd-iommu extend (R-VIO-1, R-VIO-2). */
public final class X86IommuBase {

  /** Where interrupts go, in front of which a model puts its own region. */
  public static final long INTERRUPT_WINDOW = 0xfee00000L;

  /** The size of the interrupt window in bytes. */
  public static final long INTERRUPT_WINDOW_SIZE = 0x100000L;

  /** Whether the guest can turn DMA translation on; not every release has it in every model. */
  public static final PropertyDefinition DMA_TRANSLATION =
      PropertyDefinition.bool("dma-translation", true, "let the guest translate DMA");

  private static final List<PropertyDefinition> COMMON =
      List.of(
          PropertyDefinition.onOffAuto("intremap", OnOffAuto.AUTO, "remap interrupts"),
          PropertyDefinition.bool("device-iotlb", false, "let devices cache translations"),
          PropertyDefinition.bool("pt", true, "offer pass-through to the guest")
              .until(QemuProfile.V11_0));

  private X86IommuBase() {}

  /** The inherited properties of all releases (R-VIO-1, R-REL-A3.6). */
  public static List<PropertyDefinition> properties() {
    return COMMON;
  }

  /** Whether KVM has at least the local interrupt controllers. */
  public static boolean hasKernelIrqchip(MachineFacts machine) {
    return machine.accelerator() == Accelerator.KVM && machine.irqchip() != KernelIrqchip.OFF;
  }

  /**
   * The checks of the base class, and whether interrupts are remapped (R-VIO-2). Of the PCs, only
   * the q35 family takes such a device (R-OBS-161).
   *
   * @param values properties that include {@link #properties}
   * @param machine the machine the model is put into
   */
  public static Result<Boolean> interruptRemapping(PropertyValues values, MachineFacts machine) {
    if (!machine.isPc()) {
      return Result.failed(
          QemuError.of("Machine-type '" + machine.machineType() + "' not supported by IOMMU"));
    }
    if (!MachineTypes.isQ35(machine.machineType())) {
      return Result.failed(
          QemuError.of("Parameter 'driver' expects a dynamic sysbus device type for the machine"));
    }
    boolean allInKernel = hasKernelIrqchip(machine) && machine.irqchip() == KernelIrqchip.ON;
    OnOffAuto asked = values.onOffAuto("intremap");
    if (asked == OnOffAuto.ON && allInKernel) {
      return Result.failed(
          QemuError.of(
              "Interrupt Remapping cannot work with kernel-irqchip=on, please use 'split|off'."));
    }
    return Result.ok(asked == OnOffAuto.ON || asked == OnOffAuto.AUTO && !allInKernel);
  }
}
