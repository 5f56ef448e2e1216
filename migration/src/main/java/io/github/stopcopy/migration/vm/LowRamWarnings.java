package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.property.SizeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What QEMU warns of where {@code max-ram-below-4g} splits RAM awkwardly (R-OBS-169). */
final class LowRamWarnings {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** What a q35 leaves below 4 GiB if RAM fits there, and if it does not. */
  private static final long Q35_ALL = 0xb0000000L;

  private static final long Q35_PART = 0x80000000L;

  /** What the older PC leaves at most if RAM does not fit. */
  private static final long PC_PART = 0xc0000000L;

  private LowRamWarnings() {}

  /** The warnings in QEMU's order; none without the option. */
  static List<String> of(VmConfig vm) {
    Optional<Long> option =
        Optional.ofNullable(vm.machineOptions().get("max-ram-below-4g"))
            .flatMap(text -> SizeText.parse(text, 'B'));
    if (option.isEmpty()) {
      return List.of();
    }
    long most = option.get();
    List<String> warnings = new ArrayList<>();
    if (U64.less(most, MIB)) {
      warnings.add(
          "Only "
              + most
              + " bytes of RAM below the 4GiB boundary,BIOS may not work with less than 1MiB");
    }
    if (vm.isQ35()) {
      long usual = U64.less(vm.ramSize(), Q35_ALL) ? Q35_ALL : Q35_PART;
      // The difference wraps in QEMU if RAM is smaller than the limit, and is then large.
      if (U64.less(most, usual) && U64.less(most, vm.ramSize() - most) && most % GIB != 0) {
        warnings.add(
            "There is possibly poor performance as the ram size  ("
                + U64.hex(vm.ramSize())
                + ") is more then twice the size of max-ram-below-4g ("
                + most
                + ") and max-ram-below-4g is not a multiple of 1G.");
      }
    } else if (!U64.less(vm.ramSize(), most) && U64.min(most, PC_PART) % GIB != 0) {
      warnings.add(
          "Large machine and max_ram_below_4g ("
              + most
              + ") not a multiple of 1G; possible bad performance.");
    }
    return warnings;
  }
}
