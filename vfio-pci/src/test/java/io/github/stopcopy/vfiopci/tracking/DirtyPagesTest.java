package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.GIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which pages of RAM are dirty after a sync (spec 04 §6). */
class DirtyPagesTest {

  private static final HostFacts TYPE1 = TestVm.host(HostContainer.CAPABLE, A, Hosts.noLogging());
  private static final HostFacts NOBODY =
      TestVm.host(Hosts.container(false, false, null, null, 1 << 20), A, Hosts.noLogging());
  private static final HostFacts HARDWARE =
      TestVm.host(Hosts.container(true, true, null, null, 1 << 20), A, Hosts.noLogging());

  private static AddressRange bytes(long first, long last) {
    return new AddressRange(first, last);
  }

  /** 2 GiB below and 2 GiB above 4 GiB, of one region of RAM. */
  private static TestVm pc(QemuProfile profile, HostFacts host, VfioPolicy policy) {
    TestVm vm = TestVm.of(profile, host, policy);
    MemoryRegion ram = vm.memory.ram("pc.ram", ByteSize.of(4 * GIB));
    vm.root.add(0, vm.memory.alias("below", ram, 0, ByteSize.of(2 * GIB)));
    vm.root.add(4 * GIB, vm.memory.alias("above", ram, 2 * GIB, ByteSize.of(2 * GIB)));
    return vm;
  }

  /** A host of 64 KiB pages. */
  private static HostFacts largePages(boolean dirtyTracking, Map<String, HostDevice> devices) {
    HostContainer container =
        HostContainer.builder()
            .dirtyTracking(dirtyTracking)
            .pageSizes(-65536)
            .dirtyPageSizes(65536)
            .maxDirtyBitmapSize(1 << 20)
            .build();
    HostFactsBuilder host = HostFacts.builder().pageSize(65536).container(container);
    devices.forEach(host::device);
    return host.build();
  }

  private static void track(TestVm vm) {
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.migration.status = MigrationStatus.ACTIVE;
  }

  private static List<AddressRange> synced(TestVm vm) {
    vm.memory.syncDirtyLog();
    return dirty(vm);
  }

  private static List<AddressRange> dirty(TestVm vm) {
    return vm.memory.ramDirtyLog().pages().dirtyRanges();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_DT_55_aPageAbove4GiBIsDirtyAtItsRamAddress(QemuProfile profile) {
    TestVm vm = pc(profile, HostFacts.CAPABLE, VfioPolicy.EXACT);
    VfioPciDevice device = vm.attach(A);
    track(vm);
    assertThat(device.dmaWrite(bytes(4 * GIB + 0x5000, 4 * GIB + 0x5003)))
        .containsExactly(bytes(2 * GIB + 0x5000, 2 * GIB + 0x5003));
    assertThat(synced(vm)).containsExactly(bytes(2 * GIB + 0x5000, 2 * GIB + 0x5fff));
  }

  @Test
  void R_DT_51_everyDeviceAddsToTheSamePages() {
    TestVm vm = pc(QemuProfile.V10_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    VfioPciDevice one = vm.attach(A);
    VfioPciDevice other = vm.attach(B);
    track(vm);
    one.dmaWrite(bytes(0x1000, 0x1000));
    other.dmaWrite(bytes(0x1000, 0x2000));
    assertThat(synced(vm)).containsExactly(bytes(0x1000, 0x2fff));
    assertThat(vm.story()).contains("container 0: 2 dirty pages from 0x0, RAM address 0x0");
  }

  @Test
  void R_DT_44_aReportClearsTheDevicesLog() {
    TestVm vm = pc(QemuProfile.V10_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    vm.attach(A).dmaWrite(bytes(0x1000, 0x1000));
    track(vm);
    assertThat(synced(vm)).as("written before anybody logged").isEmpty();
    vm.vfio.devices().get(0).dmaWrite(bytes(0x3000, 0x3000));
    assertThat(synced(vm)).hasSize(1);
    vm.memory.ramDirtyLog().pages().clear(bytes(0, -1));
    assertThat(synced(vm)).isEmpty();
  }

  @Test
  void R_DT_52_aPageOfTheHostIsSeveralOfTheGuest() {
    HostFacts large = largePages(true, Map.of());
    TestVm vm = pc(QemuProfile.V10_2, large, VfioPolicy.EXACT);
    VfioPciDevice device = vm.attach(A);
    track(vm);
    device.dmaWrite(bytes(4 * GIB + 0x12345, 4 * GIB + 0x12345));
    assertThat(synced(vm)).containsExactly(bytes(2 * GIB + 0x10000, 2 * GIB + 0x1ffff));
  }

  @Test
  void R_DT_22_whereNobodyTracksAllIsDirty() {
    TestVm vm = pc(QemuProfile.V8_2, NOBODY, VfioPolicy.EXACT);
    vm.attach(A);
    track(vm);
    assertThat(synced(vm)).containsExactly(bytes(0, 4 * GIB - 1));
    assertThat(vm.story())
        .contains(
            "container 0: 524288 dirty pages from 0x0, RAM address 0x0",
            "container 0: 524288 dirty pages from 0x100000000, RAM address 0x80000000");
  }

  @Test
  void R_DT_51_whereNobodyTracksTheRamOfAMisalignedSectionIsDirtyAndNoPageMore() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, NOBODY);
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x8000));
    vm.root.add(0x10800, vm.memory.alias("window", ram, 0x800, ByteSize.of(0x1800)));
    vm.attach(A);
    track(vm);
    assertThat(synced(vm)).as("0x800 to 0x1fff").containsExactly(bytes(0, 0x1fff));
    assertThat(vm.story()).contains("container 0: 2 dirty pages from 0x11000, RAM address 0x800");
  }

  @Test
  void R_DT_51_whereNobodyTracksOnlyTheSectionIsDirtyAndNotTheHostPageItIsIn() {
    TestVm vm = TestVm.of(QemuProfile.V8_2, largePages(false, Map.of(A, Hosts.noLogging())));
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x20000));
    vm.root.add(0x10000, vm.memory.alias("window", ram, 0, ByteSize.of(0x3000)));
    vm.attach(A);
    track(vm);
    assertThat(synced(vm)).containsExactly(bytes(0, 0x2fff));
  }

  @Test
  void R_DT_53_in102NothingIsCollectedWhereNobodyTracksBecauseNothingWasStarted() {
    TestVm vm = pc(QemuProfile.V10_2, NOBODY, VfioPolicy.EXACT);
    vm.attach(A);
    track(vm);
    assertThat(synced(vm)).isEmpty();
  }

  @Test
  void R_DT_24_whatType1HasPinnedIsDirty() {
    TestVm vm = pc(QemuProfile.V10_2, TYPE1, VfioPolicy.EXACT);
    vm.attach(A);
    track(vm);
    TestVm.mapping(vm.vfio.containers().get(0)).kernel().unmap(4 * GIB, 2 * GIB);
    assertThat(synced(vm)).containsExactly(bytes(0, 2 * GIB - 1));
  }

  @Test
  void R_DT_25_theHardwareOfAnIommufdKnowsWhatWasWritten() {
    TestVm vm = pc(QemuProfile.V10_2, HARDWARE, VfioPolicy.EXACT);
    VfioPciDevice device = vm.attach(A, "iommufd=iommufd0");
    track(vm);
    device.dmaWrite(bytes(0x7fff, 0x8000));
    assertThat(synced(vm)).containsExactly(bytes(0x7000, 0x8fff));
  }

  @Test
  void whatIsNotMappedOrReadOnlyIsNotWritten() {
    TestVm vm = pc(QemuProfile.V10_2, HARDWARE, VfioPolicy.EXACT);
    vm.rom("rom", 0xc0000, 0x10000);
    VfioPciDevice device = vm.attach(A, "iommufd=iommufd0");
    track(vm);
    assertThat(device.dmaWrite(bytes(0xbf000, 0xd0fff)))
        .containsExactly(bytes(0xbf000, 0xbffff), bytes(0xd0000, 0xd0fff));
    assertThat(device.dmaWrite(bytes(3 * GIB, 3 * GIB))).isEmpty();
    assertThat(synced(vm)).containsExactly(bytes(0xbf000, 0xbffff), bytes(0xd0000, 0xd0fff));
  }

  @Test
  void aStoppedDeviceDoesNotWrite() {
    TestVm vm = pc(QemuProfile.V10_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    VfioPciDevice device = vm.attach(A);
    device.migration().orElseThrow().vmStateAboutToChange();
    device.migration().orElseThrow().vmStopped(false);
    assertThat(device.migration().orElseThrow().state()).isEqualTo(VfioDeviceState.STOP);
    assertThatThrownBy(() -> device.dmaWrite(bytes(0, 0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(A + " is STOP");
  }

  /** A device behind a vIOMMU that maps IOVA 0x9000 to the first page above 4 GiB. */
  private static final class Translated {
    final TestIommu iommu = new TestIommu();
    final TestVm vm;
    final VfioPciDevice device;
    final MemoryRegion.Iommu region;

    Translated(QemuProfile profile, HostFacts host, VfioPolicy policy, String... settings) {
      vm = pc(profile, host, policy);
      iommu.table.add(TestIommu.entry(vm.system, 0x9000, 4 * GIB, 0x1000, IommuAccess.READ_WRITE));
      AddressSpace space = vm.translated("vtd", iommu);
      region = (MemoryRegion.Iommu) space.root();
      device = vm.attachTo(space, A, settings);
      track(vm);
    }

    /** The guest unmaps; the event carries an address. */
    void unmap(long carried) {
      iommu.table.clear();
      IotlbEntry gone = TestIommu.entry(vm.system, 0x9000, carried, 0x1000, IommuAccess.NONE);
      region.notifyAll(new IotlbEvent(IotlbEvent.Type.UNMAP, gone));
    }
  }

  @Test
  void R_DT_57_aTranslatedPageIsDirtyWhereItLeads() {
    Translated translated = new Translated(QemuProfile.V8_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    assertThat(translated.device.dmaWrite(bytes(0x9008, 0x9010)))
        .containsExactly(bytes(2 * GIB + 8, 2 * GIB + 0x10));
    assertThat(synced(translated.vm)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void Q_11_onUnmapQemuMarksTheGuestPhysicalAddress() {
    Translated translated = new Translated(QemuProfile.V8_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    translated.device.dmaWrite(bytes(0x9000, 0x9000));
    translated.unmap(4 * GIB);
    assertThat(dirty(translated.vm)).containsExactly(bytes(4 * GIB, 4 * GIB + 0xfff));
  }

  @Test
  void R_DT_62_onUnmapWithoutAnAddressQemuMarksPageZero() {
    Translated translated = new Translated(QemuProfile.V8_2, HostFacts.CAPABLE, VfioPolicy.EXACT);
    translated.device.dmaWrite(bytes(0x9000, 0x9000));
    translated.unmap(0);
    assertThat(dirty(translated.vm)).containsExactly(bytes(0, 0xfff));
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void Q_11_onRequestTheRamThatWasMappedIsMarked(QemuProfile profile) {
    Translated translated = new Translated(profile, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    translated.device.dmaWrite(bytes(0x9000, 0x9000));
    translated.unmap(0);
    assertThat(dirty(translated.vm)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void R_LST_50_type1HandsTheBitmapOverAsItUnmaps() {
    Translated exact = new Translated(QemuProfile.V10_2, TYPE1, VfioPolicy.EXACT);
    exact.unmap(4 * GIB);
    assertThat(dirty(exact.vm)).containsExactly(bytes(4 * GIB, 4 * GIB + 0xfff));
    Translated corrected = new Translated(QemuProfile.V10_2, TYPE1, VfioPolicy.IMPROVED);
    corrected.unmap(4 * GIB);
    assertThat(dirty(corrected.vm)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void R_LST_53_iommufdLosesThePagesIn102AndCollectsThemIn110() {
    String[] iommufd = {"iommufd=iommufd0"};
    Translated older = new Translated(QemuProfile.V10_2, HARDWARE, VfioPolicy.IMPROVED, iommufd);
    older.device.dmaWrite(bytes(0x9000, 0x9000));
    older.unmap(0);
    assertThat(dirty(older.vm)).isEmpty();
    Translated newer = new Translated(QemuProfile.V11_0, HARDWARE, VfioPolicy.IMPROVED, iommufd);
    newer.device.dmaWrite(bytes(0x9000, 0x9000));
    newer.unmap(0);
    assertThat(dirty(newer.vm)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void R_LST_46_in110PagesAreCollectedBeforeASectionGoes() {
    TestVm exact = pc(QemuProfile.V11_0, HostFacts.CAPABLE, VfioPolicy.EXACT);
    TestVm corrected = pc(QemuProfile.V11_0, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    for (TestVm vm : List.of(exact, corrected)) {
      VfioPciDevice device = vm.attach(A);
      track(vm);
      device.dmaWrite(bytes(4 * GIB, 4 * GIB));
      vm.root.subregions().stream()
          .filter(region -> region.name().equals("above"))
          .findFirst()
          .orElseThrow()
          .setEnabled(false);
    }
    assertThat(dirty(exact)).as("Q-11").containsExactly(bytes(4 * GIB, 4 * GIB + 0xfff));
    assertThat(dirty(corrected)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void Q_11_aPageThatGoesTakesNoneOfItsNeighboursAlong() {
    Translated translated =
        new Translated(QemuProfile.V10_2, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    IotlbEntry next =
        TestIommu.entry(translated.vm.system, 0xa000, 0x40000, 0x1000, IommuAccess.READ_WRITE);
    translated.region.notifyAll(new IotlbEvent(IotlbEvent.Type.MAP, next));
    translated.device.dmaWrite(bytes(0x9000, 0xafff));
    translated.unmap(0);
    assertThat(dirty(translated.vm)).containsExactly(bytes(2 * GIB, 2 * GIB + 0xfff));
  }

  @Test
  void Q_11_theLastPageOfTheSpaceIsFoundWhereItWasMapped() {
    Translated translated = new Translated(QemuProfile.V10_2, TYPE1, VfioPolicy.IMPROVED);
    IotlbEntry top =
        TestIommu.entry(translated.vm.system, -0x1000, 0x40000, 0x1000, IommuAccess.READ_WRITE);
    translated.region.notifyAll(new IotlbEvent(IotlbEvent.Type.MAP, top));
    IotlbEntry gone = TestIommu.entry(translated.vm.system, -0x1000, 0, 0x1000, IommuAccess.NONE);
    translated.region.notifyAll(new IotlbEvent(IotlbEvent.Type.UNMAP, gone));
    assertThat(dirty(translated.vm)).containsExactly(bytes(0x40000, 0x40fff));
  }

  @Test
  void R_LST_50_ofTwoMappingsThatGoTogetherEachMarksItsOwnRam() {
    Translated translated = new Translated(QemuProfile.V10_2, TYPE1, VfioPolicy.IMPROVED);
    IotlbEntry next =
        TestIommu.entry(translated.vm.system, 0xa000, 0x40000, 0x1000, IommuAccess.READ_WRITE);
    translated.region.notifyAll(new IotlbEvent(IotlbEvent.Type.MAP, next));
    translated.vm.events.clear();
    IotlbEntry both = new IotlbEntry(translated.vm.system, 0x8000, 0, 0x3fff, IommuAccess.NONE);
    translated.region.notifyAll(new IotlbEvent(IotlbEvent.Type.UNMAP, both));
    assertThat(dirty(translated.vm))
        .containsExactly(bytes(0x40000, 0x40fff), bytes(2 * GIB, 2 * GIB + 0xfff));
    assertThat(translated.vm.story())
        .containsExactly(
            "container 0: unmap 0x8000 +0x4000",
            "container 0: 1 dirty pages from 0x9000, RAM address 0x80000000",
            "container 0: 1 dirty pages from 0xa000, RAM address 0x40000");
  }

  @Test
  void Q_11_onRequestASectionThatBeginsWithinAPageIsFoundInItsRam() {
    TestVm vm = TestVm.of(QemuProfile.V11_0, HostFacts.CAPABLE, VfioPolicy.IMPROVED);
    MemoryRegion.Ram ram = vm.memory.ram("ram", ByteSize.of(0x8000));
    MemoryRegion.Alias window = vm.memory.alias("window", ram, 0x2800, ByteSize.of(0x2800));
    vm.root.add(0x10800, window);
    VfioPciDevice device = vm.attach(A);
    track(vm);
    device.dmaWrite(bytes(0x11000, 0x11000));
    window.setEnabled(false);
    long base = vm.memory.ramDirtyLog().addressOf(ram, 0);
    assertThat(dirty(vm)).containsExactly(bytes(base + 0x3000, base + 0x3fff));
  }
}
