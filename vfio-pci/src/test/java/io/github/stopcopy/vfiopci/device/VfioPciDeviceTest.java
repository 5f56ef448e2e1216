package io.github.stopcopy.vfiopci.device;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device tells of itself: its ids, its part in failover, and what of its BARs is mapped. */
class VfioPciDeviceTest {

  private static final String DMA_BUF_WARNING =
      "VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work";

  private static VfioPciDevice create(HostDevice facts, String... settings) {
    TestVm vm = TestVm.of(QemuProfile.V11_1, TestVm.host(HostContainer.CAPABLE, A, facts));
    return vm.device(A, settings);
  }

  @Test
  void theIdIsTheOneOfTheCommandLine() {
    TestVm vm = TestVm.of(QemuProfile.V11_1);
    VfioPciDevice device =
        TestVm.ok(
            vm.vfio.create(
                Optional.of("net0"),
                new PciAddress("pcie.0", 5, 0),
                vm.values("host=" + A),
                HostDevice.CAPABLE));
    assertThat(device.id()).contains("net0");
    assertThat(vm.device(B).id()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 15b3:101e",
    "x-pci-vendor-id=0x8086, 8086:101e",
    "x-pci-device-id=0x12, 15b3:0012",
  })
  void R_PROP_20_thePciIdIsTheOwnersElseTheDevicesOwn(String setting, String shown) {
    HostDevice facts = HostDevice.builder().pciId("15b3:101e").build();
    String[] settings = setting.isEmpty() ? new String[0] : new String[] {setting};
    assertThat(create(facts, settings).pciId()).contains(shown);
  }

  @Test
  void R_PROP_20_halfAPciIdIsNone() {
    assertThat(create(HostDevice.CAPABLE).pciId()).isEmpty();
    assertThat(create(HostDevice.CAPABLE, "x-pci-vendor-id=0x8086").pciId()).isEmpty();
    assertThat(create(HostDevice.CAPABLE, "x-pci-device-id=0x8086").pciId()).isEmpty();
    assertThat(create(HostDevice.CAPABLE, "x-pci-vendor-id=0x8086", "x-pci-device-id=0xa").pciId())
        .contains("8086:000a");
  }

  @Test
  void R_OBS_115_theStandbyIsTheOneThatIsNamed() {
    assertThat(create(HostDevice.CAPABLE).failoverStandby()).isEmpty();
    assertThat(create(HostDevice.CAPABLE, "failover_pair_id=net1").failoverStandby())
        .contains("net1");
  }

  @Test
  void theClassIsKnownOnlyWhereItWasSet() {
    assertThat(create(HostDevice.CAPABLE).isKnownNotToBeEthernet()).isFalse();
    assertThat(create(HostDevice.CAPABLE, "x-pci-class-code=0x020000").isKnownNotToBeEthernet())
        .isFalse();
    assertThat(create(HostDevice.CAPABLE, "x-pci-class-code=0x020007").isKnownNotToBeEthernet())
        .as("the interface of the class does not count")
        .isFalse();
    assertThat(create(HostDevice.CAPABLE, "x-pci-class-code=0x010802").isKnownNotToBeEthernet())
        .isTrue();
    assertThat(TestVm.of(QemuProfile.V8_2).device(A, "host=" + A).isKnownNotToBeEthernet())
        .as("no such property")
        .isFalse();
  }

  @Test
  void anEmptyIommufdIsNone() {
    assertThat(create(HostDevice.CAPABLE, "iommufd=").usesIommufd()).isFalse();
    assertThat(create(HostDevice.CAPABLE, "iommufd=i0").usesIommufd()).isTrue();
  }

  @Test
  void R_BLK_50_theIommuTracksOnlyThroughIommufdWhereItsHardwareCan() {
    HostContainer hardware = Hosts.container(true, true, null, null, 4096);
    TestVm able = TestVm.of(QemuProfile.V10_2, TestVm.host(hardware));
    assertThat(able.attach(A, "iommufd=i0").hasIommuDirtyTracking()).isTrue();
    assertThat(able.attach(B).hasIommuDirtyTracking()).as("type1").isFalse();
    TestVm unable = TestVm.of(QemuProfile.V10_2);
    assertThat(unable.attach(A, "iommufd=i0").hasIommuDirtyTracking()).isFalse();
    TestVm old = TestVm.of(QemuProfile.V9_0, TestVm.host(hardware));
    assertThat(old.attach(A, "iommufd=i0").hasIommuDirtyTracking()).as("R-REL-18").isFalse();
  }

  @Test
  void barsThatAreMappedAreMemoryTheHostMaps() {
    HostDevice mapped = Hosts.withBar(0x4000, BarKind.MEM64, true);
    assertThat(create(mapped).hasMappedBars()).isTrue();
    assertThat(create(mapped).areBarsDescribed()).isTrue();
    assertThat(create(mapped, "x-no-mmap=on").hasMappedBars()).isFalse();
    VfioPciDevice trapped = create(Hosts.withBar(0x4000, BarKind.MEM64, false));
    assertThat(trapped.hasMappedBars()).isFalse();
    assertThat(trapped.areBarsDescribed()).isTrue();
    assertThat(create(HostDevice.CAPABLE).areBarsDescribed()).isFalse();
  }

  private static List<String> warnings(QemuProfile profile, HostDevice facts, String... settings) {
    TestVm vm = TestVm.of(profile, TestVm.host(HostContainer.CAPABLE, A, facts));
    vm.attach(A, settings);
    return vm.warnings();
  }

  private static HostDeviceBuilder withoutDmaBuf(long barSize) {
    return HostDevice.builder().dmaBuf(false).bar(0, Bar.builder(barSize).build());
  }

  @Test
  void R_OBS_101_aDeviceWithMmapsIsWarnedOfWithoutDmaBuf() {
    HostDevice without = withoutDmaBuf(0x4000).build();
    assertThat(warnings(QemuProfile.V11_1, without)).containsExactly(DMA_BUF_WARNING);
    assertThat(warnings(QemuProfile.V11_0, without)).as("earlier releases").isEmpty();
    assertThat(warnings(QemuProfile.V11_1, withoutDmaBuf(0x4000).dmaBuf(true).build())).isEmpty();
    assertThat(warnings(QemuProfile.V11_1, without, "x-no-mmap=on")).isEmpty();
    assertThat(warnings(QemuProfile.V11_1, HostDevice.builder().dmaBuf(false).build()))
        .as("no BARs")
        .isEmpty();
  }

  @Test
  void R_OBS_101_neitherPortsNorABarWithoutMmapIsWarnedOf() {
    HostDeviceBuilder unmapped = HostDevice.builder().dmaBuf(false);
    unmapped.bar(0, Bar.builder(0x4000).mmap(false).build());
    unmapped.bar(1, Bar.builder(0x100).kind(BarKind.IO).mmap(true).build());
    assertThat(warnings(QemuProfile.V11_1, unmapped.build())).isEmpty();
    unmapped.bar(2, Bar.builder(0x1000).build());
    assertThat(warnings(QemuProfile.V11_1, unmapped.build())).containsExactly(DMA_BUF_WARNING);
  }

  @ParameterizedTest(name = "a BAR of {0} bytes, {1} vectors in BAR {2} from {3} on")
  @CsvSource({
    // bytes, vectors, bar, offset, silent
    "0x1000,  256, 0, 0x0,    true",
    "0x2000,  256, 0, 0x0,    false",
    "0x2000,  257, 0, 0x0,    true",
    "0x2000,  256, 0, 0x800,  true",
    "0x3000,  256, 0, 0x800,  false",
    "0x2000,  256, 0, 0x1000, false",
    "0x1000,  256, 1, 0x0,    false",
  })
  void R_OBS_101_aBarThatIsAllMsixTableHasNoMmap(
      String bytes, int vectors, int bar, String offset, boolean silent) {
    HostDevice facts =
        withoutDmaBuf(Long.decode(bytes)).msix(new Msix(vectors, bar, Long.decode(offset))).build();
    assertThat(warnings(QemuProfile.V11_1, facts).isEmpty()).isEqualTo(silent);
  }

  @Test
  void R_OBS_101_theWarningComesOnceForTheVm() {
    HostDevice without = withoutDmaBuf(0x4000).build();
    TestVm vm =
        TestVm.of(
            QemuProfile.V11_1, TestVm.host(HostContainer.CAPABLE, Map.of(A, without, B, without)));
    vm.attach(A);
    vm.attach(B);
    assertThat(vm.warnings()).containsExactly(DMA_BUF_WARNING);
  }

  @Test
  void aDeviceThatWasTakenOutHasNoContainer() {
    TestVm vm = TestVm.of(QemuProfile.V11_1);
    VfioPciDevice device = vm.attach(A);
    vm.vfio.detach(device);
    assertThatIllegalStateException()
        .isThrownBy(device::container)
        .withMessage("0000:01:00.0 is not attached");
    assertThatIllegalStateException()
        .isThrownBy(device::log)
        .withMessage("0000:01:00.0 is not attached");
  }

  @ParameterizedTest
  @CsvSource({
    "sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001, on, true",
    "sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001, auto, true",
    "sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001, off, false",
    "host=0000:01:00.0, auto, false",
    "host=0000:01:00.0, off, false",
  })
  void R_OBS_168_aResolutionNeedsADisplay(String which, String display, boolean shown) {
    VfioPciDevice device =
        TestVm.ok(TestVm.of(QemuProfile.V11_1).create(which, "display=" + display, "xres=640"));
    assertThat(device.refusesDisplay().isEmpty()).isEqualTo(shown);
  }
}
