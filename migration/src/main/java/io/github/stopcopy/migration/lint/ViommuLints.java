package io.github.stopcopy.migration.lint;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmRule.Found;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What is unwise about a vIOMMU. */
final class ViommuLints {

  private static final String INTEL = "intel-iommu";
  private static final String WIDTH = "aw-bits";
  private static final int MOST_CPUS_WITHOUT_REMAPPING = 255;
  private static final int[] USUAL_WIDTHS = {39, 48, 64};

  private ViommuLints() {}

  static List<Found> deviceOrder(PlayedVm vm) {
    return vm.devicesBeforeVirtualIommu().stream()
        .map(device ->
            LintCode.VIOMMU_AFTER_DEVICE.on(
                device, "", List.of(new RemedyChange.Action(RemedyChange.Action.VIOMMU_FIRST))))
        .toList();
  }

  /** Where the VM does not start for it the reason says so. */
  static List<Found> cachingMode(PlayedVm vm) {
    Optional<DeviceConfig> viommu = intel(vm);
    if (viommu.isEmpty() || !vm.isRunning() || Devices.isOn(vm, viommu.get(), "caching-mode")) {
      return List.of();
    }
    return List.of(
        LintCode.CACHING_MODE_OFF.onVm(
            "", List.of(Devices.set(viommu.get(), "caching-mode", "on"))));
  }

  static List<Found> narrowerThanMemory(PlayedVm vm) {
    Optional<IovaLimits> limits = translating(vm);
    OptionalLong last = vm.lastAddress();
    if (limits.isEmpty() || last.isEmpty()) {
      return List.of();
    }
    int needed = Long.SIZE - Long.numberOfLeadingZeros(last.getAsLong());
    int bits = limits.get().addressBits();
    if (needed <= bits) {
      return List.of();
    }
    return List.of(
        LintCode.VIOMMU_NARROWER_THAN_MEMORY.onVm(
            bits + " address bits, and memory or BARs of the VM take " + needed,
            width(vm, firstAtLeast(needed))));
  }

  static List<Found> widerThanHost(PlayedVm vm) {
    Optional<IovaLimits> limits = translating(vm);
    HostFacts host = vm.host();
    if (limits.isEmpty() || host.container().iovaRanges().isEmpty()) {
      return List.of();
    }
    int bits = limits.get().addressBits();
    int most =
        new HostIommu(host.container().pageSizes(), host.container().iovaRanges()).addressBits();
    if (bits <= most) {
      return List.of();
    }
    return List.of(
        LintCode.VIOMMU_WIDER_THAN_HOST.onVm(
            bits + " address bits, and the host's IOMMU maps " + most,
            width(vm, intel(vm).isPresent() ? lastAtMost(most) : most)));
  }

  static List<Found> notNeeded(PlayedVm vm) {
    Optional<DeviceConfig> viommu = vm.virtualIommuConfig();
    int vcpus = vm.config().vcpus();
    if (viommu.isEmpty()
        || vcpus > MOST_CPUS_WITHOUT_REMAPPING
        || vm.devices().stream().noneMatch(VfioDeviceView::isBehindVirtualIommu)) {
      return List.of();
    }
    return List.of(
        LintCode.VIOMMU_NOT_NEEDED.onVm(
            vcpus == 1 ? "1 vCPU" : vcpus + " vCPUs",
            List.of(new RemedyChange.Remove(Devices.target(viommu.get())))));
  }

  static List<Found> extendedInterrupts(PlayedVm vm) {
    Optional<DeviceConfig> viommu = intel(vm);
    int vcpus = vm.config().vcpus();
    if (viommu.isEmpty() || vcpus <= MOST_CPUS_WITHOUT_REMAPPING || !vm.isRunning()) {
      return List.of();
    }
    if (hasExtendedInterrupts(vm, viommu.get())) {
      return List.of();
    }
    return List.of(
        LintCode.EIM_OFF.onVm(
            vcpus + " vCPUs",
            List.of(
                Devices.set(viommu.get(), "intremap", "on"),
                Devices.set(viommu.get(), "eim", "on"),
                new RemedyChange.Set("machine", "kernel-irqchip", "split"))));
  }

  /** As R-VIO-2 and R-VIO-12 decide it. */
  private static boolean hasExtendedInterrupts(PlayedVm vm, DeviceConfig viommu) {
    Map<String, String> machine = vm.config().machineOptions();
    String irqchip =
        machine.getOrDefault("kernel-irqchip", machine.getOrDefault("kernel_irqchip", "on"));
    boolean inKernel =
        vm.config().acceleratorOn(vm.host()) == Accelerator.KVM && !irqchip.equals("off");
    boolean remaps =
        Devices.isOn(vm, viommu, "intremap")
            || !Devices.isOff(vm, viommu, "intremap") && !(inKernel && !irqchip.equals("split"));
    if (Devices.isOn(vm, viommu, "eim")) {
      return true;
    }
    boolean possible = inKernel || Devices.isOn(vm, viommu, "x-buggy-eim");
    return !Devices.isOff(vm, viommu, "eim") && possible && remaps;
  }

  static List<Found> dmaTranslation(PlayedVm vm) {
    if (vm.virtualIommuLimits().isEmpty() || vm.virtualIommuLimits().get().canTranslate()) {
      return List.of();
    }
    Optional<DeviceConfig> viommu = vm.virtualIommuConfig();
    if (viommu.isEmpty() || !Devices.isOff(vm, viommu.get(), "dma-translation")) {
      return List.of();
    }
    return vm.devices().stream()
        .filter(device -> vm.reasonCodes(device.name()).contains(ReasonCode.VIOMMU_PRESENT.name()))
        .map(device -> LintCode.DMA_TRANSLATION_OFF_STILL_BLOCKS.on(device.name(), "", List.of()))
        .toList();
  }

  /** The limits of a vIOMMU that the guest can turn on. */
  private static Optional<IovaLimits> translating(PlayedVm vm) {
    return vm.virtualIommuLimits().filter(IovaLimits::canTranslate);
  }

  private static Optional<DeviceConfig> intel(PlayedVm vm) {
    return vm.virtualIommuConfig().filter(device -> device.driver().equals(INTEL));
  }

  /** The change to another width, where the model has such a property. */
  private static List<RemedyChange> width(PlayedVm vm, int bits) {
    return vm.virtualIommuConfig()
        .filter(viommu -> bits > 0 && Devices.has(vm, viommu, WIDTH))
        .map(viommu -> List.of(Devices.set(viommu, WIDTH, Integer.toString(bits))))
        .orElse(List.of());
  }

  private static int firstAtLeast(int bits) {
    for (int width : USUAL_WIDTHS) {
      if (width >= bits) {
        return width;
      }
    }
    return 0;
  }

  private static int lastAtMost(int bits) {
    int last = 0;
    for (int width : USUAL_WIDTHS) {
      if (width <= bits) {
        last = width;
      }
    }
    return last;
  }
}
