package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which ranges a device is asked to log (spec 04 §1, §2, §7). */
class TrackedRangesTest {

  private static TrackingRequest request(VfioContainer container) {
    return container.trackingRequest(container.space());
  }

  private static List<String> ranges(TestVm vm) {
    return text(request(vm.vfio.containers().get(0)).ranges());
  }

  private static List<String> text(List<IovaRange> ranges) {
    return ranges.stream()
        .map(range -> Long.toHexString(range.iova()) + "-" + Long.toHexString(range.last()))
        .toList();
  }

  /** A q35's memory after its firmware ran (spec 04 §7). */
  private static TestVm q35(QemuProfile profile, long ramBytes, long above, boolean seabios) {
    TestVm vm = TestVm.of(profile);
    long low = Long.compareUnsigned(ramBytes, 0xb0000000L) >= 0 ? 2 * GIB : ramBytes;
    MemoryRegion.Ram ram = vm.memory.ram("pc.ram", ByteSize.of(ramBytes));
    vm.root.add(0, vm.memory.alias("below-4g", ram, 0, ByteSize.of(low)));
    if (ramBytes > low) {
      vm.root.add(above, vm.memory.alias("above-4g", ram, low, ByteSize.of(ramBytes - low)));
    }
    if (seabios) {
      vm.rom("pc.bios", 0xfffc0000L, 0x40000);
    }
    vm.attach(A);
    return vm;
  }

  @ParameterizedTest
  @CsvSource({
    "2, 100000000, 0-ffffffff, 0-7fffffff, none",
    "4, 100000000, 0-ffffffff, 0-7fffffff, 100000000-17fffffff",
    "8, 100000000, 0-ffffffff, 0-7fffffff, 100000000-27fffffff",
    "1024, 100000000, 0-ffffffff, 0-7fffffff, 100000000-1007fffffff",
    "1024, 10000000000, 0-ffffffff, 0-7fffffff, 10000000000-1ff7fffffff"
  })
  void theExamplesOfTheSpec(
      long gib, String above, String withRom, String ramOnly, String range64) {
    long at = Long.parseUnsignedLong(above, 16);
    for (QemuProfile profile : QemuProfile.values()) {
      String low = profile.isFrom(QemuProfile.V11_0) ? ramOnly : withRom;
      assertThat(ranges(q35(profile, gib * GIB, at, true)))
          .isEqualTo(range64.equals("none") ? List.of(low) : List.of(low, range64));
      assertThat(ranges(q35(profile, gib * GIB, at, false)))
          .isEqualTo(range64.equals("none") ? List.of(ramOnly) : List.of(ramOnly, range64));
    }
  }

  @Test
  void theExampleOfBothHalvesAroundTheInterruptWindow() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    space.add(0, vm.memory.iommu("vtd", ByteSize.WHOLE_SPACE, new TestIommu()));
    space.add(0xfee00000L, vm.memory.io("msi", ByteSize.of(0x100000)), 1);
    vm.attachTo(vm.memory.addressSpace("vtd", space), A);
    assertThat(request(vm.vfio.containers().get(0)).ranges())
        .containsExactly(new IovaRange(0, 0xfee00000L), new IovaRange(0xfef00000L, -0xfef00000L));
  }

  @Test
  void R_DT_2_translatedSectionsTakePartAndInvalidOnesDoNot() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.root.add(0x1000, vm.memory.iommu("vtd", ByteSize.of(0x2000), new TestIommu()));
    vm.root.add(0x10000, vm.memory.io("io", ByteSize.of(0x1000)));
    vm.ram("tiny", 0x20000, 0x800);
    vm.attach(A);
    assertThat(ranges(vm)).containsExactly("1000-2fff");
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_DT_2_laterReleasesLeaveReadonlyMemoryOut(QemuProfile profile) {
    TestVm vm = TestVm.of(profile);
    vm.ram("ram", 0, 0x1000);
    vm.ram("sealed", 0x8000, 0x1000).setReadonly(true);
    vm.attach(A);
    assertThat(ranges(vm)).containsExactly(profile.isFrom(QemuProfile.V11_0) ? "0-fff" : "0-8fff");
  }

  @Test
  void R_DT_3_ownBarsAbove4GiBHaveABucketOfTheirOwn() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 2 * GIB);
    vm.ram("high", 4 * GIB, 2 * GIB);
    vm.bar(A, 0x380000000000L, 0x4000);
    vm.bar(A, 0xfe000000L, 0x4000);
    vm.attach(A);
    assertThat(ranges(vm))
        .containsExactly("0-fe003fff", "100000000-17fffffff", "380000000000-380000003fff");
  }

  @Test
  void R_DT_1_and_R_DT_5_aBucketIsTheSmallestRangeAroundItsSections() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("b", 0x20000, 0x1000);
    vm.ram("a", 0x10000, 0x1000);
    vm.ram("c", 0x400000000L, 0x1000);
    vm.ram("d", 0x500000000L, 0x1000);
    vm.attach(A);
    assertThat(ranges(vm))
        .as("R-DT-1: no bucket holds anything at first, and its bounds leave no trace")
        .containsExactly("10000-20fff", "400000000-500000fff");
  }

  @Test
  void R_DT_6_aSectionAcross4GiBBelongsWhollyAbove() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    vm.ram("low", 0, 0x1000);
    vm.ram("across", 0xffff0000L, 0x20000);
    vm.attach(A);
    assertThat(ranges(vm)).containsExactly("0-fff", "ffff0000-10000ffff");
  }

  @Test
  void R_DT_7_aForeignBarBeyondTheOwnEnclosesThem() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    vm.ram("ram", 0, GIB);
    vm.bar(A, 0x380000000000L, 0x4000);
    vm.ram("high", 4 * GIB, GIB);
    vm.ram("ivshmem", 0x390000000000L, 0x1000);
    vm.attach(A);
    assertThat(ranges(vm))
        .containsExactly("0-3fffffff", "100000000-390000000fff", "380000000000-380000003fff");
    assertThat(vm.tracking().start().map(QemuError::text))
        .contains(
            "vfio: Could not start dirty page tracking - 0000:01:00.0: Failed to start DMA logging:"
                + " Invalid argument");
  }

  @Test
  void R_DT_8_barsOfAnotherContainersDeviceArePlain() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, GIB);
    vm.bar(A, 0x380000000000L, 0x4000);
    vm.bar(B, 0x390000000000L, 0x4000);
    vm.attach(A);
    AddressSpace other = vm.memory.addressSpace("vtd", vm.root);
    VfioPciDevice second = vm.attachTo(other, B);
    assertThat(ranges(vm))
        .containsExactly("0-3fffffff", "390000000000-390000003fff", "380000000000-380000003fff");
    assertThat(text(request(second.container()).ranges()))
        .containsExactly("0-3fffffff", "380000000000-380000003fff", "390000000000-390000003fff");
  }

  @Test
  void R_DT_10_theWholeSpaceHasLength0() {
    assertThat(IovaRange.ofEnds(0, -1)).isEqualTo(new IovaRange(0, 0));
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.attachTo(vm.translated("vtd", new TestIommu()), A);
    vm.tracking().start();
    assertThat(vm.story()).contains("0000:01:00.0: start logging [[0x0,+0x0]]");
  }

  @Test
  void R_DT_10_aBucketOfOnlyTheFirstBytesCounts() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("page", 0, 0x1000);
    vm.attach(A);
    assertThat(ranges(vm)).containsExactly("0-fff");
  }

  @Test
  void R_DT_11_and_R_DT_32_withoutRangesTheAnswerIsOutOfMemory() {
    TestVm old = TestVm.of(QemuProfile.V8_2);
    old.attach(A);
    assertThat(old.tracking().start()).isEmpty();
    assertThat(old.errors())
        .containsExactly(
            "vfio: Could not start dirty page tracking, err: -12 (Cannot allocate memory)");
    TestVm now = TestVm.of(QemuProfile.V10_2);
    now.attach(A);
    assertThat(now.tracking().start().map(QemuError::text))
        .contains(
            "vfio: Could not start dirty page tracking - Failed to prepare DMA logging: Cannot"
                + " allocate memory");
    assertThat(old.story()).noneMatch(line -> line.contains("start logging"));
  }

  @Test
  void R_DT_13_everyDeviceGetsTheSameRequestUnlessItLogsAlready() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    vm.attach(A);
    vm.tracking().start();
    vm.attach(B);
    vm.tracking().start();
    assertThat(vm.story())
        .filteredOn(line -> line.contains("logging"))
        .containsExactly(
            "0000:01:00.0: start logging [[0x0,+0x1000]]",
            "0000:02:00.0: start logging [[0x0,+0x1000]]");
  }

  private static VfioEvent.DmaLoggingStart started(
      QemuProfile profile, HostDevice device, boolean rom, boolean ram) {
    TestVm vm = TestVm.withoutDump(profile, TestVm.host(HostContainer.CAPABLE, A, device));
    if (ram) {
      vm.ram("ram", 0, GIB);
    }
    if (rom) {
      vm.rom("pc.bios", 0xfffc0000L, 0x40000);
    }
    vm.attach(A);
    vm.tracking().start();
    return vm.events.stream()
        .filter(VfioEvent.DmaLoggingStart.class::isInstance)
        .map(VfioEvent.DmaLoggingStart.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void unknownBarsMakeTheirBucketsUnknown() {
    HostDevice bar64 = Hosts.withBar(0x4000, BarKind.MEM64, true);
    VfioEvent.DmaLoggingStart full = started(QemuProfile.V8_2, bar64, true, true);
    assertThat(full.unknown()).containsExactly("pci64");
    assertThat(text(full.ranges())).containsExactly("0-ffffffff");
    VfioEvent.DmaLoggingStart open = started(QemuProfile.V11_0, bar64, true, true);
    assertThat(open.unknown()).containsExactly("32", "pci64");
    assertThat(open.ranges()).isEmpty();
    assertThat(open.errno())
        .as("the kernel is asked for what is known")
        .isEqualTo(Optional.empty());
    assertThat(
            started(QemuProfile.V8_2, Hosts.withBar(0x4000, BarKind.MEM32, true), false, true)
                .unknown())
        .containsExactly("32");
    assertThat(
            started(QemuProfile.V8_2, Hosts.withBar(0x4000, BarKind.IO, true), false, true)
                .unknown())
        .isEmpty();
    assertThat(
            started(QemuProfile.V8_2, Hosts.withBar(0x4000, BarKind.MEM64, false), false, true)
                .unknown())
        .isEmpty();
  }

  @Test
  void whatCouldBeWrittenIsTheWritableRamInOnePieceWhereItTouches() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Ram ram = vm.memory.ram("pc.ram", ByteSize.of(0x8000));
    vm.root.add(0, vm.memory.alias("low", ram, 0, ByteSize.of(0x2000)));
    vm.root.add(0x2000, vm.memory.alias("next", ram, 0x4000, ByteSize.of(0x2000)));
    vm.ram("apart", 0x10000, 0x1000);
    vm.ram("sealed", 0x11000, 0x1000).setReadonly(true);
    vm.bar(B, 0x20000, 0x1000);
    vm.attach(A);
    assertThat(request(vm.vfio.containers().get(0)).writable())
        .containsExactly(new AddressRange(0, 0x3fff), new AddressRange(0x10000, 0x10fff));
  }

  @Test
  void whoAsksForTheRangesLooksOnceAndNotOn() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    vm.attach(A);
    request(vm.vfio.containers().get(0));
    vm.events.clear();
    MemoryRegion.Ram odd = vm.memory.ram("odd", ByteSize.of(0x3000));
    vm.root.add(0x10000, vm.memory.alias("window", odd, 0x234, ByteSize.of(0x1000)));
    assertThat(vm.errors()).as("R-LST-12, by the container alone").hasSize(1);
  }

  @Test
  void R_REL_6_before82ABarAtAnUnknownAddressMayBeInTheUpperBucket() {
    HostDevice bar64 = Hosts.withBar(0x4000, BarKind.MEM64, true);
    assertThat(started(QemuProfile.V8_1, bar64, true, true).unknown()).containsExactly("64");
    HostDevice bar32 = Hosts.withBar(0x4000, BarKind.MEM32, true);
    assertThat(started(QemuProfile.V8_1, bar32, true, true).unknown()).isEmpty();
  }

  @Test
  void R_DT_8_theUnknownBarOfAnotherContainersDeviceMayBeInTheUpperBucket() {
    TestVm vm =
        TestVm.withoutDump(
            QemuProfile.V8_2,
            TestVm.host(HostContainer.CAPABLE, B, Hosts.withBar(0x4000, BarKind.MEM64, true)));
    vm.ram("ram", 0, GIB);
    vm.rom("pc.bios", 0xfffc0000L, 0x40000);
    VfioPciDevice device = vm.attach(A);
    vm.attachTo(vm.memory.addressSpace("vtd", vm.root), B);
    assertThat(request(device.container()).unknown()).containsExactly("64");
  }
}
