package io.github.stopcopy.vfiopci.mapping;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.IotlbRun;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.testkit.Seeds;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.Blocks;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages that a vIOMMU announces in a run do what they do one by one (R-LST-70 .. R-LST-73). */
class RunsOfPagesTest {

  private static final long PAGE = 0x1000;
  private static final long RAM = 0x40000;
  private static final long DISCARDED = 0x100000;

  private static final class Guest {
    final TestVm vm;
    final AddressSpace other;
    final MemoryRegion.Iommu region;

    Guest(QemuProfile profile, long dmaAvailable) {
      HostContainer container = HostContainer.builder().dmaAvailable(dmaAvailable).build();
      vm = TestVm.of(profile, TestVm.host(container, A, Hosts.noLogging()));
      vm.ram("low", 0, RAM);
      vm.rom("rom", RAM, 0x8000);
      vm.ram("high", 0x80000, RAM);
      MemoryRegion.Ram discarded = vm.memory.ram("vmem", ByteSize.of(RAM));
      Blocks blocks = new Blocks(0x4000);
      discarded.setDiscardManager(blocks);
      vm.root.add(DISCARDED, discarded);
      blocks.plug(1, 3);
      other = vm.memory.addressSpace("other", vm.root);
      AddressSpace translated = vm.translated("vtd", new TestIommu());
      region = (MemoryRegion.Iommu) translated.root();
      vm.attachTo(translated, A);
      vm.events.clear();
    }

    void step(Random random, boolean atOnce) {
      if (random.nextInt(12) == 0) {
        vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
        vm.migration.status = MigrationStatus.ACTIVE;
      }
      IotlbRun run = run(random);
      if (atOnce) {
        region.notifyAll(run);
      } else {
        run.forEach(region::notifyAll);
      }
    }

    private IotlbRun run(Random random) {
      boolean isMap = random.nextInt(3) > 0;
      IommuAccess access =
          isMap
              ? List.of(IommuAccess.READ, IommuAccess.READ_WRITE).get(random.nextInt(2))
              : IommuAccess.NONE;
      long size = PAGE << random.nextInt(8) / 6;
      long to = random.nextInt((int) ((DISCARDED + 2 * RAM) / PAGE)) * PAGE;
      return new IotlbRun(
          new IotlbEvent(
              isMap ? IotlbEvent.Type.MAP : IotlbEvent.Type.UNMAP,
              TestIommu.entry(
                  random.nextInt(20) == 0 ? other : vm.system,
                  random.nextInt(0x80) * size,
                  to,
                  size,
                  access)),
          1 + random.nextInt(0x30),
          random.nextInt(8) == 0 ? 0 : size);
    }
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_70_aRunDoesAndTellsWhatItsPagesDo(QemuProfile profile) {
    Seeds.forEach(
        60,
        random -> {
          long seed = random.nextLong();
          long available = random.nextBoolean() ? 65535 : random.nextInt(100);
          Guest atOnce = new Guest(profile, available);
          Guest oneByOne = new Guest(profile, available);
          Random some = new Random(seed);
          Random same = new Random(seed);
          for (int i = 0; i < 20; i++) {
            atOnce.step(some, true);
            oneByOne.step(same, false);
          }

          assertThat(atOnce.vm.events).isEqualTo(oneByOne.vm.events);
          assertThat(atOnce.vm.mapped()).isEqualTo(oneByOne.vm.mapped());
          assertThat(atOnce.vm.migration.marks).isEqualTo(oneByOne.vm.migration.marks);
          assertThat(atOnce.vm.migration.objects).isEqualTo(oneByOne.vm.migration.objects);
          assertThat(atOnce.vm.memory.ramDirtyLog().pages().dirtyRanges())
              .isEqualTo(oneByOne.vm.memory.ramDirtyLog().pages().dirtyRanges());
        });
  }

  @Test
  void R_LST_71_aRunEndsWhereItsMemoryDoes() {
    Guest guest = new Guest(QemuProfile.V10_2, 65535);
    guest.region.notifyAll(
        new IotlbRun(
            new IotlbEvent(
                IotlbEvent.Type.MAP,
                TestIommu.entry(
                    guest.vm.system, 0x1000, RAM - 2 * PAGE, PAGE, IommuAccess.READ_WRITE)),
            3,
            PAGE));

    assertThat(guest.vm.mapped()).containsExactly("1000-1fff", "2000-2fff", "3000-3fff ro");
    assertThat(guest.vm.events)
        .filteredOn(VfioEvent.DmaMap.class::isInstance)
        .extracting(event -> ((VfioEvent.DmaMap) event).readonly())
        .containsExactly(false, false, true);
  }
}
