package io.github.stopcopy.viommu.intel;

import static io.github.stopcopy.viommu.intel.TestVm.V1;
import static io.github.stopcopy.viommu.intel.TestVm.V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

class IntelAddressSpaceTest {

  private static final List<String> TRANSLATING =
      List.of(
          "[0x0,0xfedfffff] vtd-05.0-dmar@0",
          "[0xfee00000,0xfeefffff] vtd-ir@0",
          "[0xfef00000,0xffffffffffffffff] vtd-05.0-dmar@fef00000");
  private static final List<String> SYSTEM =
      List.of("[0x0,0x7fffffff] ram0@0", "[0xfee00000,0xfeefffff] vtd-ir@0");

  private static MemorySection of(String region, long first) {
    return argThat(section ->
        section != null
            && section.region().name().equals(region)
            && section.offsetInAddressSpace() == first);
  }

  @Test
  void R_VIO_20_namesOfTheRegions() {
    TestVm vm = TestVm.usual();
    AddressSpace space = vm.iommu.addressSpace(new PciAddress("pcie.0", 0x1f, 3));
    assertThat(space.name()).isEqualTo("vtd-root");
    assertThat(space.root().name()).isEqualTo("vtd-1f.3");
    assertThat(space.root().subregions())
        .extracting(MemoryRegion::name)
        .containsExactlyInAnyOrder("vtd-1f.3-dmar", "vtd-nodmar");
    assertThat(space.view().root()).map(MemoryRegion::name).contains("vtd-nodmar");
    assertThat(space.view().root().orElseThrow().subregions())
        .extracting(region -> region.name() + " " + region.priority())
        .containsExactly("vtd-ir 1", "vtd-sys-alias 0");
  }

  @Test
  void R_AS_50_aNewSpaceIsOneChangeOfTheTopology() {
    TestVm vm = TestVm.usual();
    MemoryListener listener = mock(MemoryListener.class);
    vm.memory.register(listener, vm.machine.system());
    clearInvocations(listener);
    vm.iommu.addressSpace(V1);
    verify(listener, times(1)).commit();
  }

  @Test
  void R_VIO_4_and_R_OVW_1_oneSpacePerRequester() {
    TestVm vm = TestVm.usual();
    AddressSpace space = vm.iommu.addressSpace(new PciAddress("rp1", 0, 0));
    assertThat(vm.iommu.addressSpace(new PciAddress("rp1", 0, 0))).isSameAs(space);
    AddressSpace other = vm.iommu.addressSpace(new PciAddress("rp2", 0, 0));
    assertThat(other).isNotSameAs(space);
    assertThat(other.root().name()).isEqualTo(space.root().name()).isEqualTo("vtd-00.0");
  }

  @Test
  void R_AS_38_E5_allDevicesShareTheViewOfSystemMemory() {
    TestVm vm = TestVm.usual();
    assertThat(vm.rows(V1)).isEqualTo(SYSTEM);
    assertThat(vm.view(V2)).isSameAs(vm.view(V1));
    vm.machine.system().root().add(0x80000000L, vm.memory.ram("dimm1", ByteSize.of(0x1000)));
    assertThat(vm.rows(V1)).contains("[0x80000000,0x80000fff] dimm1@0");
    assertThat(vm.view(V2)).isSameAs(vm.view(V1));
    assertThat(vm.view(V1)).isNotSameAs(vm.machine.system().view());
  }

  @Test
  void R_VIO_24_E4_translatingViewLeavesOutTheInterruptWindow() {
    TestVm vm = TestVm.usual();
    vm.iommu.addressSpace(V1);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.enable();
    assertThat(vm.rows(V1)).isEqualTo(TRANSLATING);
    vm.disable();
    assertThat(vm.rows(V1)).isEqualTo(SYSTEM);
  }

  @Test
  void R_VIO_21_switchingGoesThroughAnEmptyView() {
    TestVm vm = TestVm.usual();
    MemoryListener listener = mock(MemoryListener.class);
    AddressSpace space = vm.iommu.addressSpace(V1);
    vm.memory.register(listener, space);
    vm.enable();
    vm.disable();

    InOrder order = inOrder(listener);
    order.verify(listener).begin();
    order.verify(listener).regionAdd(of("ram0", 0));
    order.verify(listener).regionAdd(of("vtd-ir", 0xfee00000L));
    order.verify(listener).commit();
    order.verify(listener).begin();
    order.verify(listener).regionDel(of("ram0", 0));
    order.verify(listener).regionDel(of("vtd-ir", 0xfee00000L));
    order.verify(listener).commit();
    order.verify(listener).begin();
    order.verify(listener).regionAdd(of("vtd-05.0-dmar", 0));
    order.verify(listener).regionAdd(of("vtd-ir", 0xfee00000L));
    order.verify(listener).regionAdd(of("vtd-05.0-dmar", 0xfef00000L));
    order.verify(listener).commit();
    order.verify(listener).begin();
    order.verify(listener).regionDel(of("vtd-05.0-dmar", 0));
    order.verify(listener).regionDel(of("vtd-ir", 0xfee00000L));
    order.verify(listener).regionDel(of("vtd-05.0-dmar", 0xfef00000L));
    order.verify(listener).commit();
    order.verify(listener).begin();
    order.verify(listener).regionAdd(of("ram0", 0));
    order.verify(listener).regionAdd(of("vtd-ir", 0xfee00000L));
    order.verify(listener).commit();
  }

  @Test
  void R_VIO_22_absentContextShowsTheIommuRegion() {
    TestVm vm = TestVm.usual();
    vm.iommu.addressSpace(V1);
    vm.enable();
    assertThat(vm.isTranslating(V1)).isTrue();
    vm.context(V1, ContextMode.PASSTHROUGH, 48);
    assertThat(vm.isTranslating(V1)).as("the entry was not looked at").isTrue();
    vm.invalidate();
    assertThat(vm.isTranslating(V1)).isFalse();
    vm.context(V1, ContextMode.ABSENT, 48);
    vm.setRoot();
    assertThat(vm.isTranslating(V1)).isTrue();
  }

  @Test
  void R_VIO_21_and_R_OVW_4_passThroughKeepsSystemMemory() {
    TestVm vm = TestVm.usual();
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.context(V1, ContextMode.PASSTHROUGH, 48);
    vm.enable();
    vm.invalidate();
    vm.disable();
    assertThat(listener.takeLog()).isEmpty();
    assertThat(vm.rows(V1)).isEqualTo(SYSTEM);
  }

  @Test
  void R_VIO_1_passThroughEntryIsInvalidWithoutPt() {
    TestVm vm = TestVm.with(QemuProfile.V8_1_IOMMU_PT, "caching-mode=on", "pt=off");
    RecordingListener listener = vm.listenTo(V1);
    vm.context(V1, ContextMode.PASSTHROUGH, 39);
    vm.map(V1, 0x1000, 0x2000, 1);
    vm.enable();
    assertThat(vm.isTranslating(V1)).isTrue();
    assertThat(listener.mapped).isEmpty();
  }

  @Test
  void R_VIO_16_translationCannotBeTurnedOnWithoutDmaTranslation() {
    TestVm vm = TestVm.with(QemuProfile.V8_1_IOMMU_PT, "caching-mode=on", "dma-translation=off");
    vm.iommu.addressSpace(V1);
    vm.context(V1, ContextMode.TRANSLATE, 39);
    vm.enable();
    vm.invalidate();
    assertThat(vm.rows(V1)).isEqualTo(SYSTEM);
  }

  @Test
  void R_VIO_23_and_R_OVW_1_devicesAreSwitchedOneByOne() {
    TestVm vm = TestVm.usual();
    assertThat(vm.iommu.limits().lastIova())
        .as("R-OVW-1: the width is all that bounds what the guest may map")
        .isEqualTo(0xffffffffffffL);
    vm.iommu.addressSpace(V1);
    vm.iommu.addressSpace(V2);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.context(V2, ContextMode.PASSTHROUGH, 48);
    vm.enable();
    assertThat(vm.rows(V1)).isEqualTo(TRANSLATING);
    assertThat(vm.rows(V2)).isEqualTo(SYSTEM);
  }

  @Test
  void R_VIO_23_spaceMadeWhileTranslatingIsRightFromTheStart() {
    TestVm vm = TestVm.usual();
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.context(V2, ContextMode.PASSTHROUGH, 48);
    vm.map(V1, 0x1000, 0x2000, 1);
    vm.enable();
    assertThat(vm.rows(V1)).isEqualTo(TRANSLATING);
    assertThat(vm.rows(V2)).isEqualTo(SYSTEM);
    assertThat(vm.listenTo(V1).takeLog())
        .containsExactly(
            "add [0x0,0xfedfffff] vtd-05.0-dmar",
            "map 0x1000+0xfff to 0x2000",
            "add [0xfee00000,0xfeefffff] vtd-ir",
            "add [0xfef00000,0xffffffffffffffff] vtd-05.0-dmar");
  }
}
