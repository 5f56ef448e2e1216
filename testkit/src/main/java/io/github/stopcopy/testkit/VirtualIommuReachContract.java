package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.GuestAction;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The cases of how far translation reaches: addresses and lengths of maps by orders of magnitude,
 * at the ends of memory and of the address width, and to every notifier. A part of {@link
 * VirtualIommuContract}, which is what to extend.
 *
 * <p>The window of interrupts, 0xfee00000 to 0xfeefffff, is left out: a guest maps nothing there.
 */
abstract class VirtualIommuReachContract extends VirtualIommuSpaceContract {

  private static final int RUNS = 25;
  private static final int PAGES = 64;
  private static final AddressRange INTERRUPTS = new AddressRange(0xfee00000L, 0xfeefffffL);

  static void assumePlayed(boolean plays) {
    Assumptions.assumeTrue(plays, "it models nothing that a guest does");
  }

  /** A VM whose guest translates for the first device, with nothing mapped. */
  Vm translating() {
    Vm vm = new Vm();
    vm.iommu.addressSpace(ONE);
    vm.translate(ONE);
    vm.begin();
    return vm;
  }

  static MemoryRegion.Iommu region(AddressSpace space) {
    for (FlatRange range : space.view().ranges()) {
      if (range.region() instanceof MemoryRegion.Iommu iommu) {
        return iommu;
      }
    }
    return fail(
        "addressSpace(): the device sees no IOMMU region while the guest translates for it");
  }

  static NavigableMap<Long, Long> pages(long iova, long address, int count) {
    NavigableMap<Long, Long> pages = new TreeMap<>(Long::compareUnsigned);
    for (int i = 0; i < count; i++) {
      pages.put(iova + i * PAGE, address + i * PAGE);
    }
    return pages;
  }

  /**
   * The translation of an address that is mapped: where to, and that it may be read and written.
   */
  static void checkTranslation(IommuModel model, long iova, long address) {
    for (IommuAccess access : List.of(IommuAccess.READ, IommuAccess.WRITE)) {
      Optional<IotlbEntry> entry =
          model.translate(iova, access).filter(found -> found.access() == IommuAccess.READ_WRITE);
      assertEquals(
          Optional.of(U64.hex(address)),
          entry.map(found -> U64.hex(found.translatedAddress() + (iova - found.iova()))),
          () -> "translate() to read and write at " + U64.hex(iova));
    }
  }

  @Test
  @DisplayName("a replay hands over what is mapped in the notifier's range, and nothing else")
  void aReplayIsExact() throws Exception {
    assumePlayed(playsGuestActions());
    Seeds.forEach(
        RUNS,
        random -> {
          Vm vm = translating();
          NavigableMap<Long, Long> expected = new TreeMap<>(Long::compareUnsigned);
          for (int i = 0; i < 5; i++) {
            long iova = 0x100000 + random.nextInt(PAGES) * PAGE;
            long address = random.nextInt(PAGES) * PAGE;
            if (vm.isPlayed(new GuestAction.Map(ONE, iova, address, 4))) {
              expected.putAll(pages(iova, address, 4));
            }
          }
          vm.takeUp();
          long first = 0x100000 + random.nextInt(PAGES / 2) * PAGE;
          long last = first + random.nextInt(PAGES) * PAGE + (PAGE - 1);
          NavigableMap<Long, Long> replayed = new TreeMap<>(Long::compareUnsigned);
          IommuNotifier notifier =
              new IommuNotifier(
                  NotifierFlags.IOTLB_EVENTS,
                  first,
                  last,
                  entry -> {
                    assertEquals(
                        IommuAccess.READ_WRITE,
                        entry.access(),
                        () -> "the access of an entry of replay(): " + entry);
                    assertSame(vm.system, entry.target(), "the target of an entry of replay()");
                    int count = (int) (entry.addressMask() / PAGE + 1);
                    replayed.putAll(pages(entry.iova(), entry.translatedAddress(), count));
                  });
          MemoryRegion.Iommu region = region(vm.iommu.addressSpace(ONE));
          assertTrue(
              region.register(notifier).isEmpty(), "notifierFlagsChanged() refused the notifier");
          region.model().replay(notifier);
          assertEquals(
              expected.subMap(first, true, last, true), replayed, "what replay() handed over");
          region.unregister(notifier);
          checkTranslations(region.model(), expected);
        });
  }

  private static void checkTranslations(IommuModel model, NavigableMap<Long, Long> expected) {
    for (int i = 0; i < 2 * PAGES; i++) {
      long iova = 0x100000 + i * PAGE + 7;
      Optional<IotlbEntry> entry =
          model.translate(iova, IommuAccess.WRITE).filter(found -> found.access().canWrite());
      Long page = expected.get(iova - 7);
      Long target =
          entry.map(found -> found.translatedAddress() + (iova - 7 - found.iova())).orElse(null);
      assertEquals(page, target, () -> "translate() at " + U64.hex(iova));
    }
  }

  /** An I/O virtual address with room for so many pages: of any magnitude, often at the end. */
  private static long iova(Random random, long lastIova, int count) {
    long lastPage = (lastIova >>> 12) - (count - 1);
    long page =
        random.nextInt(4) == 0
            ? lastPage
            : RandomRanges.upTo(random, lastPage >>> random.nextInt(50));
    long iova = page << 12;
    return new AddressRange(iova, iova + count * PAGE - 1).overlaps(INTERRUPTS)
        ? INTERRUPTS.last() + 1
        : iova;
  }

  /** A place in RAM with room for so many pages: of any magnitude, often at the end of a block. */
  private static long guestAddress(Random random, int count) {
    AddressRange block = random.nextBoolean() ? LOW_RAM : HIGH_RAM;
    long lastPage = ((block.last() - block.first()) >>> 12) - (count - 1);
    long page =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> lastPage;
          default -> RandomRanges.upTo(random, lastPage) >>> random.nextInt(20);
        };
    return block.first() + (page << 12);
  }

  @Test
  @DisplayName(
      "maps may lie anywhere in the address width, lead anywhere in RAM and be of any size")
  void mapsLieAnywhere() throws Exception {
    assumePlayed(playsGuestActions());
    Seeds.forEach(
        RUNS,
        random -> {
          Vm vm = translating();
          IommuFollower follower = vm.follow(ONE);
          NavigableMap<Long, Long> expected = new TreeMap<>(Long::compareUnsigned);
          List<GuestAction.Map> maps = new ArrayList<>();
          for (int i = 0; i < 12; i++) {
            int count = 1 + (random.nextInt(1024) >>> random.nextInt(10));
            long iova = iova(random, vm.iommu.limits().lastIova(), count);
            long last = iova + (count - 1) * PAGE;
            if (hasDomains() && !expected.subMap(iova, true, last, true).isEmpty()) {
              continue;
            }
            long address = guestAddress(random, count);
            maps.add(new GuestAction.Map(ONE, iova, address, count));
            vm.play(maps.get(maps.size() - 1));
            expected.putAll(pages(iova, address, count));
          }
          vm.takeUp();
          assertEquals(expected, follower.mapped(), () -> "announced of " + maps);
          IommuModel model = region(vm.iommu.addressSpace(ONE)).model();
          for (GuestAction.Map map : maps) {
            long last = map.iova() + (map.pages() - 1) * PAGE;
            checkTranslation(model, map.iova(), expected.getOrDefault(map.iova(), 0L));
            checkTranslation(model, last + PAGE - 1, expected.getOrDefault(last, 0L) + PAGE - 1);
          }
          for (GuestAction.Map map : maps) {
            vm.play(new GuestAction.Unmap(ONE, map.iova(), map.pages()));
          }
          assertEquals(0, follower.mapped().size(), () -> "mapped after unmaps of " + maps);
        });
  }

  @Test
  @DisplayName("the first and last pages of RAM and of the address width are mapped as all others")
  void theEndsOfMemoryAreMapped() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    IommuFollower follower = vm.follow(ONE);
    NavigableMap<Long, Long> expected = new TreeMap<>(Long::compareUnsigned);
    long top = vm.iommu.limits().lastIova() - (PAGE - 1);
    long[] iovas = {0, 0x7ffff000L, 0x100000000L - PAGE, 0x100000000L, top - 3 * PAGE, top};
    long[] targets = {
      LOW_RAM.last() - (PAGE - 1),
      HIGH_RAM.last() - (PAGE - 1),
      0,
      HIGH_RAM.first(),
      HIGH_RAM.first() + 0x80000000L,
      HIGH_RAM.first() + 0x100000000L - PAGE
    };
    for (int i = 0; i < iovas.length; i++) {
      vm.map(ONE, iovas[i], targets[i], 1);
      expected.put(iovas[i], targets[i]);
    }
    vm.takeUp();
    assertEquals(expected, follower.mapped(), "announced of guest(Map) of the ends");
    IommuModel model = region(vm.iommu.addressSpace(ONE)).model();
    expected.forEach((iova, target) -> {
      checkTranslation(model, iova, target);
      checkTranslation(model, iova + PAGE - 1, target + PAGE - 1);
    });
  }

  @Test
  @DisplayName("a map of many pages is announced whole, and its unmap too")
  void aLongMapIsAnnouncedWhole() {
    assumePlayed(playsGuestActions());
    for (int count : new int[] {1, 2, 31, 32, 33, 511, 513, 4097, 1 << 15}) {
      Vm vm = translating();
      IommuFollower follower = vm.follow(ONE);
      vm.map(ONE, 0x40003000L, HIGH_RAM.first() + 0x1000, count);
      vm.takeUp();
      boolean whole =
          pages(0x40003000L, HIGH_RAM.first() + 0x1000, count).equals(follower.mapped());
      assertTrue(
          whole,
          () ->
              "announced of guest(Map) of "
                  + count
                  + " pages: "
                  + follower.mapped().size()
                  + " pages");
      vm.play(new GuestAction.Unmap(ONE, 0x40003000L, count));
      assertEquals(
          0, follower.mapped().size(), () -> "mapped after guest(Unmap) of " + count + " pages");
    }
  }

  @Test
  @DisplayName("every notifier is told, not only the first or the newest")
  void everyNotifierIsTold() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    List<IommuFollower> followers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      followers.add(vm.follow(ONE));
    }
    vm.map(ONE, 0x100000, 0x200000, 3);
    vm.takeUp();
    for (IommuFollower follower : followers) {
      assertEquals(
          pages(0x100000, 0x200000, 3), follower.mapped(), "announced to each of three notifiers");
    }
    vm.play(new GuestAction.Unmap(ONE, 0x100000, 3));
    for (IommuFollower follower : followers) {
      assertEquals(0, follower.mapped().size(), "left with each of three notifiers");
    }
  }
}
