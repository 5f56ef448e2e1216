package io.github.stopcopy.qemu.machine;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertyType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the memory layout must know of the virtual CPU.
 *
 * @param vendor the vendor the guest sees, e.g. {@code AuthenticAMD}
 * @param physBits how many physical address bits it has; empty if only the host knows
 */
record GuestCpu(String vendor, OptionalInt physBits) {

  static final String AMD = "AuthenticAMD";
  private static final String INTEL = "GenuineIntel";
  private static final String HYGON = "HygonGenuine";
  private static final int DEFAULT_PHYS_BITS = 40;
  private static final List<String> AMD_MODELS =
      List.of("qemu64", "max", "EPYC", "Opteron", "phenom", "athlon");

  static GuestCpu of(VmConfig vm, HostFacts host) {
    boolean kvm = vm.acceleratorOn(host) == Accelerator.KVM;
    String model = vm.cpuModel().orElse("qemu64");
    String vendor =
        Optional.ofNullable(vm.cpuOptions().get("vendor"))
            .orElseGet(() -> kvm ? host.cpuVendor().orElse(INTEL) : vendorOf(model));
    return new GuestCpu(vendor, physBits(vm, host, kvm, model));
  }

  /** The vendor of a model that the host's processor does not stand behind (R-OBS-5). */
  private static String vendorOf(String model) {
    for (String amd : AMD_MODELS) {
      if (model.startsWith(amd)) {
        return AMD;
      }
    }
    return model.startsWith("Dhyana") ? HYGON : INTEL;
  }

  private static OptionalInt physBits(VmConfig vm, HostFacts host, boolean kvm, String model) {
    int given = number(vm, "phys-bits");
    if (given > 0) {
      return OptionalInt.of(given);
    }
    String asHost = vm.cpuOptions().get("host-phys-bits");
    boolean likeHost =
        asHost == null
            ? model.equals("host")
                || model.equals("max")
                || MachineTypes.hasWidthOfHost(vm.machineType())
            : PropertyType.Bool.parse(asHost).orElse(false);
    if (!kvm || !likeHost) {
      return OptionalInt.of(DEFAULT_PHYS_BITS);
    }
    int limit = number(vm, "host-phys-bits-limit");
    return host.cpuPhysBits().isEmpty() || limit == 0
        ? host.cpuPhysBits()
        : OptionalInt.of(Math.min(host.cpuPhysBits().getAsInt(), limit));
  }

  private static int number(VmConfig vm, String option) {
    String text = vm.cpuOptions().get(option);
    try {
      return text == null ? 0 : (int) U64.parse(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("CPU option " + option + "=" + text + " is no number", e);
    }
  }
}
