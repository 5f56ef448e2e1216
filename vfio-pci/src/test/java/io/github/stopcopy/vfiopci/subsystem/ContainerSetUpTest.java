package io.github.stopcopy.vfiopci.subsystem;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.C;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.mapped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How devices, groups and containers come together (spec 02 §1, R-OBS-2, R-OBS-14). */
class ContainerSetUpTest {

  private static final HostContainer NOT_SHARED = Hosts.container(true, -4096, 4096, 65535, false);

  private static HostDevice inGroup(int group) {
    return HostDevice.builder().group(group).build();
  }

  private static List<String> names(List<VfioPciDevice> devices) {
    return devices.stream().map(VfioPciDevice::name).toList();
  }

  @Test
  void R_LST_2_groupsOfOneAddressSpaceShareAContainer() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x100000);
    VfioPciDevice a = vm.attach(A);
    VfioPciDevice b = vm.attach(B);
    assertThat(vm.vfio.containers()).hasSize(1);
    assertThat(b.container()).isSameAs(a.container());
    assertThat(a.container().isBehindVirtualIommu()).isFalse();
    assertThat(vm.story()).as("no replay for the second").hasSize(1);
  }

  @Test
  void R_LST_2_aKernelThatRefusesToShareGetsASecondContainer() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, TestVm.host(NOT_SHARED));
    vm.ram("ram", 0, 0x100000);
    VfioPciDevice a = vm.attach(A);
    VfioPciDevice b = vm.attach(B);
    assertThat(vm.vfio.containers()).extracting(VfioContainer::number).containsExactly(0, 1);
    assertThat(mapped(b.container())).isEqualTo(mapped(a.container())).containsExactly("0-fffff");
  }

  @Test
  void R_LST_2_twoAddressSpacesNeverShare() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x100000);
    VfioPciDevice a = vm.attach(A);
    VfioPciDevice b = vm.attachTo(vm.translated("vtd", new TestIommu()), B);
    assertThat(b.container()).isNotSameAs(a.container());
    assertThat(b.container().isBehindVirtualIommu()).isTrue();
  }

  @Test
  void R_LST_2_iommufdAndType1NeverShare() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    VfioPciDevice a = vm.attach(A, "iommufd=fd0");
    VfioPciDevice b = vm.attach(B);
    VfioPciDevice c = vm.attach(C, "iommufd=fd0");
    assertThat(b.container()).isNotSameAs(a.container());
    assertThat(c.container()).isSameAs(a.container());
  }

  @Test
  void R_OBS_2_aGroupIsInOneAddressSpace() {
    TestVm vm =
        TestVm.of(
            QemuProfile.V8_2,
            TestVm.host(HostContainer.CAPABLE, Map.of(A, inGroup(7), B, inGroup(7))));
    vm.attach(A);
    AddressSpace other = vm.translated("vtd", new TestIommu());
    assertThat(vm.vfio.attach(vm.device(B), other).map(AttachFailure::text))
        .contains("vfio 0000:02:00.0: group 7 used in multiple address spaces");
    assertThat(vm.vfio.devices()).hasSize(1);
    assertThat(vm.vfio.attach(vm.device(B), vm.system)).isEmpty();
    assertThat(vm.vfio.containers()).hasSize(1);
  }

  @Test
  void R_DT_33_newestGroupFirstAndInItNewestDeviceFirst() {
    String d = "0000:04:00.0";
    TestVm vm =
        TestVm.of(
            QemuProfile.V8_2,
            TestVm.host(
                HostContainer.CAPABLE,
                Map.of(A, inGroup(1), B, inGroup(2), C, inGroup(1), d, inGroup(2))));
    for (String name : List.of(A, B, C, d)) {
      vm.attach(name);
    }
    assertThat(names(vm.vfio.devices())).containsExactly(d, B, C, A);
    assertThat(vm.vfio.containers().get(0).deviceNames()).containsExactly(d, B, C, A);
  }

  @Test
  void R_LST_4_containerTrackingNeedsTheHostsPageSize() {
    assertThat(canTrack(Hosts.container(true, -4096, 4096, 1, true))).isTrue();
    assertThat(canTrack(Hosts.container(true, -4096, 0x201000, 1, true))).isTrue();
    assertThat(canTrack(Hosts.container(true, -4096, 0x200000, 1, true))).isFalse();
    assertThat(canTrack(Hosts.container(false, -4096, 4096, 1, true))).isFalse();
  }

  private static boolean canTrack(HostContainer facts) {
    TestVm vm = TestVm.of(QemuProfile.V10_2, TestVm.host(facts));
    return vm.attach(A).container().canTrackDirtyPages();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_5_theKernelsIovaRangesAreNotLookedAtBeforeMapping(QemuProfile profile) {
    TestVm vm =
        TestVm.of(
            profile,
            TestVm.host(Hosts.container(true, -4096, 4096, 9, true, new AddressRange(0, 0xffff))));
    vm.ram("low", 0, 0x1000);
    vm.ram("high", 0x100000, 0x1000);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .hasValueSatisfying(text ->
            assertThat(text).endsWith("(PTR, 0x100000, 0x1000, PTR) = -22 (Invalid argument)"));
    assertThat(vm.story())
        .contains("container 0: map 0x100000 +0x1000 rw = -22 (Invalid argument)");
  }

  @ParameterizedTest
  @CsvSource({"V8_1_IOMMU_PT, vfio_dma_map", "V10_2, vfio_container_dma_map"})
  void R_LST_6_and_R_OBS_3_aListenerErrorFailsTheAttach(QemuProfile profile, String function) {
    TestVm vm =
        TestVm.of(
            profile,
            TestVm.host(Hosts.container(true, -4096, 4096, 1, true), Map.of(A, inGroup(3))));
    vm.ram("first", 0, 0x1000);
    vm.ram("second", 0x10000, 0x1000);
    vm.ram("third", 0x20000, 0x1000);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .as("the first error is kept (R-LST-60)")
        .contains(
            "vfio 0000:01:00.0: failed to setup container for group 3: memory listener"
                + " initialization failed: Region second: "
                + function
                + "(PTR, 0x10000, 0x1000, PTR) = -28 (No space left on device)");
    assertThat(vm.vfio.devices()).isEmpty();
    assertThat(vm.vfio.containers()).isEmpty();
    vm.ram("fourth", 0x30000, 0x1000);
    assertThat(vm.story()).as("nobody listens any more").noneMatch(line -> line.contains("30000"));
  }

  @Test
  void R_LST_6_aFailedContainerLeavesRoomForTheNext() {
    TestVm vm =
        TestVm.of(QemuProfile.V8_2, TestVm.host(Hosts.container(true, -4096, 4096, 0, true)));
    vm.ram("ram", 0, 0x1000).setEnabled(true);
    VfioPciDevice device = vm.device(A);
    assertThat(vm.vfio.attach(device, vm.system)).isPresent();
    vm.root.subregions().get(0).setEnabled(false);
    assertThat(vm.vfio.attach(device, vm.system)).isEmpty();
    assertThat(device.container().number()).isEqualTo(1);
  }

  @Test
  void R_OBS_14_afterAFailedAttachUnalignedSectionsPrintTheirUnmapErrors() {
    HostContainer large = Hosts.container(true, -65536, 65536, 65535, true);
    TestVm old = TestVm.of(QemuProfile.V8_2, TestVm.host(large));
    old.ram("ram", 0, 0x10000);
    old.ram("odd", 0x20000, 0x3000);
    assertThat(old.vfio.attach(old.device(A), old.system)).isPresent();
    assertThat(old.errors())
        .containsExactly(
            "VFIO_MAP_DMA failed: Invalid argument",
            "VFIO_UNMAP_DMA failed: Invalid argument",
            "vfio_dma_unmap(PTR, 0x20000, 0x3000) = -22 (Invalid argument)");
    TestVm now = TestVm.of(QemuProfile.V10_2, TestVm.host(large));
    now.ram("odd", 0x20000, 0x3000);
    assertThat(now.vfio.attach(now.device(A), now.system)).isPresent();
    assertThat(now.errors())
        .containsExactly("vfio_container_dma_unmap(PTR, 0x20000, 0x3000) = -22 (Invalid argument)");
  }

  @Test
  void R_PROP_22_aDeviceIsAttachedOnce() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    VfioPciDevice first = vm.device(A);
    VfioPciDevice second = vm.device(A);
    assertThat(vm.vfio.attach(first, vm.system)).isEmpty();
    assertThat(vm.vfio.attach(second, vm.system).map(AttachFailure::text))
        .contains("vfio 0000:01:00.0: device is already attached");
    assertThat(TestVm.failed(vm.create("host=" + A, "x-pci-device-id=0x10000")).text())
        .as("before its properties are looked at")
        .isEqualTo("vfio 0000:01:00.0: device is already attached");
  }

  @Test
  void detachingTheLastDeviceClosesTheContainer() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    VfioPciDevice a = vm.attach(A);
    VfioPciDevice b = vm.attach(B);
    VfioContainer container = a.container();
    vm.vfio.detach(a);
    assertThat(mapped(container)).isNotEmpty();
    vm.vfio.detach(b);
    assertThat(mapped(container)).isEmpty();
    assertThat(vm.vfio.containers()).isEmpty();
    assertThat(vm.errors()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> vm.vfio.detach(b))
        .withMessageContaining("not attached");
    assertThat(vm.vfio.attach(b, vm.system)).isEmpty();
    assertThat(b.container().number()).isEqualTo(1);
  }

  @Test
  void R_BLK_30_passthroughIsAskedOfEveryDeviceAnew() {
    TestVm vm = TestVm.of(QemuProfile.V8_1_IOMMU_PT);
    assertThat(vm.vfio.allIommuPassthrough()).as("without devices").isTrue();
    vm.attach(A, "x-migration-iommu-pt=on");
    assertThat(vm.vfio.allIommuPassthrough()).isTrue();
    VfioPciDevice without = vm.attach(B);
    assertThat(vm.vfio.allIommuPassthrough()).isFalse();
    vm.vfio.detach(without);
    assertThat(vm.vfio.allIommuPassthrough()).isTrue();
    assertThat(TestVm.of(QemuProfile.V10_2).vfio.allIommuPassthrough()).isFalse();
  }

  @Test
  void R_VIO_17_theVirtualIommuSeesWhatTheHostCanMap() {
    AddressRange range = new AddressRange(0, 0x7fffffffffL);
    TestVm vm =
        TestVm.of(
            QemuProfile.V10_2, TestVm.host(Hosts.container(true, -4096, 4096, 9, true, range)));
    assertThat(vm.attach(A).hostIommu(true))
        .satisfies(host -> {
          assertThat(host.pageSizes()).isEqualTo(-4096);
          assertThat(host.iovaRanges()).containsExactly(range);
        });
  }

  @Test
  void Q_5_onRequestOnlyDevicesBehindTheVirtualIommuAreAskedForTheOption() {
    VfioPolicy behind = new VfioPolicy(false, false, true, false, false, false, false);
    TestVm vm = TestVm.of(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE, behind);
    vm.attach(A);
    assertThat(vm.vfio.allIommuPassthrough()).as("nobody is behind it").isTrue();
    AddressSpace space = vm.translated("vtd", new TestIommu());
    vm.attachTo(space, B, "x-migration-iommu-pt=on");
    assertThat(vm.vfio.allIommuPassthrough()).isTrue();
    vm.attachTo(space, C);
    assertThat(vm.vfio.allIommuPassthrough()).isFalse();
  }

  @Test
  void Q_7_onRequestNoDeviceMeansNoPassthrough() {
    VfioPolicy none = new VfioPolicy(false, false, false, true, false, false, false);
    TestVm vm = TestVm.of(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE, none);
    assertThat(vm.vfio.allIommuPassthrough()).isFalse();
    vm.attach(A, "x-migration-iommu-pt=on");
    assertThat(vm.vfio.allIommuPassthrough()).isTrue();
  }

  @Test
  void R_LST_24_aContainerIsTranslatedOnceAVirtualIommuTranslatesForIt() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    vm.attach(A);
    assertThat(vm.vfio.isAnyContainerTranslated()).isFalse();
    VfioPciDevice behind = vm.attachTo(vm.translated("vtd", new TestIommu()), B);
    assertThat(vm.vfio.isAnyContainerTranslated()).isTrue();
    vm.vfio.detach(behind);
    assertThat(vm.vfio.isAnyContainerTranslated()).isFalse();
  }

  @Test
  void R_OBS_2_aDeviceCanBeWhereItsGroupIsAndOnlyOnce() {
    TestVm vm =
        TestVm.of(
            QemuProfile.V8_2,
            TestVm.host(HostContainer.CAPABLE, Map.of(A, inGroup(7), B, inGroup(7))));
    AddressSpace other = vm.translated("vtd", new TestIommu());
    VfioPciDevice first = vm.device(A);
    assertThat(vm.vfio.isAttachable(first, vm.system)).isTrue();
    assertThat(vm.vfio.isAttachable(first, other)).isTrue();
    vm.vfio.attach(first, vm.system);
    assertThat(vm.vfio.isAttachable(first, vm.system)).isFalse();
    assertThat(vm.vfio.isAttachable(vm.device(B), vm.system)).isTrue();
    assertThat(vm.vfio.isAttachable(vm.device(B), other)).isFalse();
  }

  @Test
  void R_LST_6_theGroupOfAContainerThatFailedLeavesTheKernelsToo() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.kernel.group(A)).thenReturn(9);
    when(mocked.container.map(any())).thenReturn(Optional.of(Errno.ENOMEM));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    vm.ram("ram", 0, 0x1000);
    assertThat(vm.vfio.attach(vm.device(A), vm.system)).isPresent();
    verify(mocked.container).removeGroup(9);
  }

  @Test
  void R_LST_61_onlyAFailureOfARunningVmEndsQemu() {
    TestVm vm =
        TestVm.of(QemuProfile.V8_2, TestVm.host(Hosts.container(true, -4096, 4096, 0, true)));
    vm.attach(A);
    assertThat(vm.vfio.hasAborted()).isFalse();
    assertThatExceptionOfType(QemuAbort.class).isThrownBy(() -> vm.ram("ram", 0, 0x1000));
    assertThat(vm.vfio.hasAborted()).isTrue();
  }

  @Test
  void R_LST_6_trackingThatDoesNotStartFailsTheAttachWhileAMigrationLogs() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .as("there is no memory to track")
        .hasValueSatisfying(text ->
            assertThat(text)
                .contains("memory listener initialization failed: ")
                .contains("Failed to prepare DMA logging: Cannot allocate memory"));
    assertThat(vm.vfio.containers()).isEmpty();
  }

  @Test
  void aDeviceThatGoesIsNoLongerOneOfTheContainers() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    VfioPciDevice a = vm.attach(A);
    VfioPciDevice b = vm.attach(B);
    vm.vfio.detach(b);
    assertThat(a.container().deviceNames()).containsExactly(A);
  }

  @Test
  void R_LST_2_aGroupThatLeavesTheContainerLeavesTheKernelsToo() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.kernel.group(A)).thenReturn(9);
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    vm.vfio.detach(vm.attach(A));
    verify(mocked.container).removeGroup(9);
  }
}
