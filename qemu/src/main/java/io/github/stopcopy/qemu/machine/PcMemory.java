package io.github.stopcopy.qemu.machine;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.property.SizeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The memory of QEMU's PC machines: {@code q35}, {@code pc} and their versions (R-OBS-5, R-OBS-15,
 * R-OBS-18). It reads all it needs from the VM, so that any two are equal. Thread-safe.
 *
 * <p>Only memory is placed, no I/O. The size of firmware in flash is not on the command line; 4 MiB
 * are assumed, which is of no consequence, because flash is never mapped for devices (R-OBS-9).
 */
public record PcMemory() implements MachineMemory {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long FOUR_GIB = 4 * GIB;
  private static final long TIB = 1L << 40;
  private static final long AMD_HOLE = 0xfd00000000L;
  private static final long BIOS_FIRST = 0xfffc0000L;
  private static final long FLASH_SIZE = 4 * MIB;

  /** Whether a machine of this name is laid out by this class. */
  public static boolean models(String machineType) {
    return MachineTypes.isQ35(machineType)
        || MachineTypes.isPc(machineType)
            && (!machineType.startsWith("pc-") || machineType.startsWith("pc-i440fx-"));
  }

  /**
   * The layout, or QEMU's error if RAM lies above what the CPU can address.
   *
   * @throws IllegalArgumentException if the machine is no PC, or an option that readers check holds
   *     no number
   */
  @Override
  public Result<MemoryPlan> plan(VmConfig vm, QemuProfile profile, HostFacts host) {
    if (!models(vm.machineType())) {
      throw new IllegalArgumentException("machine '" + vm.machineType() + "' is no PC");
    }
    GuestCpu cpu = GuestCpu.of(vm, host);
    long below = U64.min(vm.ramSize(), lowLimit(vm));
    long above = vm.ramSize() - below;
    long aboveBase = FOUR_GIB;
    if (cpu.vendor().equals(GuestCpu.AMD)
        && avoidsAmdHole(vm)
        && !U64.less(lastAddress(vm, cpu, aboveBase + above), AMD_HOLE)) {
      aboveBase = TIB;
    }
    long end = U64.addSaturated(aboveBase, above);
    long last = lastAddress(vm, cpu, end);
    Optional<QemuError> error = beyondCpu(cpu.mostPhysBits(), last);
    if (error.isPresent()) {
      return Result.failed(error.get());
    }
    String ram = vm.machineOptions().getOrDefault("memory-backend", "pc.ram");
    return Result.ok(
        new MemoryPlan(
            rows(vm, profile, ram, below, aboveBase, above, false),
            rows(vm, profile, ram, below, aboveBase, above, true),
            Optional.empty(),
            roundUpGib(end),
            deviceMemorySize(vm),
            cpu.physBits().isPresent() ? OptionalInt.empty() : OptionalInt.of(bitsFor(last))));
  }

  /** How much RAM may lie below 4 GiB, in bytes. */
  private static long lowLimit(VmConfig vm) {
    String option = vm.machineOptions().get("max-ram-below-4g");
    Optional<Long> most = Optional.ofNullable(option).map(text -> size("max-ram-below-4g", text));
    if (vm.isQ35()) {
      long limit = U64.less(vm.ramSize(), 0xb0000000L) ? 0xb0000000L : 0x80000000L;
      return U64.min(limit, most.orElse(limit));
    }
    long limit = most.orElse(0xe0000000L);
    return U64.less(vm.ramSize(), limit) ? limit : U64.min(limit, 0xc0000000L);
  }

  /** Machines before 7.1 know no hole below 1 TiB; names without a number are taken as new. */
  private static boolean avoidsAmdHole(VmConfig vm) {
    String option = vm.machineOptions().getOrDefault("enforce-amd-1tb-hole", "on");
    return PropertyType.Bool.parse(option).orElse(true)
        && !MachineTypes.isAtMost(vm.machineType(), 7, 0);
  }

  /** The last address in use or reserved for PCI, if RAM ends at {@code ramEnd} (exclusive). */
  private static long lastAddress(VmConfig vm, GuestCpu cpu, long ramEnd) {
    long deviceMemory = deviceMemorySize(vm);
    long end = deviceMemory == 0 ? ramEnd : U64.addSaturated(roundUpGib(ramEnd), deviceMemory);
    return cpu.hasLongMode() ? U64.addSaturated(roundUpGib(end) - 1, holeSize(vm)) : end - 1;
  }

  /** How many bits it takes to write an address. */
  private static int bitsFor(long address) {
    return Long.SIZE - Long.numberOfLeadingZeros(address);
  }

  private static long holeSize(VmConfig vm) {
    String bridge = vm.isQ35() ? "q35-pcihost" : "i440FX-pcihost";
    long size = vm.isQ35() ? 32 * GIB : 2 * GIB;
    for (GlobalProperty global : vm.globals()) {
      if (global.driver().equals(bridge) && global.setting().name().equals("pci-hole64-size")) {
        size = size("pci-hole64-size", global.setting().value().asText().text());
      }
    }
    return size;
  }

  private static Optional<QemuError> beyondCpu(OptionalInt physBits, long last) {
    if (physBits.isEmpty() || physBits.getAsInt() >= 64) {
      return Optional.empty();
    }
    long limit = (1L << physBits.getAsInt()) - 1;
    return U64.less(limit, last)
        ? Optional.of(
            QemuError.of(
                "Address space limit "
                    + U64.hex(limit)
                    + " < "
                    + U64.hex(last)
                    + " phys-bits too low ("
                    + physBits.getAsInt()
                    + ")"))
        : Optional.empty();
  }

  /** DIMMs get a GiB of room for alignment each. */
  private static long deviceMemorySize(VmConfig vm) {
    return U64.less(vm.ramSize(), vm.maxRamSize())
        ? vm.maxRamSize() - vm.ramSize() + vm.ramSlots() * GIB
        : 0;
  }

  private static List<PlacedRegion> rows(
      VmConfig vm,
      QemuProfile profile,
      String ram,
      long below,
      long aboveBase,
      long above,
      boolean afterReset) {
    boolean lowRamIsSplit = afterReset || !vm.isQ35();
    List<PlacedRegion> rows = new ArrayList<>();
    long firmwareFirst = vm.pflash() ? FOUR_GIB - FLASH_SIZE : BIOS_FIRST;
    long lowLast = U64.min(below, firmwareFirst) - 1;
    if (lowRamIsSplit) {
      add(rows, ram, RegionKind.RAM, 0, U64.min(lowLast, 0xbffff), 0);
      add(rows, "pc.rom", RegionKind.ROM, 0xc0000, 0xdffff, 0);
      if (vm.pflash() && flashShowsBelow1MiB(vm, profile)) {
        AddressRange range = new AddressRange(0xe0000, 0xfffff);
        rows.add(
            new PlacedRegion(
                "system.flash0", RegionKind.ROM_DEVICE, range, FLASH_SIZE - 0x20000, true));
      } else {
        add(rows, "isa-bios", RegionKind.ROM, 0xe0000, 0xfffff, 0);
      }
      if (U64.less(MIB, below)) {
        add(rows, ram, RegionKind.RAM, MIB, lowLast, MIB);
      }
    } else {
      add(rows, ram, RegionKind.RAM, 0, lowLast, 0);
    }
    if (vm.pflash()) {
      add(rows, "system.flash0", RegionKind.ROM_DEVICE, firmwareFirst, FOUR_GIB - 1, 0);
    } else {
      add(rows, "pc.bios", RegionKind.ROM, firmwareFirst, FOUR_GIB - 1, 0);
    }
    if (above != 0) {
      add(rows, ram, RegionKind.RAM, aboveBase, aboveBase + above - 1, below);
    }
    return rows;
  }

  private static void add(
      List<PlacedRegion> rows, String name, RegionKind kind, long first, long last, long offset) {
    rows.add(
        new PlacedRegion(
            name, kind, new AddressRange(first, last), offset, kind == RegionKind.ROM));
  }

  /** Whether the last 128 KiB of the flash are seen below 1 MiB, rather than a copy (R-OBS-9). */
  private static boolean flashShowsBelow1MiB(VmConfig vm, QemuProfile profile) {
    return profile.isFrom(QemuProfile.V9_1) && !MachineTypes.isAtMost(vm.machineType(), 9, 0);
  }

  private static long roundUpGib(long address) {
    return U64.less(U64.MAX - GIB, address) ? U64.MAX : U64.alignUp(address, GIB);
  }

  private static long size(String option, String text) {
    return SizeText.parse(text, 'B')
        .orElseThrow(() -> new IllegalArgumentException(option + "=" + text + " is no size"));
  }
}
