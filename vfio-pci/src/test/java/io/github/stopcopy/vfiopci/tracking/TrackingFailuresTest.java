package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.MockedKernel;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Why tracking fails, as data where QEMU's texts do not say; what the policies make of it; and
 * whether a migration gets to know what devices write.
 */
class TrackingFailuresTest {

  private static final String PASSTHROUGH = "x-migration-iommu-pt=on";

  private static List<VfioEvent.Failed> failures(TestVm vm) {
    return vm.events.stream()
        .filter(VfioEvent.Failed.class::isInstance)
        .map(VfioEvent.Failed.class::cast)
        .toList();
  }

  private static List<FailureCause> causes(TestVm vm) {
    return failures(vm).stream().map(VfioEvent.Failed::cause).toList();
  }

  private static TestVm vm(QemuProfile profile, HostFacts host) {
    return vm(profile, host, VfioPolicy.EXACT);
  }

  private static TestVm vm(QemuProfile profile, HostFacts host, VfioPolicy policy) {
    TestVm vm = TestVm.of(profile, host, policy);
    vm.ram("ram", 0, 0x100000);
    return vm;
  }

  @Test
  void R_DT_31_aVirtualIommuInUseIsTheCause() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE);
    vm.attachTo(vm.translated("vtd", new TestIommu()), A, PASSTHROUGH);
    vm.tracking().start();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.VirtualIommuInUse(),
                "vIOMMU mappings active cannot start dirty tracking, err -95 (Operation not"
                    + " supported)"));
  }

  @Test
  void R_DT_11_nothingToTrackIsTheCause() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    vm.attach(A);
    vm.tracking().start();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.NothingToTrack(),
                "vfio: Could not start dirty page tracking, err: -12 (Cannot allocate memory)"));
  }

  @Test
  void Q_19_onRequestNothingToTrackIsAnErrorOfItsOwn() {
    TestVm vm = TestVm.of(QemuProfile.V10_2, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    vm.attach(A);
    vm.attach(B);
    assertThat(vm.tracking().start().map(QemuError::text))
        .contains(
            "vfio: Could not start dirty page tracking - 0000:02:00.0, 0000:01:00.0: there is no"
                + " memory to track");
  }

  @Test
  void Q_14_onRequestTheTranslationsOfEveryContainerAreLookedAtFirst() {
    for (VfioPolicy policy : List.of(VfioPolicy.EXACT, VfioPolicy.IMPROVED)) {
      TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE, policy);
      VfioPciDevice inFront = vm.attach(A, PASSTHROUGH);
      vm.attachTo(vm.translated("vtd", new TestIommu()), B, PASSTHROUGH);
      TestVm.tracking(inFront.container()).start();
      assertThat(causes(vm))
          .isEqualTo(
              policy == VfioPolicy.EXACT
                  ? List.of()
                  : List.of(new FailureCause.VirtualIommuInUse()));
      assertThat(inFront.log().isLogging()).isEqualTo(policy == VfioPolicy.EXACT);
    }
  }

  @Test
  void Q_14_withoutTranslationsTrackingStarts() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    VfioPciDevice device = vm.attach(A, PASSTHROUGH);
    vm.tracking().start();
    assertThat(device.log().isLogging()).isTrue();
    assertThat(failures(vm)).isEmpty();
  }

  @Test
  void R_DT_24_aContainerThatDoesNotBeginIsACauseAndOneThatDoesNotEndIsNone() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.container.setDirtyTracking(false)).thenReturn(Optional.of(Errno.EINVAL));
    TestVm vm = mocked.vm(QemuProfile.V8_2);
    DirtyTracking tracking = TestVm.tracking(vm.attach(A).container());
    tracking.start();
    tracking.stop();
    assertThat(failures(vm)).isEmpty();
    when(mocked.container.setDirtyTracking(true)).thenReturn(Optional.of(Errno.EIO));
    tracking.start();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.ContainerTrackingRefused(0, Errno.EIO),
                "Failed to set dirty tracking flag 0x1 errno: 5"));
  }

  private static MemoryRegion.Iommu appearing(TestVm vm) {
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    MemoryRegion.Iommu region = vm.memory.iommu("vtd", ByteSize.of(0x10000), new TestIommu());
    region.setEnabled(false);
    space.add(0, region);
    vm.attachTo(vm.memory.addressSpace("vtd", space), A, PASSTHROUGH);
    vm.migration.status = MigrationStatus.ACTIVE;
    region.setEnabled(true);
    return region;
  }

  @Test
  void R_LST_25_aVirtualIommuUsedMidwayIsTheCauseOfWhichQemuSaysNothing() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE);
    appearing(vm);
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.VirtualIommuUsedMidway(new AddressRange(0, 0xffff)), ""));
    assertThat(vm.migration.marks).containsExactly(Errno.EOPNOTSUPP);
    assertThat(vm.migration.objects).isEmpty();
  }

  @Test
  void Q_2_onRequestTheMigrationSaysThatTheVirtualIommuIsUsed() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    appearing(vm);
    assertThat(vm.migration.marks).isEmpty();
    assertThat(vm.migration.objects)
        .containsExactly(
            QemuError.of(
                Errno.EOPNOTSUPP,
                "0000:01:00.0: the guest uses the vIOMMU for DMA, section [0x0,0xffff] is"
                    + " translated"));
  }

  @Test
  void R_DT_58_dirtyPagesThatCannotBeReadAreTheCause() {
    TestVm vm = vm(QemuProfile.V10_2, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.memory.syncDirtyLog();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.DirtyPagesNotRead(0),
                "vfio: Failed to sync dirty bitmap, err: -5 (Input/output error)"));
  }

  @Test
  void R_OBS_109_in100TheErrorOfASyncIsPrintedAndOnlyItsNumberKept() {
    TestVm vm = vm(QemuProfile.V10_0, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.memory.syncDirtyLog();
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x0, size: 0x100000:"
                + " Input/output error");
    assertThat(vm.migration.marks).containsExactly(Errno.EIO);
    assertThat(vm.migration.objects).isEmpty();
  }

  @Test
  void R_DT_57_aTranslationThatLeadsNowhereIsTheCause() {
    TestIommu model = new TestIommu();
    TestVm vm = vm(QemuProfile.V10_2, HostFacts.CAPABLE);
    vm.attachTo(vm.translated("vtd", model), A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.events.clear();
    model.table.add(TestIommu.entry(vm.system, 0x5000, 0x900000, 0x1000, IommuAccess.READ));
    vm.memory.syncDirtyLog();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.DirtyPagesNotRead(0), "iommu map to non memory area 900000"));
  }

  private static boolean findsWrites(QemuProfile profile, HostContainer container) {
    TestVm vm = vm(profile, TestVm.host(container, A, Hosts.noLogging()));
    return vm.attach(A).container().findsWrites();
  }

  @Test
  void R_DT_51_R_DT_53_aMigrationLearnsOfWritesWhereSomebodyTracksOrAllCountsAsWritten() {
    HostContainer nobody = Hosts.container(false, false, null, null, 0);
    assertThat(findsWrites(QemuProfile.V8_2, HostContainer.CAPABLE)).isTrue();
    assertThat(findsWrites(QemuProfile.V8_2, nobody)).as("all is dirty").isTrue();
    assertThat(findsWrites(QemuProfile.V10_2, HostContainer.CAPABLE)).isTrue();
    assertThat(findsWrites(QemuProfile.V10_2, nobody)).as("nothing was started").isFalse();
  }

  @Test
  void R_DT_54_aDeviceThatDoesNotMigrateHidesTheWritesOfItsContainer() {
    TestVm vm = vm(QemuProfile.V10_2, HostFacts.CAPABLE);
    VfioPciDevice device = vm.attach(A);
    assertThat(device.container().findsWrites()).isTrue();
    VfioPciDevice other = vm.device(B);
    AddressSpace system = vm.system;
    assertThat(vm.vfio.attach(other, system)).isEmpty();
    assertThat(device.container().findsWrites()).isFalse();
  }
}
