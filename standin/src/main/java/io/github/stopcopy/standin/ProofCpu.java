package io.github.stopcopy.standin;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertyType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The processors of a VM as they can be had here. Not thread-safe. */
final class ProofCpu {

  /** What QEMU takes where a command line says nothing. */
  static final String USUAL_MODEL = "qemu64";

  /** Processors beyond have ids that need x2APIC, and SMBIOS tables of version 3. */
  static final int MOST_XAPIC_CPUS = 255;

  /** What a processor's option says of its address width and its interrupts. */
  private static final Set<String> KEYS =
      Set.of("model", "phys-bits", "host-phys-bits", "host-phys-bits-limit", "vendor", "x2apic");

  /** How many bits the processors of many hosts address, for a host of which that is not known. */
  private static final int USUAL_PHYS_BITS = 46;

  private final BinaryTypes types;
  private final VmConfig vm;
  private final HostFacts host;
  private final boolean kvm;
  private final List<String> changes;

  /**
   * Processors of one VM.
   *
   * @param types what the QEMU has that is to run it
   * @param kvm whether KVM can be used here
   * @param changes where it is told what was replaced
   */
  ProofCpu(BinaryTypes types, VmConfig vm, HostFacts host, boolean kvm, List<String> changes) {
    this.types = types;
    this.vm = vm;
    this.host = host;
    this.kvm = kvm;
    this.changes = changes;
  }

  /**
   * The option's value.
   *
   * @param value what is given
   */
  String rewrite(String value) {
    OptionText cpu = OptionText.parse(value, "model");
    String model = cpu.get("model").orElse("");
    cpu.keep(KEYS);
    boolean isHost = model.equals("host") || model.equals("max");
    physBits(cpu, isHost);
    if (!kvm
        && ProofCommandLine.wantsKvm(vm, host)
        && vm.vcpus() > MOST_XAPIC_CPUS
        && !cpu.has("x2apic")) {
      cpu.put("x2apic", "on"); // as every processor has it with KVM
    }
    String known =
        model.equals("host") && !kvm
            ? "max"
            : isHost || types.processors().contains(model) ? model : USUAL_MODEL;
    if (!known.equals(model)) {
      changes.add(
          "processor "
              + model
              + " became "
              + known
              + (model.equals("host") ? ": KVM cannot be used here" : ": this QEMU has it not"));
      cpu.put("model", known);
    }
    return cpu.toString();
  }

  /**
   * The address width where it is that of the host's processor: of the host in question, not of
   * this machine.
   */
  private void physBits(OptionText cpu, boolean isModelOfHost) {
    boolean isAsHost =
        cpu.get("host-phys-bits")
            .map(text -> PropertyType.Bool.parse(text).orElse(false))
            .orElse(isModelOfHost || MachineTypes.hasHostPhysBits(vm.machineType()));
    if (!isAsHost || cpu.has("phys-bits") || !ProofCommandLine.wantsKvm(vm, host)) {
      return;
    }
    if (host.cpuPhysBits().isEmpty() && kvm) {
      cpu.put("host-phys-bits", "on"); // a machine type in place of another may not have it so
      return;
    }
    int bits = host.cpuPhysBits().orElse(USUAL_PHYS_BITS);
    if (host.cpuPhysBits().isEmpty()) {
      changes.add(
          "processors address " + bits + " bits; how many those of the host do is not known");
    }
    Optional<String> limit = cpu.get("host-phys-bits-limit");
    if (limit.isPresent() && limit.get().matches("[1-9][0-9]")) {
      bits = Math.min(bits, Integer.parseInt(limit.get()));
    }
    cpu.drop(List.of("host-phys-bits", "host-phys-bits-limit"));
    cpu.put("host-phys-bits", "off");
    cpu.put("phys-bits", String.valueOf(bits));
  }
}
