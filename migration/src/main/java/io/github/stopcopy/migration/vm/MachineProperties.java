package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The properties that PCs have from 10.0 on, as the binaries 10.0.13 and 11.1.3 list them, with the
 * names that {@code -machine} takes for the accelerator and the flash (R-OBS-162). Of releases
 * before that it is not known what they had and have no more.
 */
final class MachineProperties {

  private static final Set<String> ALL =
      Set.of(
          "acpi",
          "acpi-device",
          "append",
          "aux-ram-share",
          "boot",
          "bus-lock-ratelimit",
          "confidential-guest-support",
          "cxl",
          "cxl-fmw",
          "default-bus-bypass-iommu",
          "dt-compatible",
          "dtb",
          "dump-guest-core",
          "dumpdtb",
          "fd-bootchk",
          "firmware",
          "graphics",
          "hmat",
          "hpet",
          "i8042",
          "initrd",
          "kernel",
          "max-fw-size",
          "max-ram-below-4g",
          "mem-merge",
          "memory",
          "memory-backend",
          "memory-encryption",
          "nvdimm",
          "nvdimm-persistence",
          "pcspk-audiodev",
          "phandle-start",
          "pic",
          "pit",
          "rtc-time",
          "sata",
          "sgx-epc",
          "shim",
          "smbios-entry-point-type",
          "smbus",
          "smm",
          "smp",
          "smp-cache",
          "smram",
          "suppress-vmdesc",
          "usb",
          "vmport",
          "x-oem-id",
          "x-oem-table-id",
          // the accelerator, the flash and the type
          "accel",
          "igd-passthru",
          "kernel-irqchip",
          "kvm-shadow-mem",
          "pflash0",
          "pflash1",
          "type");

  /** Those of 11.1 that 10.0 has not; where in between they came is not known. */
  private static final Set<String> LATER = Set.of("spcr", "wdat", "x-change-vmfd-on-reset");

  /** That of the older family only. */
  private static final String OLDER_FAMILY = "x-south-bridge";

  private static final Pattern VERSIONED = Pattern.compile("pc-(?:q35|i440fx)-[0-9]+\\.[0-9]+");

  private MachineProperties() {}

  /**
   * Why a machine of this type does not take these options.
   *
   * @param options as given, underscores for dashes allowed, in their order
   */
  static Optional<QemuError> refuse(
      QemuProfile profile, String machineType, Map<String, String> options) {
    if (!profile.isFrom(V10_0)) {
      return Optional.empty();
    }
    Optional<String> typeName = typeName(profile, machineType);
    if (typeName.isEmpty()) {
      return Optional.empty();
    }
    for (String option : options.keySet()) {
      int dot = option.indexOf('.');
      String property = (dot < 0 ? option : option.substring(0, dot)).replace('_', '-');
      boolean known =
          ALL.contains(property)
              || profile.isFrom(V10_1) && LATER.contains(property)
              || property.equals(OLDER_FAMILY) && !MachineTypes.isQ35(machineType);
      if (!known) {
        return Optional.of(
            QemuError.of("Property '" + typeName.get() + "-machine." + property + "' not found"));
      }
    }
    return Optional.empty();
  }

  /** What QEMU calls the type; empty for those of distributions, which may have more. */
  private static Optional<String> typeName(QemuProfile profile, String machineType) {
    return switch (machineType) {
      case "q35" -> Optional.of("pc-q35-" + profile.id());
      case "pc" -> Optional.of("pc-i440fx-" + profile.id());
      default ->
          VERSIONED.matcher(machineType).matches() ? Optional.of(machineType) : Optional.empty();
    };
  }
}
