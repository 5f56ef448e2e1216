package io.github.stopcopy.vfiopci.mapping;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.AttachFailure;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.MockedKernel;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.InOrder;

/** What happens when a section appears, and when that fails (spec 02 §3, §7). */
class RegionAddTest {

  private static final DmaMapping PAGE_0 = new DmaMapping(0, 0x1000, 0, false);

  private static final HostContainer LARGE_PAGES = Hosts.container(true, -65536, 4096, 65535, true);

  @Test
  void R_LST_20_whatTheFilterDropsIsNotMapped() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0x800, 0x2000);
    vm.ram("tiny", 0x10000, 0x800);
    vm.root.add(0x20000, vm.memory.romDevice("flash", ByteSize.of(0x1000)));
    vm.root.add(0x30000, vm.memory.io("io", ByteSize.of(0x1000)));
    vm.bar(B, 0x40100, 0x100);
    vm.attach(A);
    assertThat(vm.mapped()).as("R-LST-12 refuses 'ram': offset 0x800 is 0 in its region").isEmpty();
    assertThat(vm.errors()).hasSize(2);
  }

  @Test
  void R_LST_29_sectionsAreMappedAscendingWithTheirAccess() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.rom("rom", 0xc0000, 0x20000);
    vm.ram("ram", 0, 0x100000);
    vm.attach(A);
    assertThat(vm.story())
        .containsExactly(
            "container 0: map 0x0 +0xc0000 rw",
            "container 0: map 0xc0000 +0x20000 ro",
            "container 0: map 0xe0000 +0x20000 rw");
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_28_aBarThatTheIommusPagesCannotHoldIsLeftOutSilently(QemuProfile profile) {
    TestVm vm = TestVm.of(profile, TestVm.host(LARGE_PAGES));
    vm.bar(B, 0x1000000, 0x4000);
    vm.bar(B, 0x2004000, 0x10000);
    vm.bar(B, 0x3000000, 0x20000);
    VfioPciDevice device = vm.attach(A);
    assertThat(vm.mapped()).containsExactly("3000000-301ffff");
    vm.vfio.detach(device);
    assertThat(vm.errors()).as("and is not unmapped either (R-LST-42)").isEmpty();
    assertThat(vm.story()).filteredOn(line -> line.contains("unmap")).hasSize(1);
  }

  @Test
  void R_LST_30_busyMeansUnmapOnceAndTryAgain() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.map(PAGE_0))
        .thenReturn(Optional.of(Errno.EBUSY))
        .thenReturn(Optional.empty());
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    vm.attach(A);
    InOrder order = inOrder(mocked.container);
    order.verify(mocked.container).map(PAGE_0);
    order.verify(mocked.container).unmap(0, 0x1000);
    order.verify(mocked.container).map(PAGE_0);
    assertThat(vm.errors()).isEmpty();
    assertThat(vm.story()).containsExactly("container 0: map 0x0 +0x1000 rw");
  }

  @Test
  void R_LST_30_busyTwiceIsAnError() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.map(PAGE_0)).thenReturn(Optional.of(Errno.EBUSY));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .hasValueSatisfying(text ->
            assertThat(text)
                .endsWith(
                    "Region ram: vfio_dma_map(PTR, 0x0, 0x1000, PTR) = -16 (Device or resource"
                        + " busy)"));
    verify(mocked.container, times(2)).map(PAGE_0);
    assertThat(vm.errors()).containsExactly("VFIO_MAP_DMA failed: Device or resource busy");
  }

  @Test
  void R_LST_30_anyOtherErrorIsNotTriedAgain() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.map(PAGE_0)).thenReturn(Optional.of(Errno.ENOMEM));
    TestVm vm = mocked.vm(QemuProfile.V10_2);
    vm.root.add(0, vm.memory.container("none", ByteSize.of(0x1000)));
    vm.ram("ram", 0, 0x1000).setEnabled(false);
    vm.attach(A);
    assertThatExceptionOfType(QemuAbort.class)
        .isThrownBy(() -> vm.root.subregions().get(0).setEnabled(true));
    verify(mocked.container, never()).unmap(anyLong(), anyLong());
  }

  @ParameterizedTest
  @CsvSource({"V8_2, true, vfio_dma_map", "V10_2, false, vfio_container_dma_map"})
  void R_LST_61_afterSetUpAFailingMapEndsQemu(QemuProfile profile, boolean prints, String name) {
    TestVm vm = TestVm.of(profile, TestVm.host(Hosts.container(true, -4096, 4096, 1, true)));
    vm.ram("ram", 0, 0x1000);
    vm.attach(A);
    assertThatExceptionOfType(QemuAbort.class).isThrownBy(() -> vm.ram("more", 0x10000, 0x1000));
    assertThat(vm.errors().subList(prints ? 1 : 0, vm.errors().size()))
        .containsExactly(
            name + "(PTR, 0x10000, 0x1000, PTR) = -28 (No space left on device)",
            "qemu: hardware error: vfio: DMA mapping failed, unable to continue");
    assertThat(vm.errors().contains("VFIO_MAP_DMA failed: No space left on device"))
        .isEqualTo(prints);
  }

  @Test
  void R_LST_62_aBarThatCannotBeMappedIsPrintedEachTimeIn81() {
    TestVm vm =
        TestVm.of(
            QemuProfile.V8_2,
            TestVm.host(Hosts.container(true, -4096, 4096, 9, true, new AddressRange(0, 0xfffff))));
    vm.bar(B, 0x1000000, 0x1000);
    vm.bar(B, 0x2000000, 0x1000);
    vm.attach(A);
    assertThat(vm.errors())
        .containsExactly(
            "VFIO_MAP_DMA failed: Invalid argument",
            "vfio_dma_map(PTR, 0x1000000, 0x1000, PTR) = -22 (Invalid argument)",
            "VFIO_MAP_DMA failed: Invalid argument",
            "vfio_dma_map(PTR, 0x2000000, 0x1000, PTR) = -22 (Invalid argument)");
    assertThat(vm.warnings()).isEmpty();
  }

  @Test
  void R_LST_62_aBarThatCannotBeMappedWarnsOnceIn102() {
    TestVm vm =
        TestVm.of(
            QemuProfile.V10_2,
            TestVm.host(Hosts.container(true, -4096, 4096, 9, true, new AddressRange(0, 0xfffff))));
    vm.bar(B, 0x1000000, 0x1000);
    vm.attach(A);
    vm.bar(B, 0x2000000, 0x1000);
    assertThat(vm.warnings())
        .containsExactly(
            "vfio_container_dma_map(PTR, 0x1000000, 0x1000, PTR) = -22 (Invalid argument)");
    assertThat(vm.errors())
        .containsExactly("0000:02:00.0: PCI peer-to-peer transactions on BARs are not supported.");
  }

  @Test
  void R_LST_24_aTranslatedSectionGetsANotifierAndIsReplayed() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x100000);
    TestIommu model = new TestIommu();
    model.table.add(TestIommu.entry(vm.system, 0x8000, 0x1000, 0x1000, IommuAccess.READ_WRITE));
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.of(0x100000), model);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    space.add(0x500000, vm.memory.alias("window", region, 0x8000, ByteSize.of(0x4000)));
    AddressSpace behind = vm.memory.addressSpace("vtd", space);
    VfioPciDevice device = vm.attachTo(behind, A);
    assertThat(TestVm.mapping(device.container()).guestIommuSections())
        .singleElement()
        .satisfies(section -> {
          assertThat(section.range()).isEqualTo(new AddressRange(0x500000, 0x503fff));
          assertThat(section.iommuOffset()).isEqualTo(0x500000 - 0x8000);
          assertThat(section.notifier().start()).isEqualTo(0x8000);
          assertThat(section.notifier().end()).isEqualTo(0xbfff);
        });
    assertThat(model.log)
        .containsExactly("page sizes fffffffffffff000", "flags map unmap", "replay");
    assertThat(vm.mapped()).containsExactly("500000-500fff");
  }

  @Test
  void R_LST_24_newestTranslatedSectionComesFirst() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.WHOLE_SPACE, new TestIommu());
    space.add(0, region);
    MemoryRegion.Io hole = vm.memory.io("msi", ByteSize.of(0x100000));
    hole.setEnabled(false);
    space.add(0xfee00000L, hole, 1);
    VfioPciDevice device = vm.attachTo(vm.memory.addressSpace("vtd", space), A);
    hole.setEnabled(true);
    assertThat(device.container().iommuSections())
        .extracting(AddressRange::first)
        .containsExactly(0xfef00000L, 0L);
    assertThat(region.notifiers()).hasSize(2);
  }

  @Test
  void R_LST_24_pageSizesAreOfferedIn81Only() {
    TestIommu model = new TestIommu();
    model.refusesPageSizes = Optional.of(QemuError.of("cannot change page sizes"));
    TestVm now = TestVm.of(QemuProfile.V10_2);
    assertThat(now.vfio.attach(now.device(A), now.translated("vtd", model))).isEmpty();
    TestVm old = TestVm.of(QemuProfile.V8_2);
    assertThat(
            old.vfio.attach(old.device(A), old.translated("vtd", model)).map(AttachFailure::text))
        .hasValueSatisfying(
            text -> assertThat(text).endsWith("failed: Region vtd: cannot change page sizes"));
    assertThat(model.log)
        .as("nothing was registered before or after")
        .containsOnlyOnce("flags map unmap");
  }

  @Test
  void R_LST_63_aVirtualIommuThatRefusesNotifiersFailsTheAttach() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    TestIommu model = new TestIommu();
    model.refusesNotifiers =
        Optional.of(
            QemuError.of(
                "device 00.03.0 requires iommu notifier which is not currently supported"));
    assertThat(
            vm.vfio
                .attach(vm.device(A), vm.translated("amd_iommu", model))
                .map(AttachFailure::text))
        .contains(
            "vfio 0000:01:00.0: failed to setup container for group 1000000: memory listener"
                + " initialization failed: Region amd_iommu: device 00.03.0 requires iommu notifier"
                + " which is not currently supported");
    assertThat(model.log).doesNotContain("replay");
  }

  @Test
  void R_LST_25_aTranslatedSectionThatAppearsWhileMigratingMarksTheStream() {
    TestVm vm = TestVm.of(QemuProfile.V8_1_IOMMU_PT);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    TestIommu model = new TestIommu();
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.WHOLE_SPACE, model);
    region.setEnabled(false);
    space.add(0, region);
    vm.attachTo(vm.memory.addressSpace("vtd", space), A, "x-migration-iommu-pt=on");
    VfioPciDevice inFront = vm.attach(B);

    vm.migration.status = MigrationStatus.ACTIVE;
    region.setEnabled(true);
    assertThat(vm.migration.marks).as("one device has the option off").isEmpty();
    region.setEnabled(false);
    vm.vfio.detach(inFront);
    region.setEnabled(true);
    assertThat(vm.migration.marks).as("asked live").containsExactly(Errno.EOPNOTSUPP);
    assertThat(vm.errors()).as("no message").isEmpty();
    assertThat(model.log).endsWith("flags map unmap", "replay");

    for (MigrationStatus status : MigrationStatus.values()) {
      region.setEnabled(false);
      vm.migration.marks.clear();
      vm.migration.status = status;
      region.setEnabled(true);
      assertThat(vm.migration.marks)
          .as(status.qapiName())
          .hasSize(status.isSetupOrActive() ? 1 : 0);
    }
  }

  @Test
  void R_LST_25_otherReleasesDoNotMark() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.attachTo(vm.translated("vtd", new TestIommu()), A);
    assertThat(vm.migration.marks).isEmpty();
    assertThat(vm.story()).contains("container 0: translated section [0x0,0xffffffffffffffff]");
  }

  @Test
  void R_LST_14_aSectionThatBeginsWithinAPageIsMappedFromTheNextOneOn() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x8000));
    vm.root.add(0x10800, vm.memory.alias("window", ram, 0x2800, ByteSize.of(0x2800)));
    VfioPciDevice device = vm.attach(A);
    long base = vm.memory.ramDirtyLog().addressOf(ram, 0);
    assertThat(device.container().mappings())
        .containsExactly(new DmaMapping(0x11000, 0x2000, base + 0x3000, false));
  }

  @Test
  void R_LST_20_sectionsThatComeAndGoAreTold() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.attach(A);
    vm.events.clear();
    MemoryRegion.Ram ram = vm.ram("ram", 0x1000, 0x2000);
    ram.setEnabled(false);
    AddressRange range = new AddressRange(0x1000, 0x2fff);
    assertThat(vm.events)
        .filteredOn(VfioEvent.SectionChanged.class::isInstance)
        .containsExactly(
            new VfioEvent.SectionChanged(0, true, range, "ram"),
            new VfioEvent.SectionChanged(0, false, range, "ram"));
  }

  @Test
  void R_LST_61_theCauseOfTheEndIsMemoryThatWasNotMapped() {
    TestVm vm =
        TestVm.of(QemuProfile.V10_2, TestVm.host(Hosts.container(true, -4096, 4096, 0, true)));
    vm.attach(A);
    assertThatExceptionOfType(QemuAbort.class).isThrownBy(() -> vm.ram("ram", 0, 0x1000));
    assertThat(vm.events)
        .last()
        .isEqualTo(
            new VfioEvent.Failed(
                new FailureCause.MemoryNotMapped(0),
                "vfio_container_dma_map(PTR, 0x0, 0x1000, PTR) = -28 (No space left on device)"));
  }
}
