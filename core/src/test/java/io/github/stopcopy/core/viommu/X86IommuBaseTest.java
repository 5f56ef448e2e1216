package io.github.stopcopy.core.viommu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class X86IommuBaseTest {

  private static MachineFacts machine(String type, Accelerator accelerator, KernelIrqchip irqchip) {
    GuestMemory memory = new GuestMemory(false, false);
    return new MachineFacts(
        QemuProfile.V10_2,
        type,
        accelerator,
        irqchip,
        1,
        memory,
        memory.addressSpace("memory", memory.container("system", ByteSize.WHOLE_SPACE)),
        event -> {});
  }

  private static PropertyValues values(String intremap) {
    PropertySchema schema = new PropertySchema("x86-iommu", X86IommuBase.properties());
    Result<PropertyValues> read = schema.read(List.of(PropertySetting.of("intremap", intremap)));
    return ((Result.Ok<PropertyValues>) read).value();
  }

  @Test
  void R_VIO_1_baseProperties() {
    assertThat(X86IommuBase.properties())
        .extracting(property -> property.name() + " " + property.defaultValue().orElseThrow())
        .containsExactly("intremap AUTO", "device-iotlb false", "pt true");
    assertThat(X86IommuBase.DMA_TRANSLATION.defaultValue()).contains(true);
  }

  @ParameterizedTest
  @CsvSource({
    "KVM, ON, auto, false", "KVM, SPLIT, auto, true", "KVM, OFF, auto, true", "TCG, ON, auto, true",
    "KVM, ON, off, false", "KVM, SPLIT, off, false", "KVM, SPLIT, on, true", "TCG, ON, on, true",
  })
  void R_VIO_2_interruptRemapping(
      Accelerator accelerator, KernelIrqchip irqchip, String asked, boolean remaps) {
    assertThat(X86IommuBase.interruptRemapping(values(asked), machine("q35", accelerator, irqchip)))
        .isEqualTo(Result.ok(remaps));
  }

  @Test
  void R_VIO_2_interruptRemappingNeedsIoApicInUserSpace() {
    MachineFacts machine = machine("pc-q35-9.1", Accelerator.KVM, KernelIrqchip.ON);
    assertThat(X86IommuBase.interruptRemapping(values("on"), machine))
        .isEqualTo(
            Result.failed(
                QemuError.of(
                    "Interrupt Remapping cannot work with kernel-irqchip=on,"
                        + " please use 'split|off'.")));
  }

  @Test
  void R_VIO_2_needsPc() {
    MachineFacts machine = machine("microvm", Accelerator.KVM, KernelIrqchip.ON);
    assertThat(X86IommuBase.interruptRemapping(values("on"), machine))
        .isEqualTo(Result.failed(QemuError.of("Machine-type 'microvm' not supported by IOMMU")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "pc-i440fx-8.1", "pc-1.3"})
  void R_OBS_161_pcOfTheOlderFamilyTakesNoSuchDevice(String machineType) {
    MachineFacts machine = machine(machineType, Accelerator.KVM, KernelIrqchip.SPLIT);
    assertThat(X86IommuBase.interruptRemapping(values("on"), machine))
        .isEqualTo(
            Result.failed(
                QemuError.of(
                    "Parameter 'driver' expects a dynamic sysbus device type for the machine")));
  }
}
