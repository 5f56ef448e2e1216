package io.github.stopcopy.vfiopci.mapping;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.Blocks;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a vIOMMU's translations do to a container (spec 02 §5, §8). */
class NotificationTest {

  private static final class Machine {
    final TestVm vm;
    final MemoryRegion.Iommu region;

    Machine(QemuProfile profile, HostFacts host, String... settings) {
      vm = TestVm.of(profile, host);
      vm.ram("ram", 0, 0x100000);
      vm.rom("rom", 0xc0000, 0x10000);
      region = vm.memory.iommu("vtd", ByteSize.of(0x100000000L), new TestIommu());
      MemoryRegion.Container space = vm.memory.container("space", ByteSize.WHOLE_SPACE);
      space.add(0x100000, region);
      vm.attachTo(vm.memory.addressSpace("vtd", space), A, settings);
      vm.events.clear();
    }

    Machine(QemuProfile profile) {
      this(profile, HostFacts.CAPABLE);
    }

    void map(@Nullable AddressSpace target, long iova, long to, long size, IommuAccess access) {
      region.notifyAll(
          new IotlbEvent(IotlbEvent.Type.MAP, TestIommu.entry(target, iova, to, size, access)));
    }

    void unmap(long iova, long size) {
      region.notifyAll(
          new IotlbEvent(
              IotlbEvent.Type.UNMAP, TestIommu.entry(vm.system, iova, 0, size, IommuAccess.NONE)));
    }
  }

  @Test
  void R_LST_70_theOffsetOfTheSectionIsAdded() {
    Machine m = new Machine(QemuProfile.V8_2);
    m.map(m.vm.system, 0x4000, 0x1000, 0x2000, IommuAccess.READ_WRITE);
    assertThat(m.vm.mapped()).containsExactly("104000-105fff");
    m.unmap(0x4000, 0x2000);
    assertThat(m.vm.mapped()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_70_onlySystemMemoryIsAllowed(QemuProfile profile) {
    Machine m = new Machine(profile);
    AddressSpace other = m.vm.memory.addressSpace("other", m.vm.root);
    m.map(other, 0x4000, 0x1000, 0x1000, IommuAccess.READ);
    m.map(null, 0x4000, 0x1000, 0x1000, IommuAccess.READ);
    assertThat(m.vm.errors())
        .containsExactly(
            "Wrong target AS \"other\", only system memory is allowed",
            "Wrong target AS \"none\", only system memory is allowed");
    assertThat(m.vm.migration.marks).containsExactly(Errno.EINVAL, Errno.EINVAL);
    assertThat(m.vm.mapped()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_71_entriesThatDoNotLeadToRamAreIgnored(QemuProfile profile) {
    Machine m = new Machine(profile);
    m.vm.root.add(0x200000, m.vm.memory.romDevice("flash", ByteSize.of(0x1000)));
    m.map(m.vm.system, 0x4000, 0x123456000L, 0x1000, IommuAccess.READ);
    m.map(m.vm.system, 0x4000, 0x200000, 0x1000, IommuAccess.READ);
    m.map(m.vm.system, 0, 0xbf000, 0x2000, IommuAccess.READ);
    assertThat(m.vm.errors())
        .containsExactly(
            "iommu map to non memory area 123456000",
            "iommu map to non memory area 200000",
            "iommu has granularity incompatible with target AS");
    assertThat(m.vm.migration.marks).isEmpty();
    assertThat(m.vm.migration.objects).isEmpty();
    assertThat(m.vm.mapped()).isEmpty();
  }

  @Test
  void R_LST_71_readonlyUnlessBothSidesAllowWrites() {
    Machine m = new Machine(QemuProfile.V10_2);
    m.map(m.vm.system, 0x1000, 0, 0x1000, IommuAccess.READ);
    m.map(m.vm.system, 0x3000, 0, 0x1000, IommuAccess.WRITE);
    m.map(m.vm.system, 0x5000, 0xc0000, 0x1000, IommuAccess.READ_WRITE);
    m.map(m.vm.system, 0x7000, 0xff000, 0x1000, IommuAccess.READ_WRITE);
    assertThat(m.vm.mapped())
        .containsExactly("101000-101fff ro", "103000-103fff", "105000-105fff ro", "107000-107fff");
  }

  @Test
  void R_LST_71_aTranslatedPageHasTheRamAddressOfWhatItLeadsTo() {
    Machine m = new Machine(QemuProfile.V10_2);
    MemoryRegion.Ram high = m.vm.ram("high", 0x100000000L, 0x100000);
    m.vm.root.add(0x100040000L, m.vm.memory.rom("hole", ByteSize.of(0x1000)), 1);
    m.map(m.vm.system, 0x1000, 0x100045000L, 0x1000, IommuAccess.READ_WRITE);
    assertThat(m.vm.vfio.containers().get(0).mappings())
        .singleElement()
        .satisfies(mapping ->
            assertThat(mapping.ramAddress())
                .isEqualTo(m.vm.memory.ramDirtyLog().addressOf(high, 0x45000)));
  }

  @Test
  void R_LST_71_aFailingMapIsPrintedOnly() {
    Machine m = new Machine(QemuProfile.V8_2);
    m.vm.migration.status = MigrationStatus.ACTIVE;
    m.map(m.vm.system, 0x1000, 0, 0x2000, IommuAccess.READ);
    m.map(m.vm.system, 0x2000, 0, 0x1000, IommuAccess.READ);
    assertThat(m.vm.errors())
        .containsExactly(
            "VFIO_MAP_DMA failed: File exists",
            "vfio_dma_map(PTR, 0x102000, 0x1000, PTR) = -17 (File exists)");
    assertThat(m.vm.migration.marks).isEmpty();
  }

  @Test
  void R_LST_72_discardedMemoryIsRefusedAndTheWarningComesOnce() {
    Machine m = new Machine(QemuProfile.V8_2);
    Blocks blocks = new Blocks(0x200000);
    MemoryRegion.Ram ram = m.vm.memory.ram("vmem", ByteSize.of(0x800000));
    ram.setDiscardManager(blocks);
    m.vm.root.add(0x40000000, ram);
    blocks.plug(1, 1);
    m.map(m.vm.system, 0x1000, 0x40200000, 0x1000, IommuAccess.READ_WRITE);
    m.map(m.vm.system, 0x2000, 0x40000000, 0x1000, IommuAccess.READ_WRITE);
    assertThat(m.vm.warnings())
        .containsExactly(
            "Using vfio with vIOMMUs and coordinated discarding of RAM (e.g., virtio-mem) works,"
                + " however, malicious guests can trigger pinning of more memory than intended via"
                + " an IOMMU. It's possible to mitigate  by setting/adjusting RLIMIT_MEMLOCK.");
    assertThat(m.vm.errors())
        .containsExactly(
            "iommu map to discarded memory (e.g., unplugged via virtio-mem): 40000000");
    assertThat(m.vm.mapped()).containsExactly("101000-101fff");
  }

  @Test
  void R_LST_73_aFailingUnmapIsPrintedAndMarksTheStreamIn81() {
    Machine m = new Machine(QemuProfile.V8_2);
    m.map(m.vm.system, 0, 0, 0x4000, IommuAccess.READ);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.errors())
        .containsExactly(
            "VFIO_UNMAP_DMA failed: Invalid argument",
            "vfio_dma_unmap(PTR, 0x101000, 0x1000) = -22 (Invalid argument)");
    assertThat(m.vm.migration.marks).containsExactly(Errno.EINVAL);
  }

  @Test
  void R_LST_73_in102TheErrorObjectIsAttached() {
    Machine m = new Machine(QemuProfile.V10_2);
    m.map(m.vm.system, 0, 0, 0x4000, IommuAccess.READ);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.errors()).isEmpty();
    assertThat(m.vm.migration.objects)
        .extracting(QemuError::text)
        .containsExactly(
            "vfio_container_dma_unmap(PTR, 0x101000, 0x1000) = -22 (Invalid argument)");
  }

  @Test
  void R_LST_74_sectionsCountNotMappings() {
    Machine m = new Machine(QemuProfile.V8_2);
    assertThat(m.vm.mapped()).isEmpty();
    assertThat(m.vm.vfio.containers().get(0).iommuSections()).hasSize(1);
  }

  @Test
  void R_LST_50_and_R_DT_61_in81ARunningMigrationCollectsAfterTheUnmap() {
    Machine m =
        new Machine(QemuProfile.V8_2, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
    m.vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.marks).as("not active yet").isEmpty();
    m.vm.migration.status = MigrationStatus.ACTIVE;
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed to get DMA logging report, iova: 0x101000, size: 0x1000, err: -5"
                + " (Input/output error)",
            "vfio_dma_unmap(PTR, 0x101000, 0x1000) = -5 (Input/output error)");
    assertThat(m.vm.migration.marks).containsExactly(Errno.EIO);
    VfioPciDevice device = m.vm.vfio.devices().get(0);
    device.migration().orElseThrow().vmStopped(false);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.marks).as("the device stopped").hasSize(1);
    device.closeMigration();
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.marks).as("no migration object").hasSize(1);
  }

  @Test
  void R_LST_50_and_R_DT_61_in102StartedTrackingIsEnough() {
    Machine m =
        new Machine(
            QemuProfile.V10_2, TestVm.host(HostContainer.CAPABLE, A, Hosts.failingReport()));
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.objects).isEmpty();
    m.vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.objects).hasSize(1);
  }

  @Test
  void R_LST_51_theBitmapOfAnUnmapHasAGreatestSize() {
    HostContainer small = Hosts.container(true, false, null, null, 64);
    Machine m = new Machine(QemuProfile.V8_2, TestVm.host(small, A, Hosts.noLogging()));
    m.map(m.vm.system, 0, 0, 0x1000, IommuAccess.READ);
    m.vm.migration.status = MigrationStatus.ACTIVE;
    m.unmap(0, 0x200000);
    assertThat(m.vm.errors()).as("512 pages are 64 bytes").isEmpty();
    assertThat(m.vm.mapped()).isEmpty();
    m.unmap(0, 0x400000);
    assertThat(m.vm.errors())
        .containsExactly(
            "UNMAP: Size of bitmap too big 0x80",
            "vfio_dma_unmap(PTR, 0x100000, 0x400000) = -7 (Argument list too long)");
    assertThat(m.vm.migration.marks).containsExactly(Errno.E2BIG);
  }

  @Test
  void R_LST_51_aRefusedUnmapWithBitmap() {
    Machine m =
        new Machine(QemuProfile.V8_2, TestVm.host(HostContainer.CAPABLE, A, Hosts.noLogging()));
    m.map(m.vm.system, 0, 0, 0x4000, IommuAccess.READ);
    m.vm.migration.status = MigrationStatus.ACTIVE;
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.errors())
        .containsExactly(
            "VFIO_UNMAP_DMA with DIRTY_BITMAP : Invalid argument",
            "vfio_dma_unmap(PTR, 0x101000, 0x1000) = -22 (Invalid argument)");
  }

  @Test
  void R_LST_53_iommufdAsksForNoDirtyPagesOnUnmapIn102AndBeforeItLater() {
    HostContainer iommu = Hosts.container(false, true, null, Errno.EIO, 0);
    Machine now =
        new Machine(QemuProfile.V10_2, TestVm.host(iommu, A, Hosts.noLogging()), "iommufd=fd0");
    now.vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    now.unmap(0, 0x400000);
    assertThat(now.vm.errors()).isEmpty();
    assertThat(now.vm.migration.objects).isEmpty();
    Machine later =
        new Machine(QemuProfile.V11_0, TestVm.host(iommu, A, Hosts.noLogging()), "iommufd=fd0");
    later.vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    later.unmap(0, 0x400000);
    assertThat(later.vm.migration.objects)
        .extracting(QemuError::text)
        .containsExactly(
            "Failed to get dirty bitmap for iova: 0x100000 size: 0x400000: Input/output error");
  }

  private static List<VfioEvent> failures(Machine m) {
    return m.vm.events.stream()
        .filter(VfioEvent.Failed.class::isInstance)
        .map(VfioEvent.class::cast)
        .toList();
  }

  @Test
  void R_LST_70_R_LST_73_aTranslationThatCannotBeFollowedIsTheCause() {
    Machine m = new Machine(QemuProfile.V10_2);
    m.map(null, 0x4000, 0x1000, 0x1000, IommuAccess.READ);
    assertThat(failures(m))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.TranslationNotFollowed(0),
                "Wrong target AS \"none\", only system memory is allowed"));
    m.vm.events.clear();
    m.map(m.vm.system, 0, 0, 0x4000, IommuAccess.READ);
    m.unmap(0x1000, 0x1000);
    assertThat(failures(m))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.TranslationNotFollowed(0),
                "vfio_container_dma_unmap(PTR, 0x101000, 0x1000) = -22 (Invalid argument)"));
  }

  @Test
  void R_LST_72_whatIsPluggedIsLookedUpWhereTheRegionIsAndNotWhereItIsSeen() {
    Machine m = new Machine(QemuProfile.V8_2);
    Blocks blocks = new Blocks(0x200000);
    MemoryRegion.Ram ram = m.vm.memory.ram("vmem", ByteSize.of(0x1000000));
    ram.setDiscardManager(blocks);
    m.vm.root.add(0x40000000, m.vm.memory.alias("part", ram, 0x800000, ByteSize.of(0x800000)));
    blocks.plug(5, 1);
    m.map(m.vm.system, 0x1000, 0x40200000, 0x1000, IommuAccess.READ_WRITE);
    assertThat(m.vm.errors()).isEmpty();
    assertThat(m.vm.mapped()).containsExactly("101000-101fff");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "iommufd=fd0"})
  void R_LST_73_aRefusedUnmapIsToldAlsoWhereDirtyPagesWereCollectedFirst(String setting) {
    HostContainer hardware = Hosts.container(false, true, null, null, 4096);
    HostFacts host = TestVm.host(hardware, A, Hosts.noLogging());
    Machine m =
        setting.isEmpty()
            ? new Machine(QemuProfile.V11_0)
            : new Machine(QemuProfile.V11_0, host, setting);
    m.map(m.vm.system, 0, 0, 0x4000, IommuAccess.READ);
    m.vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    m.unmap(0x1000, 0x1000);
    assertThat(m.vm.migration.objects)
        .extracting(QemuError::text)
        .containsExactly(
            "vfio_container_dma_unmap(PTR, 0x101000, 0x1000) = -22 (Invalid argument)");
  }
}
