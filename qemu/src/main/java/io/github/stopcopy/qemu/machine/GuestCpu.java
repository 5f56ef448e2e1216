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
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the memory layout must know of the virtual CPU.
 *
 * @param vendor the vendor the guest sees, e.g. {@code AuthenticAMD}
 * @param physBits how many physical address bits it has; empty if only the host knows
 * @param mostPhysBits how many it has at most, if only the host knows, but the VM sets a limit
 * @param hasLongMode whether it has 64 bits; others see no PCI memory above RAM
 */
record GuestCpu(
    String vendor, OptionalInt physBits, OptionalInt mostPhysBits, boolean hasLongMode) {

  static final String AMD = "AuthenticAMD";
  private static final String INTEL = "GenuineIntel";
  private static final String HYGON = "HygonGenuine";
  private static final String HOST = "host";
  private static final int DEFAULT_PHYS_BITS = 40;

  /** What a processor without 64 bits addresses, and one that extends its page size (PSE-36). */
  private static final int PHYS_BITS_OF_32_BIT = 32;

  private static final int PHYS_BITS_WITH_PSE36 = 36;

  private static final List<String> AMD_MODELS =
      List.of("qemu64", "max", "EPYC", "Opteron", "phenom", "athlon");
  private static final Set<String> MODELS_OF_32_BIT = Set.of("486", "pentium", "base");
  private static final Set<String> MODELS_WITH_PSE36 =
      Set.of("athlon", "coreduo", "kvm32", "n270", "pentium2", "pentium3", "qemu32");
  private static final Pattern MODEL_VERSION = Pattern.compile("-v[0-9]+$");

  static GuestCpu of(VmConfig vm, HostFacts host) {
    String model = vm.cpuModel().orElse("qemu64");
    // the model of the host is KVM's, whoever forgot to say so
    boolean kvm = vm.acceleratorOn(host) == Accelerator.KVM || model.equals(HOST);
    String vendor =
        Optional.ofNullable(vm.cpuOptions().get("vendor"))
            .orElseGet(() -> kvm ? host.cpuVendor().orElse(INTEL) : vendorOf(model));
    OptionalInt bits32 = physBitsWithoutLongMode(vm, model);
    if (bits32.isPresent()) {
      return new GuestCpu(vendor, bits32, bits32, false);
    }
    OptionalInt bits = physBits(vm, host, kvm, model);
    int limit = number(vm, "host-phys-bits-limit");
    boolean limited = bits.isEmpty() && limit > 0;
    return new GuestCpu(vendor, bits, limited ? OptionalInt.of(limit) : bits, true);
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

  /** The fixed width of a processor that has no 64 bits; empty for one that has. */
  private static OptionalInt physBitsWithoutLongMode(VmConfig vm, String model) {
    String name = model.contains("-v") ? MODEL_VERSION.matcher(model).replaceFirst("") : model;
    boolean plain = MODELS_OF_32_BIT.contains(name);
    boolean extended = MODELS_WITH_PSE36.contains(name);
    String longMode = vm.cpuOptions().get("lm");
    if (longMode == null ? !plain && !extended : PropertyType.Bool.parse(longMode).orElse(true)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(plain ? PHYS_BITS_OF_32_BIT : PHYS_BITS_WITH_PSE36);
  }

  private static OptionalInt physBits(VmConfig vm, HostFacts host, boolean kvm, String model) {
    String asHost = vm.cpuOptions().get("host-phys-bits");
    boolean isModelOfHost = model.equals(HOST) || model.equals("max");
    boolean likeHost =
        asHost == null
            ? isModelOfHost || MachineTypes.hasHostPhysBits(vm.machineType())
            : PropertyType.Bool.parse(asHost).orElse(false);
    int given = number(vm, "phys-bits");
    if (kvm && likeHost) {
      // also where phys-bits= is given, of which QEMU only warns
      int limit = number(vm, "host-phys-bits-limit");
      if (host.cpuPhysBits().isEmpty()) {
        return OptionalInt.empty();
      }
      int bits = host.cpuPhysBits().getAsInt();
      return OptionalInt.of(limit == 0 ? bits : Math.min(bits, limit));
    }
    if (given > 0) {
      return OptionalInt.of(given);
    }
    boolean mayBeLikeHost = asHost == null && !MachineTypes.isKnown(vm.machineType());
    return kvm && mayBeLikeHost ? OptionalInt.empty() : OptionalInt.of(DEFAULT_PHYS_BITS);
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
