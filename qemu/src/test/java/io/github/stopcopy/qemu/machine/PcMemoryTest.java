package io.github.stopcopy.qemu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.qemu.Resources;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PcMemoryTest {

  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  private static VmConfigBuilder q35(long ram) {
    return VmConfig.builder()
        .machineType("q35")
        .memory(new PcMemory())
        .ramSize(ram)
        .accelerator(Accelerator.KVM);
  }

  private static MemoryPlan plan(VmConfigBuilder vm) {
    return plan(vm, QemuProfile.V10_2, HostFacts.CAPABLE);
  }

  private static MemoryPlan plan(VmConfigBuilder vm, QemuProfile profile, HostFacts host) {
    return ((Result.Ok<MemoryPlan>) new PcMemory().plan(vm.build(), profile, host)).value();
  }

  private static String error(VmConfigBuilder vm, HostFacts host) {
    Result<MemoryPlan> result = new PcMemory().plan(vm.build(), QemuProfile.V10_2, host);
    return ((Result.Failed<MemoryPlan>) result).error().text();
  }

  private static HostFacts host(String vendor, OptionalInt physBits) {
    HostFactsBuilder host = HostFacts.builder().accelerator(Accelerator.KVM).cpuVendor(vendor);
    physBits.ifPresent(host::cpuPhysBits);
    return host.build();
  }

  /** Where RAM above 4 GiB begins, in hexadecimal; 0 without any. */
  private static String above(MemoryPlan plan) {
    PlacedRegion last = plan.atRealize().get(plan.atRealize().size() - 1);
    boolean isRam = last.kind() == RegionKind.RAM && last.range().first() != 0;
    return isRam ? Long.toHexString(last.range().first()) : "0";
  }

  /** How much RAM lies below 4 GiB. */
  private static long below(MemoryPlan plan) {
    return plan.atRealize().stream()
            .filter(row -> row.kind() == RegionKind.RAM)
            .mapToLong(row -> row.range().last())
            .filter(last -> last < 4 * GIB)
            .max()
            .orElseThrow()
        + 1;
  }

  private static List<String> text(List<PlacedRegion> rows) {
    return rows.stream()
        .map(row ->
            row.range()
                + " "
                + row.name()
                + " "
                + row.kind()
                + "+"
                + Long.toHexString(row.offsetInRegion())
                + (row.readonly() ? " ro" : ""))
        .toList();
  }

  static List<String> recorded() {
    return Resources.lines("machine/layouts.jsonl");
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void R_OBS_5_layoutsOfRealBinaries(String json) throws InputException {
    Map<String, List<String>> line = Resources.object(json);
    VmConfig vm = QemuCommandLine.parseArgv("recorded", line.get("argv"));
    QemuProfile profile = QemuProfile.choose(line.get("profile").get(0)).profile();
    Result<MemoryPlan> result = vm.memory().plan(vm, profile, HostFacts.CAPABLE);
    if (line.containsKey("error")) {
      assertThat(result).isInstanceOf(Result.Failed.class);
      assertThat(((Result.Failed<MemoryPlan>) result).error().text())
          .isEqualTo(line.get("error").get(0));
      return;
    }
    MemoryPlan plan = ((Result.Ok<MemoryPlan>) result).value();
    PlacedRegion last = plan.atRealize().get(plan.atRealize().size() - 1);
    if (!line.containsKey("above")) {
      assertThat(last.name()).isEqualTo("pc.bios");
      return;
    }
    assertThat(last.name()).isEqualTo("ram0");
    assertThat("0x" + Long.toHexString(last.range().first())).isEqualTo(line.get("above").get(0));
    assertThat(last.range().size().toString()).isEqualTo(line.get("above").get(1));
  }

  @Test
  void R_OBS_15_atRealizeLowRamIsOneSection() {
    assertThat(text(plan(q35(4 * GIB)).atRealize()))
        .containsExactly(
            "[0x0,0x7fffffff] pc.ram RAM+0",
            "[0xfffc0000,0xffffffff] pc.bios ROM+0 ro",
            "[0x100000000,0x17fffffff] pc.ram RAM+80000000");
  }

  /** Seen where the kernel maps whole 2 MiB pages only, or a few ranges only. */
  @Test
  void R_OBS_163_lowRamOfTheOlderFamilyIsSplitAtRealize() {
    MemoryPlan plan = plan(q35(2 * GIB).machineType("pc"));
    assertThat(text(plan.atRealize()))
        .containsExactly(
            "[0x0,0xbffff] pc.ram RAM+0",
            "[0xc0000,0xdffff] pc.rom ROM+0 ro",
            "[0xe0000,0xfffff] isa-bios ROM+0 ro",
            "[0x100000,0x7fffffff] pc.ram RAM+100000",
            "[0xfffc0000,0xffffffff] pc.bios ROM+0 ro");
  }

  @Test
  void R_OBS_15_resetSplitsLowRam() {
    MemoryPlan plan = plan(q35(4 * GIB));
    assertThat(text(plan.afterReset()))
        .containsExactly(
            "[0x0,0xbffff] pc.ram RAM+0",
            "[0xc0000,0xdffff] pc.rom ROM+0 ro",
            "[0xe0000,0xfffff] isa-bios ROM+0 ro",
            "[0x100000,0x7fffffff] pc.ram RAM+100000",
            "[0xfffc0000,0xffffffff] pc.bios ROM+0 ro",
            "[0x100000000,0x17fffffff] pc.ram RAM+80000000");
    assertThat(plan.afterFirmware()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"V8_1_IOMMU_PT, pflash-8.1", "V10_2, pflash-10.2"})
  void R_OBS_9_flashAsInRecordedText(QemuProfile profile, String mtree) throws InputException {
    MemoryPlan plan =
        plan(
            q35(2 * GIB).pflash(true).machineOption("memory-backend", "ram0"),
            profile,
            HostFacts.CAPABLE);
    List<PlacedRegion> seen =
        MtreeReader.read(mtree, Resources.text("mtree/" + mtree + ".txt"))
            .systemMemory()
            .orElseThrow()
            .stream()
            .filter(row -> row.kind() != RegionKind.IO)
            .toList();
    assertThat(plan.afterReset()).isEqualTo(seen);
    assertThat(text(plan.atRealize()))
        .containsExactly(
            "[0x0,0x7fffffff] ram0 RAM+0", "[0xffc00000,0xffffffff] system.flash0 ROM_DEVICE+0");
  }

  @Test
  void aMachineSmallerThanOneMiB() {
    assertThat(text(plan(q35(0x80000)).afterReset()))
        .startsWith("[0x0,0x7ffff] pc.ram RAM+0", "[0xc0000,0xdffff] pc.rom ROM+0 ro")
        .noneMatch(row -> row.contains("pc.ram RAM+100000"));
    assertThat(text(plan(q35(0x100000)).afterReset()))
        .startsWith("[0x0,0xbffff] pc.ram RAM+0")
        .noneMatch(row -> row.contains("pc.ram RAM+100000"));
  }

  @ParameterizedTest
  @CsvSource({
    "q35, 0xafffffff, , 0xafffffff",
    "q35, 0xb0000000, , 0x80000000",
    "q35, 0xb0000000, 0x40000000, 0x40000000",
    "q35, 0xb0000000, 0x90000000, 0x80000000",
    "pc, 0xdfffffff, , 0xdfffffff",
    "pc, 0xe0000000, , 0xc0000000",
    "pc, 0x80000000, 0x40000000, 0x40000000",
    "pc-i440fx-9.0, 0xd0000000, 0xd0000000, 0xc0000000",
    "pc, 0xfff00000, 0x100000000, 0xfff00000",
    "pc, 0xffffffff, 0x100000000, 0xfffc0000",
  })
  void ramBelow4GiB(String machine, String ram, String most, String expected) {
    VmConfigBuilder vm = q35(Long.decode(ram)).machineType(machine);
    if (most != null) {
      vm.machineOption("max-ram-below-4g", most);
    }
    assertThat(below(plan(vm))).isEqualTo(Long.decode(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "q35, '', 10000000000",
    "pc-q35-7.1, '', 10000000000",
    "pc-q35-7.0, '', 100000000",
    "pc-q35-6.2, '', 100000000",
    "pc-q35-10.2, '', 10000000000",
    "pc-q35-jammy, '', 100000000",
    "pc-q35-noble, '', 10000000000",
    "pc-q35-rhel9.0.0, '', 100000000",
    "pc-q35-7.0+pve1, '', 100000000",
    "q35+pve0, '', 10000000000",
    "pc-q35-unheard, '', 10000000000",
    "q35, off, 100000000",
    "q35, on, 10000000000",
  })
  void R_OBS_5_relocationByMachine(String machine, String option, String expected) {
    VmConfigBuilder vm = q35(TIB).machineType(machine).cpuOption("phys-bits", "46");
    if (!option.isEmpty()) {
      vm.machineOption("enforce-amd-1tb-hole", option);
    }
    MemoryPlan plan = plan(vm, QemuProfile.V10_2, host("AuthenticAMD", OptionalInt.empty()));
    assertThat(above(plan)).isEqualTo(expected);
  }

  @Test
  void R_OBS_5_relocationBeginsWhenTheLastAddressReachesTheHole() {
    HostFacts amd = host("AuthenticAMD", OptionalInt.empty());
    // 4 GiB + RAM above + a hole of 32 GiB ends exactly before 0xfd00000000
    long most = 0xfd00000000L - 36 * GIB + 2 * GIB;
    VmConfigBuilder vm = q35(most).cpuOption("phys-bits", "48");
    assertThat(above(plan(vm, QemuProfile.V10_2, amd))).isEqualTo("100000000");
    vm = q35(most + 1).cpuOption("phys-bits", "48");
    assertThat(above(plan(vm, QemuProfile.V10_2, amd))).isEqualTo("10000000000");
  }

  @Test
  void R_OBS_5_theHoleOfThePciHostCounts() {
    HostFacts amd = host("AuthenticAMD", OptionalInt.empty());
    long ram = 1000 * GIB;
    PropertySetting none = PropertySetting.of("pci-hole64-size", "0");
    VmConfigBuilder small =
        q35(ram).cpuOption("phys-bits", "48").global(new GlobalProperty("q35-pcihost", none));
    assertThat(above(plan(small, QemuProfile.V10_2, amd))).isEqualTo("100000000");
    VmConfigBuilder other =
        q35(ram).cpuOption("phys-bits", "48").global(new GlobalProperty("i440FX-pcihost", none));
    assertThat(above(plan(other, QemuProfile.V10_2, amd))).isEqualTo("10000000000");
  }

  @ParameterizedTest
  @CsvSource({
    "KVM, , , AuthenticAMD, 10000000000",
    "KVM, , , GenuineIntel, 100000000",
    "KVM, EPYC, , GenuineIntel, 100000000",
    "KVM, EPYC, AuthenticAMD, GenuineIntel, 10000000000",
    "TCG, , , GenuineIntel, 10000000000",
    "TCG, qemu64, , GenuineIntel, 10000000000",
    "TCG, max, , GenuineIntel, 10000000000",
    "TCG, EPYC-Milan-v2, , GenuineIntel, 10000000000",
    "TCG, Opteron_G5, , GenuineIntel, 10000000000",
    "TCG, phenom, , GenuineIntel, 10000000000",
    "TCG, Dhyana, , AuthenticAMD, 100000000",
    "TCG, kvm64, , AuthenticAMD, 100000000",
    "TCG, Skylake-Server, , AuthenticAMD, 100000000",
    "TCG, qemu64, GenuineIntel, AuthenticAMD, 100000000",
  })
  void R_OBS_5_vendorOfTheCpu(
      Accelerator accelerator, String model, String vendor, String hostVendor, String expected) {
    VmConfigBuilder vm = q35(TIB).accelerator(accelerator).cpuOption("phys-bits", "46");
    if (model != null) {
      vm.cpuModel(model);
    }
    if (vendor != null) {
      vm.cpuOption("vendor", vendor);
    }
    MemoryPlan plan = plan(vm, QemuProfile.V10_2, host(hostVendor, OptionalInt.empty()));
    assertThat(above(plan)).isEqualTo(expected);
  }

  @Test
  void theHostSaysWhatRunsTheGuestIfTheCommandLineDoesNot() {
    VmConfigBuilder vm =
        VmConfig.builder()
            .machineType("q35")
            .memory(new PcMemory())
            .ramSize(TIB)
            .cpuOption("phys-bits", "46");
    assertThat(above(plan(vm))).isEqualTo("10000000000");
    assertThat(above(plan(vm, QemuProfile.V10_2, host("GenuineIntel", OptionalInt.empty()))))
        .isEqualTo("100000000");
  }

  @ParameterizedTest
  @CsvSource({
    "pc-q35-rhel9.4.0, 38",
    "pc-i440fx-rhel7.6.0, 38",
    "pc-q35-noble-hpb, 38",
    "pc-q35-noble, 40"
  })
  void processorsOfSomeDistributionsAreAsWideAsTheHosts(String machine, int bits) {
    VmConfigBuilder vm = q35(2 * TIB).machineType(machine).cpuModel("Cascadelake-Server");

    assertThat(error(vm, host("GenuineIntel", OptionalInt.of(38))))
        .contains("phys-bits too low (" + bits + ")");
    vm.cpuOption("host-phys-bits", "off");
    assertThat(error(vm, host("GenuineIntel", OptionalInt.of(38)))).contains("too low (40)");
  }

  @ParameterizedTest
  @CsvSource({
    ", , , 40",
    "host, , , 38",
    "max, , , 38",
    "host, host-phys-bits, off, 40",
    "Skylake-Server, host-phys-bits, on, 38",
    "host, host-phys-bits-limit, 36, 36",
    "host, host-phys-bits-limit, 39, 38",
    "host, phys-bits, 37, 38",
    "Skylake-Server, phys-bits, 37, 37",
    "host, phys-bits, 0, 38",
  })
  void R_OBS_5_physicalAddressBits(String model, String option, String value, int bits) {
    VmConfigBuilder vm = q35(2 * TIB);
    if (model != null) {
      vm.cpuModel(model);
    }
    if (option != null) {
      vm.cpuOption(option, value);
    }
    assertThat(error(vm, host("GenuineIntel", OptionalInt.of(38))))
        .isEqualTo(
            "Address space limit 0x"
                + Long.toHexString((1L << bits) - 1)
                + " < 0x2087fffffff phys-bits too low ("
                + bits
                + ")");
  }

  @Test
  void R_OBS_5_physicalAddressBitsThatOnlyTheHostKnowsAreNotChecked() {
    MemoryPlan plan =
        plan(
            q35(2 * TIB).cpuModel("host"),
            QemuProfile.V10_2,
            host("GenuineIntel", OptionalInt.empty()));
    assertThat(above(plan)).isEqualTo("100000000");
  }

  @ParameterizedTest
  @CsvSource({
    "pc-q35-rhel9.4.0, Skylake-Server, KVM, ",
    "pc-q35-noble-hpb, Skylake-Server, KVM, ",
    "pc-q35-unheard, Skylake-Server, KVM, ",
    "pc-q35-9.2, host, KVM, ",
    "pc-q35-9.2, host, TCG, ",
    "pc-q35-noble, Skylake-Server, KVM, 40",
    "pc-q35-9.2, Skylake-Server, KVM, 40",
    "pc-q35-rhel9.4.0, Skylake-Server, TCG, 40",
    "pc-q35-unheard, Skylake-Server, TCG, 40",
  })
  void R_OBS_5_noRefusalRestsOnAGuessAboutTheHostsWidth(
      String machine, String model, Accelerator accelerator, String refusedWith) {
    VmConfigBuilder vm =
        q35(64 * GIB)
            .hotplugMemory(16, 4 * TIB)
            .machineType(machine)
            .cpuModel(model)
            .accelerator(accelerator);
    HostFacts nothing = HostFacts.builder().build();
    if (refusedWith == null) {
      assertThat(plan(vm, QemuProfile.V10_2, nothing).assumedPhysBits()).hasValue(43);
    } else {
      assertThat(error(vm, nothing)).endsWith("phys-bits too low (" + refusedWith + ")");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pc-q35-rhel9.4.0, 42, 42",
    "pc-q35-noble-hpb, 41, 41",
    "pc-q35-noble, 52, 40",
  })
  void R_OBS_5_theHostsWidthCountsOnceItIsKnown(String machine, int host, int bits) {
    VmConfigBuilder vm =
        q35(64 * GIB)
            .hotplugMemory(16, 4 * TIB)
            .machineType(machine)
            .cpuModel("Cascadelake-Server");
    assertThat(error(vm, host("GenuineIntel", OptionalInt.of(host))))
        .endsWith("phys-bits too low (" + bits + ")");
    assertThat(
            plan(
                    vm.cpuOption("phys-bits", "46").cpuOption("host-phys-bits", "off"),
                    QemuProfile.V10_2,
                    HostFacts.CAPABLE)
                .assumedPhysBits())
        .isEmpty();
  }

  /** As 10.0.13 and 11.1.3 say, which see no PCI memory above the RAM of such a processor. */
  @ParameterizedTest
  @CsvSource({
    "pentium, , 512, 4096, 0xffffffff < 0x21fffffff, 32",
    "486-v1, , 4196, 0, 0xffffffff < 0x1863fffff, 32",
    "pentium3, , 2048, 71680, 0xfffffffff < 0x123fffffff, 36",
    "qemu64, off, 2048, 2097152, 0xfffffffff < 0x2ffbfffffff, 36",
    "pentium, on, 2048, 2097152, 0xffffffffff < 0x208bfffffff, 40",
  })
  void R_OBS_5_processorsWithout64Bits(
      String model, String longMode, int mib, int most, String what, int bits) {
    VmConfigBuilder vm = q35((long) mib << 20).accelerator(Accelerator.TCG).cpuModel(model);
    if (most != 0) {
      vm.hotplugMemory(1, (long) most << 20);
    }
    if (longMode != null) {
      vm.cpuOption("lm", longMode);
    }
    assertThat(error(vm, HostFacts.CAPABLE))
        .isEqualTo("Address space limit " + what + " phys-bits too low (" + bits + ")");
  }

  @ParameterizedTest
  @CsvSource({"pentium, 512, 0", "pentium, 2048, 0", "pentium3, 4096, 0", "pentium3, 2048, 61440"})
  void R_OBS_5_whatFitsAProcessorWithout64Bits(String model, int mib, int most) {
    VmConfigBuilder vm = q35((long) mib << 20).accelerator(Accelerator.TCG).cpuModel(model);
    if (most != 0) {
      vm.hotplugMemory(1, (long) most << 20);
    }
    assertThat(plan(vm).assumedPhysBits()).isEmpty();
  }

  @Test
  void R_OBS_5_deviceMemoryCountsForTheLastAddress() {
    VmConfigBuilder vm = q35(2 * GIB).hotplugMemory(4, TIB).cpuOption("phys-bits", "39");
    // 4 GiB + (1 TiB - 2 GiB) + 4 GiB + 32 GiB
    assertThat(error(vm, host("GenuineIntel", OptionalInt.empty())))
        .isEqualTo("Address space limit 0x7fffffffff < 0x1097fffffff phys-bits too low (39)");
  }

  @Test
  void R_OBS_5_theLastAddressNeverWraps() {
    VmConfigBuilder vm = q35(2 * GIB).hotplugMemory(0, Long.MAX_VALUE);
    PropertySetting all = PropertySetting.of("pci-hole64-size", "0xffffffffffffffff");
    assertThat(error(vm.global(new GlobalProperty("q35-pcihost", all)), HostFacts.CAPABLE))
        .isEqualTo("Address space limit 0xffffffffff < 0xffffffffffffffff phys-bits too low (40)");
  }

  @ParameterizedTest
  @CsvSource({
    "0x80000000, 4, 0x400000000, 0x100000000, 0x480000000",
    "0x80000000, 0, 0x80000000, 0x100000000, 0",
    "0x180000000, 4, 0x1000000000, 0x200000000, 0xf80000000",
    "0x190000000, 0, 0x1000000000, 0x240000000, 0xe70000000",
  })
  void R_OBS_18_deviceMemory(String ram, int slots, String most, String base, String size) {
    MemoryPlan plan = plan(q35(Long.decode(ram)).hotplugMemory(slots, Long.decode(most)));
    assertThat(plan.deviceMemoryBase()).isEqualTo(Long.decode(base));
    assertThat(plan.deviceMemorySize()).isEqualTo(Long.decode(size));
  }

  @Test
  void R_OBS_18_deviceMemoryFollowsRelocatedRam() {
    VmConfigBuilder vm = q35(TIB).hotplugMemory(2, 2 * TIB).cpuOption("phys-bits", "46");
    MemoryPlan plan = plan(vm, QemuProfile.V10_2, host("AuthenticAMD", OptionalInt.empty()));
    assertThat(plan.deviceMemoryBase()).isEqualTo(2 * TIB - 2 * GIB);
  }

  @Test
  void rowsNeverOverlap() {
    for (long ram : new long[] {1, 0xc0000, 0xc0001, 0x100001, 0xb0000000L, 5 * GIB, TIB}) {
      for (boolean flash : new boolean[] {false, true}) {
        MemoryPlan plan = plan(q35(ram).pflash(flash).cpuOption("phys-bits", "46"));
        for (List<PlacedRegion> rows : List.of(plan.atRealize(), plan.afterReset())) {
          for (int i = 1; i < rows.size(); i++) {
            AddressRange before = rows.get(i - 1).range();
            assertThat(rows.get(i).range().first()).as("RAM %x", ram).isGreaterThan(before.last());
          }
        }
      }
    }
  }

  @Test
  void misuseIsRefused() {
    assertThatThrownBy(() -> plan(q35(GIB).machineType("virt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("machine 'virt' is no PC");
    assertThatThrownBy(() -> plan(q35(GIB).machineOption("max-ram-below-4g", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("max-ram-below-4g=x is no size");
    assertThatThrownBy(() -> plan(q35(GIB).cpuOption("phys-bits", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("CPU option phys-bits=x is no number");
  }
}
