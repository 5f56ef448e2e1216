package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.testkit.NaiveDirtyLog;
import io.github.stopcopy.testkit.Seeds;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What devices wrote to, page by page, against what syncs and unmaps find: nothing is lost, and
 * exact trackers add nothing. Devices write to RAM directly or through a vIOMMU whose guest maps
 * and unmaps.
 */
class RandomDirtyPagesTest {

  private static final long PAGE = 4096;
  private static final long RAM = 4 * GIB;
  private static final AddressRange EVERYWHERE = new AddressRange(0, -1);

  private enum Tracking {
    DEVICES(HostDevice.CAPABLE, HostContainer.CAPABLE),
    TYPE1(Hosts.noLogging(), HostContainer.CAPABLE),
    NOBODY(Hosts.noLogging(), Hosts.container(false, false, null, null, 1 << 20));

    private final HostFacts host;

    Tracking(HostDevice device, HostContainer container) {
      host = TestVm.host(container, Map.of(A, device, B, device));
    }
  }

  private static final class Guest {
    final Random random;
    final TestVm vm;
    final TestIommu iommu = new TestIommu();
    final List<VfioPciDevice> devices = new ArrayList<>();
    final NaiveDirtyLog written = new NaiveDirtyLog(PAGE);
    final MemoryRegion.Iommu region;

    Guest(QemuProfile profile, Tracking tracking, Random random) {
      this.random = random;
      vm = TestVm.of(profile, tracking.host, VfioPolicy.IMPROVED);
      MemoryRegion ram = vm.memory.ram("pc.ram", ByteSize.of(RAM));
      vm.root.add(0, vm.memory.alias("below", ram, 0, ByteSize.of(RAM / 2)));
      vm.root.add(RAM, vm.memory.alias("above", ram, RAM / 2, ByteSize.of(RAM / 2)));
      vm.rom("rom", 0xe0000, 0x20000);
      AddressSpace translated = vm.translated("vtd", iommu);
      region = (MemoryRegion.Iommu) translated.root();
      for (int i = random.nextInt(4); i > 0; i--) {
        map();
      }
      devices.add(vm.attach(A));
      devices.add(vm.attachTo(translated, B));
      vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
      vm.migration.status = MigrationStatus.ACTIVE;
    }

    void step() {
      switch (random.nextInt(6)) {
        case 0 -> vm.memory.syncDirtyLog();
        case 1 -> map();
        case 2 -> unmap();
        default -> write();
      }
    }

    private long guestPage() {
      long page = random.nextInt(8) * PAGE + (random.nextBoolean() ? 0 : 0x100000);
      return random.nextBoolean() ? page : RAM + page;
    }

    private void map() {
      long iova = 0x10000 * (1 + random.nextInt(8));
      if (iommu.table.stream().noneMatch(entry -> entry.iova() == iova)) {
        IotlbEntry entry =
            TestIommu.entry(vm.system, iova, guestPage(), PAGE, IommuAccess.READ_WRITE);
        iommu.table.add(entry);
        region.notifyAll(new IotlbEvent(IotlbEvent.Type.MAP, entry));
      }
    }

    private void unmap() {
      if (!iommu.table.isEmpty()) {
        IotlbEntry gone = iommu.table.remove(random.nextInt(iommu.table.size()));
        long carried = random.nextBoolean() ? 0 : gone.translatedAddress();
        region.notifyAll(
            new IotlbEvent(
                IotlbEvent.Type.UNMAP,
                TestIommu.entry(vm.system, gone.iova(), carried, PAGE, IommuAccess.NONE)));
      }
    }

    private void write() {
      VfioPciDevice device = devices.get(random.nextInt(2));
      long first = random.nextInt((int) PAGE);
      long length = random.nextInt((int) (PAGE - first));
      long page;
      if (device.container().isBehindVirtualIommu()) {
        if (iommu.table.isEmpty()) {
          return;
        }
        page = iommu.table.get(random.nextInt(iommu.table.size())).iova();
      } else {
        page = guestPage();
        length += random.nextInt(3) * PAGE;
      }
      List<AddressRange> ram =
          device.dmaWrite(new AddressRange(page + first, page + first + length));
      assertThat(ram).isNotEmpty();
      ram.forEach(written::mark);
    }
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void whatWasWrittenIsDirtyAndNothingElse(QemuProfile profile) {
    Seeds.forEach(
        200,
        random -> {
          Guest guest = new Guest(profile, Tracking.DEVICES, random);
          for (int i = 0; i < 60; i++) {
            guest.step();
          }
          guest.vm.memory.syncDirtyLog();
          NaiveDirtyLog found = new NaiveDirtyLog(PAGE);
          guest.vm.memory.ramDirtyLog().pages().dirtyRanges().forEach(found::mark);
          assertThat(found.dirtyIn(EVERYWHERE)).isEqualTo(guest.written.dirtyIn(EVERYWHERE));
          assertThat(guest.vm.errors()).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"TYPE1", "NOBODY"})
  void whereNobodyKnowsWhatWasWrittenNothingIsLost(Tracking tracking) {
    Seeds.forEach(
        50,
        random -> {
          Guest guest = new Guest(QemuProfile.V8_2, tracking, random);
          for (int i = 0; i < 60; i++) {
            guest.step();
          }
          guest.vm.memory.syncDirtyLog();
          for (long page : guest.written.dirtyIn(EVERYWHERE)) {
            assertThat(guest.vm.memory.ramDirtyLog().pages().isDirty(page)).isTrue();
          }
        });
  }
}
