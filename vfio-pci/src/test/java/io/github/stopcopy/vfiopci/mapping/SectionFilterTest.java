package io.github.stopcopy.vfiopci.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which sections count, and which pages of them (spec 02 §2). */
class SectionFilterTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final ByteSize size = ByteSize.of(0x20000);

  private static MemorySection section(MemoryRegion region, long offset, ByteSize size) {
    return new MemorySection(region, offset & 0xfff, offset, size, false, false);
  }

  private boolean skipped(MemoryRegion region) {
    return SectionFilter.isSkipped(section(region, 0, size));
  }

  @Test
  void R_LST_10_onlyRamAndTranslatedSectionsCount() {
    assertThat(skipped(memory.ram("ram", size))).isFalse();
    assertThat(skipped(memory.rom("rom", size))).isFalse();
    assertThat(skipped(memory.ramDevice("bar", size))).isFalse();
    assertThat(skipped(memory.iommu("iommu", size, new TestIommu()))).isFalse();
    assertThat(skipped(memory.romDevice("flash", size))).isTrue();
    assertThat(skipped(memory.io("io", size))).isTrue();
    assertThat(skipped(memory.protectedRam("epc", size))).isTrue();
  }

  @Test
  void R_LST_10_bit63OfTheAddressSkips() {
    MemoryRegion ram = memory.ram("ram", size);
    assertThat(SectionFilter.isSkipped(section(ram, 0x7ffffffffffff000L, size))).isFalse();
    assertThat(SectionFilter.isSkipped(section(ram, 0x8000000000000000L, size))).isTrue();
    assertThat(SectionFilter.isSkipped(section(ram, 0xffffffffffff0000L, size))).isTrue();
  }

  @Test
  void R_LST_12_misalignedSectionIsReportedByAddRemoveAndTracking() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Ram backing = vm.memory.ram("pc.ram", ByteSize.of(0x10000));
    vm.root.add(0x4000, vm.memory.alias("window", backing, 0x234, ByteSize.of(0x3000)));
    vm.ram("ram", 0x100000, 0x1000);
    VfioPciDevice device = vm.attach(TestVm.A);
    String text =
        "vfio_listener_valid_section received unaligned region pc.ram iova=0x4000"
            + " offset_within_region=0x234 qemu_real_host_page_size=0x1000";
    assertThat(vm.mapped()).containsExactly("100000-100fff");
    assertThat(vm.errors()).containsExactly(text);
    vm.tracking().start();
    assertThat(vm.errors()).containsExactly(text, text);
    vm.vfio.detach(device);
    assertThat(vm.errors()).containsExactly(text, text, text);
  }

  @Test
  void R_LST_12_skippedSectionIsNotReported() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion io = vm.memory.io("io", ByteSize.of(0x10000));
    vm.root.add(0x4000, vm.memory.alias("window", io, 0x234, ByteSize.of(0x3000)));
    vm.attach(TestVm.A);
    assertThat(vm.errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0xc0000, 0x20000, 0xc0000-0xdffff",
    "0x1800, 0x2000, 0x2000-0x2fff",
    "0x800, 0x400, empty",
    "0x800, 0x1000, empty",
    "0x800, 0x1800, 0x1000-0x1fff",
    "0x1000, 0xfff, empty",
    "0x1000, 0x1000, 0x1000-0x1fff",
    "0x7ffffffffffff000, 0x1000, 0x7ffffffffffff000-0x7fffffffffffffff",
    "0x7ffffffffffff800, 0x800, empty",
    "0x7ffffffffffff800, 0x1800, 0x8000000000000000-0x8000000000000fff",
    "0x1, 0x7fffffffffffffff, 0x1000-0x7fffffffffffffff"
  })
  void R_LST_14_partialPagesAreDropped(String offset, String bytes, String expected) {
    MemorySection section =
        section(
            memory.ram("ram", ByteSize.WHOLE_SPACE),
            Long.decode(offset),
            ByteSize.of(Long.decode(bytes)));
    String pages =
        SectionFilter.wholePages(section, 4096)
            .map(range ->
                "0x" + Long.toHexString(range.first()) + "-0x" + Long.toHexString(range.last()))
            .orElse("empty");
    assertThat(pages).isEqualTo(expected);
  }

  @Test
  void R_LST_14_theWholeSpaceHas2To64Bytes() {
    MemoryRegion iommu = memory.iommu("iommu", ByteSize.WHOLE_SPACE, new TestIommu());
    assertThat(SectionFilter.wholePages(section(iommu, 0, ByteSize.WHOLE_SPACE), 4096))
        .contains(new AddressRange(0, -1))
        .map(AddressRange::size)
        .contains(ByteSize.WHOLE_SPACE);
    MemorySection tail =
        new MemorySection(iommu, 0x800, 0x800, ByteSize.ofLastOffset(-1 - 0x800L), false, false);
    assertThat(SectionFilter.wholePages(tail, 4096)).contains(new AddressRange(0x1000, -1));
  }

  @Test
  void R_LST_14_pagesAreTheHosts() {
    MemorySection section = section(memory.ram("ram", size), 0x11000, ByteSize.of(0x1f000));
    assertThat(SectionFilter.wholePages(section, 65536))
        .contains(new AddressRange(0x20000, 0x2ffff));
    assertThat(SectionFilter.wholePages(section(memory.ram("r", size), 0x11000, size), 65536))
        .isEqualTo(Optional.of(new AddressRange(0x20000, 0x2ffff)));
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_11_readonlyMemoryIsAlwaysMapped(QemuProfile profile) {
    TestVm vm = TestVm.of(profile);
    vm.ram("ram", 0, 0x2000);
    vm.rom("rom", 0x10000, 0x1000);
    vm.attach(TestVm.A);
    assertThat(vm.mapped()).containsExactly("0-1fff", "10000-10fff ro");
  }
}
