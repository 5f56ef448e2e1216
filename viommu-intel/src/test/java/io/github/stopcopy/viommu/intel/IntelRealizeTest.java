package io.github.stopcopy.viommu.intel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntelRealizeTest {

  private static final HostIommu ANY_HOST = new HostIommu(0x1000, List.of());
  private static final HostIommu HOST_OF_39_BITS =
      new HostIommu(
          0x1000,
          List.of(new AddressRange(0, 0xfedfffffL), new AddressRange(0xfef00000L, 0x7fffffffffL)));

  private static String refusal(MachineFacts machine, String settings) {
    Result<VirtualIommu> result = TestVm.realize(machine, settings.split(" "));
    return result instanceof Result.Failed<VirtualIommu> failed ? failed.error().text() : "none";
  }

  /** Each line breaks its own rule and all that are checked later. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-pasid-mode=on device-iotlb=on intremap=off eim=on aw-bits=57"
            + "| PASID based device IOTLB is not supported",
        "x-pasid-mode=on intremap=off eim=on aw-bits=57 x-scalable-mode=on dma-drain=off"
            + "| eim=on cannot be selected without intremap=on",
        "x-pasid-mode=on aw-bits=57 x-scalable-mode=on dma-drain=off"
            + "| Supported values for aw-bits are: 39, 48",
        "aw-bits=0| Supported values for aw-bits are: 39, 48",
        "x-pasid-mode=on x-scalable-mode=on dma-drain=off"
            + "| Need to set dma_drain for scalable mode",
        "x-pasid-mode=on dma-drain=off| Need to set scalable mode for PASID",
        "x-pasid-mode=on x-scalable-mode=on| none",
        "aw-bits=39 intremap=on eim=on| none",
        "aw-bits=48 intremap=off| none",
      })
  void R_VIO_10_to_R_VIO_15_orderAndTextsOf81(String settings, String text) {
    assertThat(refusal(TestVm.machine(QemuProfile.V8_2), settings)).isEqualTo(text);
    assertThat(refusal(TestVm.machine(QemuProfile.V8_1_IOMMU_PT), settings)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-pasid-mode=on device-iotlb=on x-scalable-mode=on| none",
        "intremap=off eim=on aw-bits=57 x-flts=on| eim=on cannot be selected without intremap=on",
        "aw-bits=57 x-flts=on| x-flts is only available in scalable mode",
        "aw-bits=57 x-scalable-mode=on dma-drain=off"
            + "| Scalable mode(flts=off): supported values for aw-bits are: 39, 48",
        "aw-bits=39 x-flts=on x-scalable-mode=on"
            + "| Scalable mode(flts=on): supported value for aw-bits is: 48",
        "aw-bits=57| Legacy mode: supported values for aw-bits are: 39, 48",
        "x-scalable-mode=on dma-drain=off x-pasid-mode=on"
            + "| Need to set dma_drain for scalable mode",
        "x-pasid-mode=on| Need to set scalable mode for PASID",
        "x-flts=on x-scalable-mode=on| none",
        "aw-bits=39 x-scalable-mode=on| none",
      })
  void R_VIO_11_to_R_VIO_15_orderAndTextsOf102(String settings, String text) {
    assertThat(refusal(TestVm.machine(QemuProfile.V10_2), settings)).isEqualTo(text);
    assertThat(refusal(TestVm.machine(QemuProfile.V11_0), settings))
        .isEqualTo(text.replace("mode(flts", "mode(x-flts"));
  }

  /** As QEMU 11.1.3 answers. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "svm=on| Need to set device IOTLB for svm",
        "svm=on device-iotlb=on| Need to set fsts for svm",
        "svm=on device-iotlb=on scalable-mode=on fsts=on dma-translation=off"
            + "| Need to set dma-translation for svm",
        "svm=on device-iotlb=on scalable-mode=on fsts=on| Need to set PASID support for svm",
        "svm=on device-iotlb=on scalable-mode=on fsts=on pasid-bits=20| none",
        "svm=on fsts=on| fsts is only available in scalable mode",
        "svm=on aw-bits=57| Legacy mode: supported values for aw-bits are: 39, 48",
        "pasid-bits=21| Need to set scalable mode for PASID",
        "pasid-bits=21 scalable-mode=on"
            + "| PASID width 21 exceeds Max PASID Width 20 allowed in PCI spec",
        "pasid-bits=20 scalable-mode=on| none",
        "aw-bits=57 scalable-mode=on"
            + "| Scalable mode(fsts=off): supported values for aw-bits are: 39, 48",
        "aw-bits=39 scalable-mode=on fsts=on"
            + "| Scalable mode(fsts=on): supported value for aw-bits is: 48",
        "eim=on intremap=off svm=on| eim=on cannot be selected without intremap=on",
      })
  void R_REL_A3_5_and_A3_6_orderAndTextsOf111(String settings, String text) {
    assertThat(refusal(TestVm.machine(QemuProfile.V11_1), settings)).isEqualTo(text);
  }

  private static final HostIommu NESTING = new HostIommu(0x1000, List.of(), true, true);

  @Test
  void R_OBS_117_firstStageNeedsAnIommufdOnVtd() {
    VirtualIommu later =
        TestVm.with(QemuProfile.V11_1, "caching-mode=on", "scalable-mode=on", "fsts=on").iommu;
    assertThat(later.attach(TestVm.V1, ANY_HOST).map(QemuError::text))
        .contains("Need IOMMUFD backend when fsts=on");
    assertThat(
            later
                .attach(TestVm.V1, new HostIommu(0x1000, List.of(), true, false))
                .map(QemuError::text))
        .contains("Incompatible host platform IOMMU type 0");
    assertThat(later.attach(TestVm.V1, NESTING)).isEmpty();
    VirtualIommu older =
        TestVm.with(QemuProfile.V10_0, "caching-mode=on", "x-scalable-mode=on", "x-flts=on").iommu;
    assertThat(older.attach(TestVm.V1, NESTING).map(QemuError::text))
        .contains("host device is uncompatible with stage-1 translation");
  }

  @Test
  void R_REL_A3_2_aNestedDeviceSeesSystemMemoryWhateverTheGuestDoes() {
    TestVm vm = TestVm.with(QemuProfile.V11_1, "caching-mode=on", "scalable-mode=on", "fsts=on");
    assertThat(vm.iommu.attach(TestVm.V1, NESTING)).isEmpty();
    vm.iommu.guest(new GuestAction.Enable());
    assertThat(vm.view(TestVm.V1).at(0x1000).orElseThrow().region().name()).isEqualTo("ram0");
    assertThat(vm.view(TestVm.V2).at(0x1000).orElseThrow().region().name())
        .isEqualTo("vtd-06.0-dmar");
  }

  @Test
  void R_VIO_2_baseChecksComeFirst() {
    MachineFacts microvm =
        TestVm.machine(QemuProfile.V8_2, "microvm", Accelerator.KVM, KernelIrqchip.ON);
    assertThat(refusal(microvm, "aw-bits=57"))
        .isEqualTo("Machine-type 'microvm' not supported by IOMMU");
    MachineFacts inKernel =
        TestVm.machine(QemuProfile.V8_2, "q35", Accelerator.KVM, KernelIrqchip.ON);
    assertThat(refusal(inKernel, "intremap=on x-pasid-mode=on device-iotlb=on"))
        .isEqualTo(
            "Interrupt Remapping cannot work with kernel-irqchip=on, please use 'split|off'.");
  }

  @ParameterizedTest
  @CsvSource({
    // accelerator, irqchip, intremap, eim, x-buggy-eim: remaps, reaches high APIC ids, text of 8.1
    "KVM, SPLIT, auto, auto, off, true, true, none",
    "KVM, SPLIT, off, auto, off, false, false, none",
    "KVM, SPLIT, on, off, off, true, false, none",
    "KVM, ON, auto, auto, off, false, false, none",
    "KVM, OFF, on, auto, off, true, false, none",
    "KVM, OFF, on, auto, on, true, true, none",
    "KVM, OFF, on, on, on, true, true, none",
    "KVM, OFF, on, on, off, true, true, 'eim=on requires accel=kvm,kernel-irqchip=split'",
    "TCG, SPLIT, auto, auto, off, true, false, none",
    "TCG, SPLIT, on, on, off, true, true, 'eim=on requires accel=kvm,kernel-irqchip=split'",
  })
  void R_VIO_12_and_R_VIO_13_extendedInterruptMode(
      Accelerator accelerator,
      KernelIrqchip irqchip,
      String intremap,
      String eim,
      String buggy,
      boolean remaps,
      boolean extended,
      String textOf81) {
    String settings = "intremap=" + intremap + " eim=" + eim + " x-buggy-eim=" + buggy;
    assertThat(refusal(TestVm.machine(QemuProfile.V8_2, "q35", accelerator, irqchip), settings))
        .isEqualTo(textOf81);
    TestVm vm =
        TestVm.with(
            TestVm.machine(QemuProfile.V10_2, "q35", accelerator, irqchip), settings.split(" "));
    assertThat(vm.iommu.settings().interruptRemapping()).isEqualTo(remaps);
    assertThat(vm.iommu.settings().extendedInterrupts()).isEqualTo(extended);
  }

  @ParameterizedTest
  @CsvSource({
    "V8_2, q35, '', 39, false", "V8_2, pc-q35-8.1, aw-bits=48, 48, false",
    "V10_2, q35, '', 48, false", "V10_2, pc-q35-9.2, '', 48, false",
    "V10_2, pc-q35-9.1, '', 39, true", "V10_2, pc-q35-8.0, '', 39, true",
    "V10_2, pc-q35-9.1, aw-bits=48, 48, true", "V10_2, pc-q35-9.1, stale-tm=off, 39, false",
    "V10_2, q35, stale-tm=on, 48, true", "V11_0, pc-q35-11.0, '', 48, false",
  })
  void R_VIO_14_defaultsOfMachineTypes(
      QemuProfile profile, String machine, String settings, int awBits, boolean staleTm) {
    String[] given = settings.isEmpty() ? new String[0] : settings.split(" ");
    TestVm vm =
        TestVm.with(TestVm.machine(profile, machine, Accelerator.KVM, KernelIrqchip.SPLIT), given);
    assertThat(vm.iommu.limits()).isEqualTo(IovaLimits.ofBits(true, awBits));
    assertThat(vm.iommu.settings().staleTm()).isEqualTo(staleTm);
  }

  @Test
  void R_VIO_16_withoutDmaTranslationItCannotTranslate() {
    TestVm vm = TestVm.with(QemuProfile.V8_2, "dma-translation=off");
    assertThat(vm.iommu.limits()).isEqualTo(new IovaLimits(false, 39, 0x7fffffffffL));
  }

  @Test
  void R_VIO_18_cachingModeIsCheckedAtMachineDoneIn81() {
    TestVm vm = TestVm.with(QemuProfile.V8_1_IOMMU_PT, "aw-bits=48");
    assertThat(vm.iommu.attach(TestVm.V1, HOST_OF_39_BITS)).isEmpty();
    assertThat(vm.iommu.machineDone(List.of())).isEmpty();
    assertThat(vm.iommu.machineDone(List.of(TestVm.V1)))
        .map(QemuError::text)
        .contains(
            "We need to set caching-mode=on for intel-iommu to enable device assignment with"
                + " IOMMU protection.");
    assertThat(TestVm.usual().iommu.machineDone(List.of(TestVm.V1))).isEmpty();
  }

  @Test
  void R_OBS_164_whatIsPluggedLaterIsRefusedInTheWordsOfLaterReleases() {
    assertThat(TestVm.with(QemuProfile.V8_2).iommu.refusesPlug())
        .map(QemuError::text)
        .contains(
            "Device assignment is not allowed without enabling"
                + " caching-mode=on for Intel IOMMU.");
    assertThat(TestVm.with(QemuProfile.V8_2, "caching-mode=on").iommu.refusesPlug()).isEmpty();
    assertThat(TestVm.with(QemuProfile.V10_2).iommu.refusesPlug())
        .as("each attach is refused there")
        .isEmpty();
  }

  @Test
  void R_VIO_18_and_R_OBS_4_cachingModeIsCheckedAtAttachIn102() {
    TestVm vm = TestVm.with(QemuProfile.V10_2);
    assertThat(vm.iommu.machineDone(List.of(TestVm.V1))).isEmpty();
    assertThat(vm.iommu.attach(TestVm.V1, HOST_OF_39_BITS))
        .map(QemuError::text)
        .contains(
            "Device assignment is not allowed without enabling"
                + " caching-mode=on for Intel IOMMU.");
  }

  @Test
  void R_VIO_17_widthIsHeldAgainstTheHostIn102() {
    TestVm vm = TestVm.with(QemuProfile.V10_2, "caching-mode=on");
    assertThat(vm.iommu.attach(TestVm.V1, ANY_HOST)).isEmpty();
    assertThat(vm.iommu.attach(TestVm.V1, HOST_OF_39_BITS))
        .map(QemuError::text)
        .contains("aw-bits 48 > host aw-bits 39");
    TestVm narrow = TestVm.with(QemuProfile.V11_0, "caching-mode=on", "aw-bits=39");
    assertThat(narrow.iommu.attach(TestVm.V1, HOST_OF_39_BITS)).isEmpty();
  }
}
