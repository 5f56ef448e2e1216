package io.github.stopcopy.vfiopci.mapping;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.MockedKernel;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.InOrder;

/** What happens when a section goes, and the unmap behind it (spec 02 §4, §5). */
class RegionDelTest {

  private static final long HALF = Long.MIN_VALUE;

  private static MemoryRegion.Iommu whole(TestVm vm) {
    return vm.memory.iommu("vtd", ByteSize.WHOLE_SPACE, new TestIommu());
  }

  @Test
  void R_LST_40_theTranslatedSectionGoesWithItsNotifier() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x100000);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    TestIommu model = new TestIommu();
    model.table.add(TestIommu.entry(vm.system, 0x2000, 0x1000, 0x1000, IommuAccess.READ));
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.of(0x10000), model);
    MemoryRegion.Alias low = vm.memory.alias("low", region, 0, ByteSize.of(0x8000));
    MemoryRegion.Alias high = vm.memory.alias("high", region, 0x8000, ByteSize.of(0x8000));
    space.add(0, low);
    space.add(0x100000, high);
    VfioPciDevice device = vm.attachTo(vm.memory.addressSpace("vtd", space), A);
    assertThat(vm.mapped()).containsExactly("2000-2fff ro");
    vm.events.clear();
    low.setEnabled(false);
    assertThat(device.container().iommuSections())
        .extracting(AddressRange::first)
        .containsExactly(0x100000L);
    assertThat(region.notifiers()).hasSize(1);
    assertThat(vm.story()).containsExactly("container 0: unmap 0x0 +0x8000");
    assertThat(vm.mapped()).isEmpty();
  }

  @Test
  void R_LST_41_anEmptyRangeIsNotUnmappedButItsNotifierGoes() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.of(0x800), new TestIommu());
    space.add(0, region);
    VfioPciDevice device = vm.attachTo(vm.memory.addressSpace("vtd", space), A);
    assertThat(device.container().iommuSections()).isEmpty();
    region.setEnabled(false);
    assertThat(vm.story()).isEmpty();
  }

  @Test
  void R_LST_42_removalsComeBeforeAdditionsWhenAHoleOpens() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x10000);
    vm.attach(A);
    vm.events.clear();
    vm.root.add(0x4000, vm.memory.io("hole", ByteSize.of(0x1000)), 1);
    assertThat(vm.story())
        .containsExactly(
            "container 0: unmap 0x0 +0x10000",
            "container 0: map 0x0 +0x4000 rw",
            "container 0: map 0x5000 +0xb000 rw");
  }

  @Test
  void R_LST_43_in81TheWholeSpaceIsUnmappedInHalvesWhateverTheFirstSays() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmap(0, HALF)).thenReturn(Optional.of(Errno.EPERM));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    MemoryRegion.Iommu region = whole(vm);
    vm.attachTo(vm.memory.addressSpace("vtd", region), A);
    region.setEnabled(false);
    InOrder order = inOrder(mocked.container);
    order.verify(mocked.container).unmap(0, HALF);
    order.verify(mocked.container).unmap(HALF, HALF);
    verify(mocked.container, never()).unmapAll();
    assertThat(vm.errors())
        .containsExactly(
            "VFIO_UNMAP_DMA failed: Operation not permitted",
            "vfio_dma_unmap(PTR, 0x0, 0x8000000000000000) = -1 (Operation not permitted)");
  }

  @Test
  void R_LST_43_in102TheWholeSpaceIsUnmappedAtOnce() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmapAll()).thenReturn(Optional.of(Errno.EPERM));
    TestVm vm = mocked.vm(QemuProfile.V10_2);
    MemoryRegion.Iommu region = whole(vm);
    vm.attachTo(vm.memory.addressSpace("vtd", region), A);
    region.setEnabled(false);
    verify(mocked.container, never()).unmap(anyLong(), anyLong());
    assertThat(vm.errors())
        .containsExactly(
            "vfio_container_dma_unmap(PTR, 0x0, 0x10000000000000000) = -1 (Operation not"
                + " permitted)");
    assertThat(vm.story()).contains("container 0: unmap all = -1 (Operation not permitted)");
  }

  @ParameterizedTest
  @CsvSource({"V8_2, vfio_dma_unmap, true", "V10_2, vfio_container_dma_unmap, false"})
  void R_LST_44_anUnmapErrorIsPrintedAndNeverFatal(
      QemuProfile profile, String name, boolean ioctl) {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmap(0x1000, 0x2000)).thenReturn(Optional.of(Errno.EIO));
    TestVm vm = mocked.vm(profile);
    MemoryRegion.Ram ram = vm.ram("ram", 0x1000, 0x2000);
    vm.attach(A);
    ram.setEnabled(false);
    String text = name + "(PTR, 0x1000, 0x2000) = -5 (Input/output error)";
    if (ioctl) {
      assertThat(vm.errors()).containsExactly("VFIO_UNMAP_DMA failed: Input/output error", text);
    } else {
      assertThat(vm.errors()).containsExactly(text);
    }
    assertThat(vm.migration.marks).isEmpty();
    assertThat(vm.migration.objects).isEmpty();
  }

  @Test
  void R_LST_52_aRangeThatEndsWithTheSpaceIsTriedAPageShorter() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmap(HALF, HALF)).thenReturn(Optional.of(Errno.EINVAL));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    MemoryRegion.Iommu region = whole(vm);
    vm.attachTo(vm.memory.addressSpace("vtd", region), A);
    region.setEnabled(false);
    verify(mocked.container).unmap(HALF, HALF - 0x1000);
    assertThat(vm.errors()).isEmpty();
  }

  @Test
  void R_LST_52_theLastPageIsTheSmallestOfTheIommuAndTheRetryMayFail() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.info()).thenReturn(Hosts.container(true, -65536, 4096, 9, true));
    when(mocked.container.unmap(eq(HALF), anyLong())).thenReturn(Optional.of(Errno.EINVAL));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    MemoryRegion.Iommu region = whole(vm);
    vm.attachTo(vm.memory.addressSpace("vtd", region), A);
    region.setEnabled(false);
    verify(mocked.container).unmap(HALF, HALF - 0x10000);
    verify(mocked.container, times(2)).unmap(eq(HALF), anyLong());
    assertThat(vm.errors())
        .containsExactly(
            "VFIO_UNMAP_DMA failed: Invalid argument",
            "vfio_dma_unmap(PTR, 0x8000000000000000, 0x8000000000000000) = -22 (Invalid argument)");
  }

  @Test
  void R_LST_52_noRetryForOtherErrorsOrElsewhereOrIn102() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmap(0, HALF)).thenReturn(Optional.of(Errno.EINVAL));
    when(mocked.container.unmap(HALF, HALF)).thenReturn(Optional.of(Errno.EIO));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    MemoryRegion.Iommu region = whole(vm);
    vm.attachTo(vm.memory.addressSpace("vtd", region), A);
    region.setEnabled(false);
    verify(mocked.container, times(2)).unmap(anyLong(), anyLong());

    MockedKernel other = new MockedKernel();
    when(other.container.unmap(anyLong(), anyLong())).thenReturn(Optional.of(Errno.EINVAL));
    TestVm now = other.vm(QemuProfile.V10_2);
    MappedContainer container = TestVm.mapping(now.attach(A).container());
    assertThat(container.unmap(HALF, HALF)).contains(Errno.EINVAL);
    verify(other.container, times(1)).unmap(anyLong(), anyLong());
  }

  @Test
  void R_LST_52_unmappingEverythingIsNotTriedAPageShorter() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmapAll()).thenReturn(Optional.of(Errno.EINVAL));
    MappedContainer container = TestVm.mapping(mocked.vm(QemuProfile.V8_2).attach(A).container());
    assertThat(container.unmap(0, 0)).contains(Errno.EINVAL);
    verify(mocked.container, never()).unmap(anyLong(), anyLong());
  }

  @Test
  void R_LST_46_onlyLaterReleasesCollectDirtyPagesOfASectionThatGoes() {
    for (QemuProfile profile : QemuProfile.values()) {
      TestVm vm = TestVm.of(profile, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
      MemoryRegion.Ram ram = vm.ram("ram", 0, 0x10000);
      MemoryRegion.Rom rom = vm.rom("rom", 0x100000, 0x1000);
      vm.attach(A);
      rom.setEnabled(false);
      vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
      rom.setEnabled(true);
      rom.setEnabled(false);
      assertThat(vm.migration.objects).isEmpty();
      ram.setEnabled(false);
      if (profile.isFrom(QemuProfile.V11_0)) {
        assertThat(vm.migration.objects)
            .singleElement()
            .satisfies(error ->
                assertThat(error.text())
                    .isEqualTo(
                        "0000:01:00.0: Failed to get DMA logging report, iova: 0x0, size:"
                            + " 0x10000: Input/output error"));
      } else {
        assertThat(vm.migration.objects).isEmpty();
      }
      assertThat(vm.migration.marks).isEmpty();
    }
  }

  @Test
  void R_LST_46_withoutTrackingNothingIsCollected() {
    TestVm vm =
        TestVm.of(QemuProfile.V11_0, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
    MemoryRegion.Ram ram = vm.ram("ram", 0, 0x10000);
    vm.attach(A);
    vm.bar(B, 0x1000000, 0x1000);
    ram.setEnabled(false);
    assertThat(vm.migration.objects).isEmpty();
    assertThat(vm.mapped()).containsExactly("1000000-1000fff");
  }

  @Test
  void R_LST_52_onlyWhatEndsWithTheSpaceIsTriedAPageShorter() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.unmap(anyLong(), anyLong())).thenReturn(Optional.of(Errno.EINVAL));
    MappedContainer container = TestVm.mapping(mocked.vm(QemuProfile.V8_2).attach(A).container());
    container.unmap(-0x10000, 0x10000);
    verify(mocked.container).unmap(-0x10000, 0xf000);
    container.unmap(0x4000, 0x4000);
    verify(mocked.container, times(3)).unmap(anyLong(), anyLong());
  }
}
