package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryMap;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.migration.reason.Cause;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The machine before any device: system memory and where interrupts are handled. */
final class Machine {

  private static final int LAST_XAPIC_CPU = 255;

  /** Types as QEMU itself names them, and Proxmox VE's, which are these. */
  private static final Pattern QEMUS_OWN = Pattern.compile("q35(\\+.*)?|pc-q35-[0-9].*");

  private final MachineFacts facts;
  private final MemoryMap map;
  private final Map<String, String> options;

  Machine(VmConfig vm, QemuProfile profile, HostFacts host, EventLog events) {
    Accelerator accelerator = vm.acceleratorOn(host);
    GuestMemory memory =
        new GuestMemory(accelerator == Accelerator.TCG, profile.hasUnmergeableRegions());
    MemoryRegion.Container root = memory.container("system", ByteSize.WHOLE_SPACE);
    AddressSpace system = memory.addressSpace("memory", root);
    this.map = new MemoryMap(memory, root);
    this.options = vm.machineOptions();
    this.facts =
        new MachineFacts(
            profile,
            vm.machineType(),
            accelerator,
            irqchip(vm, accelerator),
            vm.vcpus(),
            memory,
            system,
            events);
  }

  MachineFacts facts() {
    return facts;
  }

  MemoryMap map() {
    return map;
  }

  /** Why QEMU ends before it realizes any device. */
  Optional<DeviceFinding> refuse(Result<MemoryPlan> plan) {
    if (MachineTypes.isNewerThan(facts.profile(), facts.machineType())) {
      String unsupported = "unsupported machine type: \"" + facts.machineType() + "\"";
      return Optional.of(
          DeviceFinding.of(
              Cause.MACHINE_TYPE_OF_LATER_RELEASE,
              Optional.empty(),
              QemuError.of(unsupported).withHint("Use -machine help to list supported machines")));
    }
    // All machines can have so many; names take long to read.
    int most = facts.vcpus() > LAST_XAPIC_CPU ? mostVcpus(machineName()) : LAST_XAPIC_CPU;
    if (facts.vcpus() > most) {
      return Optional.of(
          DeviceFinding.of(
              Cause.MORE_VCPUS_THAN_THE_MACHINE_TAKES,
              Optional.empty(),
              QemuError.of(
                  "Invalid SMP CPUs "
                      + facts.vcpus()
                      + ". The max CPUs supported by machine '"
                      + machineName()
                      + "' is "
                      + most)));
    }
    Optional<QemuError> property =
        MachineProperties.refuse(facts.profile(), facts.machineType(), options);
    if (property.isPresent()) {
      return Optional.of(
          DeviceFinding.of(Cause.MACHINE_PROPERTY_UNKNOWN, Optional.empty(), property.get()));
    }
    if (plan instanceof Result.Failed<MemoryPlan> failed) {
      return Optional.of(
          DeviceFinding.of(Cause.PHYS_BITS_TOO_LOW, Optional.empty(), failed.error()));
    }
    if (facts.vcpus() > LAST_XAPIC_CPU
        && facts.accelerator() == Accelerator.KVM
        && facts.irqchip() == KernelIrqchip.OFF) {
      return Optional.of(
          DeviceFinding.of(
              Cause.TOO_MANY_VCPUS,
              Optional.empty(),
              QemuError.of(
                  "current -smp configuration requires kernel irqchip and X2APIC API support.")));
    }
    return Optional.empty();
  }

  /** The machine as QEMU names it, which knows what {@code q35} and {@code pc} stand for. */
  private String machineName() {
    String type = facts.machineType();
    boolean alias = type.equals("q35") || type.equals("pc");
    QemuProfile profile = facts.profile();
    String newest = profile == QemuProfile.V8_1_IOMMU_PT ? "8.2" : profile.id();
    return alias ? (type.equals("pc") ? "pc-i440fx-" : "pc-q35-") + newest : type;
  }

  /**
   * How many virtual CPUs a machine of this type can have, as the binaries 10.0 and 11.1 say.
   * Distributions set other limits for their q35.
   */
  private static int mostVcpus(String type) {
    boolean isQ35 = MachineTypes.isQ35(type);
    if (isQ35 && !QEMUS_OWN.matcher(type).matches()) {
      return Integer.MAX_VALUE;
    }
    if (!isQ35 || MachineTypes.isAtMost(type, 2, 7)) {
      return LAST_XAPIC_CPU;
    }
    if (MachineTypes.isAtMost(type, 8, 0)) {
      return 288;
    }
    return MachineTypes.isAtMost(type, 8, 2) ? 1024 : 4096;
  }

  private static KernelIrqchip irqchip(VmConfig vm, Accelerator accelerator) {
    String given = vm.machineOptions().get("kernel-irqchip");
    if (given == null) {
      given = vm.machineOptions().getOrDefault("kernel_irqchip", "");
    }
    return switch (given) {
      case "split" -> KernelIrqchip.SPLIT;
      case "off" -> KernelIrqchip.OFF;
      case "on" -> KernelIrqchip.ON;
      default -> accelerator == Accelerator.KVM ? KernelIrqchip.ON : KernelIrqchip.OFF;
    };
  }
}
