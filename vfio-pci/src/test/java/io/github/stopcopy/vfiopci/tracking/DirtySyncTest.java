package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.Blocks;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Collecting dirty pages (spec 04 §6). Every query fails here, so that each can be seen. */
class DirtySyncTest {

  private static final HostFacts FAILING =
      TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport());

  private static TestVm started(QemuProfile profile, HostFacts host, String name, String... more) {
    TestVm vm = TestVm.of(profile, host);
    vm.ram("ram", 0x1000, 0x4000);
    vm.attach(name, more);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.events.clear();
    return vm;
  }

  private static int queries(TestVm vm) {
    vm.migration.marks.clear();
    vm.migration.objects.clear();
    vm.memory.syncDirtyLog();
    return vm.migration.marks.size() + vm.migration.objects.size();
  }

  @ParameterizedTest
  @EnumSource(MigrationStatus.class)
  void R_DT_53_in81OnlyActiveAndDeviceCollect(MigrationStatus status) {
    TestVm vm = started(QemuProfile.V8_2, FAILING, A);
    vm.migration.status = status;
    boolean collects = status == MigrationStatus.ACTIVE || status == MigrationStatus.DEVICE;
    assertThat(queries(vm)).isEqualTo(collects ? 1 : 0);
  }

  @Test
  void R_DT_53_in102StartedTrackingCollects() {
    TestVm vm = started(QemuProfile.V10_2, FAILING, A);
    assertThat(queries(vm)).isOne();
    vm.tracking().stop();
    assertThat(queries(vm)).isZero();
  }

  @Test
  void R_DT_54_aDeviceWithoutMigrationObjectSilencesItsContainer() {
    TestVm vm = started(QemuProfile.V8_2, FAILING, A);
    vm.migration.status = MigrationStatus.ACTIVE;
    VfioPciDevice other = vm.device(B);
    vm.vfio.attach(other, vm.system);
    assertThat(queries(vm)).isZero();
    other.openMigration();
    assertThat(queries(vm)).isOne();
  }

  @Test
  void R_DT_59_withoutPreCopyTrackingDevicesMustHaveStopped() {
    TestVm vm = started(QemuProfile.V8_2, FAILING, A, "x-pre-copy-dirty-page-tracking=off");
    vm.migration.status = MigrationStatus.ACTIVE;
    assertThat(queries(vm)).isZero();
    vm.vfio.devices().get(0).migration().orElseThrow().vmStopped(true);
    assertThat(queries(vm)).isOne();
  }

  @Test
  void R_DT_51_R_DT_58_theTextsOfAFailingReport() {
    TestVm old = started(QemuProfile.V8_2, FAILING, A);
    old.migration.status = MigrationStatus.ACTIVE;
    old.memory.syncDirtyLog();
    assertThat(old.errors())
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x1000, size: 0x4000, err: -5"
                + " (Input/output error)",
            "vfio: Failed to sync dirty bitmap, err: -5 (Input/output error)");
    assertThat(old.migration.marks).containsExactly(Errno.EIO);
    TestVm now = started(QemuProfile.V10_2, FAILING, A);
    now.memory.syncDirtyLog();
    assertThat(now.errors()).isEmpty();
    assertThat(now.migration.objects)
        .extracting(QemuError::text)
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x1000, size: 0x4000:"
                + " Input/output error");
  }

  @Test
  void R_DT_51_theTextsOfAFailingBitmap() {
    HostFacts host =
        TestVm.host(Hosts.container(true, false, null, Errno.EIO, 4096), B, Hosts.noLogging());
    TestVm old = started(QemuProfile.V8_2, host, B);
    old.migration.status = MigrationStatus.ACTIVE;
    old.memory.syncDirtyLog();
    assertThat(old.errors())
        .containsExactly(
            "Failed to get dirty bitmap for iova: 0x1000 size: 0x4000 err: 5",
            "vfio: Failed to sync dirty bitmap, err: -5 (Input/output error)");
    TestVm now = started(QemuProfile.V10_2, host, B);
    now.memory.syncDirtyLog();
    assertThat(now.migration.objects)
        .extracting(QemuError::text)
        .containsExactly(
            "Failed to get dirty bitmap for iova: 0x1000 size: 0x4000: Input/output error");
  }

  @Test
  void R_DT_51_whereNobodyTracksEverythingIsDirtyAndNothingFails() {
    TestVm vm =
        started(
            QemuProfile.V8_2,
            TestVm.host(Hosts.container(false, false, null, Errno.EIO, 0), B, Hosts.noLogging()),
            B);
    vm.migration.status = MigrationStatus.ACTIVE;
    assertThat(queries(vm)).isZero();
  }

  @Test
  void R_DT_55_theAddressIsAlignedButTheSizeIsWhole() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, FAILING);
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x8000));
    vm.root.add(0x10800, vm.memory.alias("w", ram, 0x800, ByteSize.of(0x2400)));
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.memory.syncDirtyLog();
    assertThat(vm.errors().get(0)).contains("iova: 0x11000, size: 0x2400,");
  }

  @Test
  void R_LST_13_aMisalignedSectionIsNotMappedAndYetSynced() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, FAILING);
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x8000));
    vm.root.add(0x4000, vm.memory.alias("window", ram, 0x234, ByteSize.of(0x3000)));
    vm.ram("top", Long.MIN_VALUE, 0x1000);
    vm.attach(A);
    assertThat(vm.mapped()).isEmpty();
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.events.clear();
    assertThat(queries(vm)).as("what R-LST-10 skips is not synced").isOne();
    assertThat(vm.errors())
        .as("R-LST-12 is not reported either")
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x4000, size: 0x3000, err: -5"
                + " (Input/output error)",
            "vfio: Failed to sync dirty bitmap, err: -5 (Input/output error)");
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_11_laterReleasesDoNotSyncReadonlyMemory(QemuProfile profile) {
    TestVm vm = started(profile, FAILING, A);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.rom("rom", 0x100000, 0x1000);
    assertThat(queries(vm)).isEqualTo(profile.isFrom(QemuProfile.V11_0) ? 1 : 2);
  }

  @Test
  void R_DT_56_onlyPluggedPartsAreAskedFor() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, FAILING);
    Blocks blocks = new Blocks(0x200000);
    MemoryRegion.Ram ram = vm.memory.ram("vmem", ByteSize.of(0x800000));
    ram.setDiscardManager(blocks);
    vm.root.add(0x40000000, ram);
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
    assertThat(queries(vm)).isZero();
    vm.events.clear();
    blocks.plug(2, 1);
    vm.memory.syncDirtyLog();
    assertThat(vm.errors().get(0)).contains("iova: 0x40400000, size: 0x200000,");
  }

  @Test
  void R_DT_56_aPartOfTheRamIsAskedForWhereItIs() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, FAILING);
    Blocks blocks = new Blocks(0x200000);
    MemoryRegion.Ram ram = vm.memory.ram("vmem", ByteSize.of(0x800000));
    ram.setDiscardManager(blocks);
    vm.root.add(0x40000000, vm.memory.alias("part", ram, 0x200000, ByteSize.of(0x600000)));
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.events.clear();
    blocks.plug(2, 1);
    vm.memory.syncDirtyLog();
    assertThat(vm.errors().get(0)).contains("iova: 0x40200000, size: 0x200000,");
  }

  private static TestVm translated(QemuProfile profile, TestIommu model) {
    TestVm vm = TestVm.of(profile, FAILING);
    vm.ram("ram", 0, 0x100000);
    MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
    space.add(0x100000, vm.memory.iommu("vtd", ByteSize.of(0x100000000L), model));
    vm.attachTo(vm.memory.addressSpace("vtd", space), A);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
    vm.events.clear();
    vm.migration.marks.clear();
    return vm;
  }

  @Test
  void R_DT_57_everyTranslationIsAskedFor() {
    TestIommu model = new TestIommu();
    TestVm vm = translated(QemuProfile.V8_2, model);
    model.table.add(TestIommu.entry(vm.system, 0x4000, 0x1000, 0x2000, IommuAccess.READ));
    vm.memory.syncDirtyLog();
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x104000, size: 0x2000, err: -5"
                + " (Input/output error)",
            "vfio_iommu_map_dirty_notify(PTR, 0x104000, 0x2000) = -5 (Input/output error)");
    assertThat(vm.migration.marks).containsExactly(Errno.EIO);
  }

  @Test
  void R_DT_57_whatLeadsNowhereMarksTheStream() {
    TestIommu model = new TestIommu();
    TestVm vm = translated(QemuProfile.V10_2, model);
    model.table.add(TestIommu.entry(null, 0x4000, 0, 0x1000, IommuAccess.READ));
    model.table.add(TestIommu.entry(vm.system, 0x5000, 0x900000, 0x1000, IommuAccess.READ));
    model.table.add(TestIommu.entry(vm.system, 0x6000, 0, 0x1000, IommuAccess.READ_WRITE));
    vm.memory.syncDirtyLog();
    assertThat(vm.errors())
        .containsExactly(
            "Wrong target AS \"none\", only system memory is allowed",
            "iommu map to non memory area 900000");
    assertThat(vm.migration.marks).containsExactly(Errno.EINVAL, Errno.EINVAL);
    assertThat(vm.migration.objects).hasSize(1);
  }

  @Test
  void R_DT_57_laterReleasesLeaveReadonlyTranslationsOut() {
    TestIommu model = new TestIommu();
    TestVm vm = translated(QemuProfile.V11_0, model);
    model.table.add(TestIommu.entry(vm.system, 0x4000, 0x1000, 0x1000, IommuAccess.READ));
    assertThat(queries(vm)).isZero();
    model.table.add(TestIommu.entry(vm.system, 0x8000, 0x1000, 0x1000, IommuAccess.WRITE));
    assertThat(queries(vm)).isOne();
  }
}
