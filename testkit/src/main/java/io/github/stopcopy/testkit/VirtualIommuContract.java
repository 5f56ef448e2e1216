package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a {@link VirtualIommu} and its provider must hold to: the address spaces that devices see,
 * what is announced of translations, and that what is not modelled is an answer. Extend it in a
 * test:
 *
 * {@snippet file="IdleIommuTest.java" region="viommu-contract"}
 *
 * <p>The cases that translate follow the address space as VFIO does, with {@link
 * NotifierFlags#IOTLB_EVENTS}. Random cases go by {@link Seeds}. Single-threaded, as the model is.
 */
public abstract class VirtualIommuContract extends VirtualIommuReachContract {

  private static final int RUNS = 40;
  private static final int PAGES = 64;
  private static final String ANNOUNCED = "what guest(Map), guest(Unmap) and Invalidate announced";

  @Test
  @DisplayName("what a guest does is played or answered as unsupported, which changes nothing")
  void anUnsupportedActionIsAnAnswer() {
    Vm vm = new Vm();
    vm.iommu.addressSpace(ONE);
    for (GuestAction action : actions()) {
      List<String> before = vm.view(ONE);
      List<String> others = vm.view(OTHER);
      ActionResult result = vm.guest(action);
      if (result instanceof ActionResult.Unsupported unsupported) {
        assertFalse(
            unsupported.reason().isBlank(),
            () -> "guest(" + action + ") is unsupported without a reason");
        assertEquals(
            before,
            vm.view(ONE),
            () -> "guest(" + action + ") is unsupported and yet changed the view");
        assertEquals(
            others,
            vm.view(OTHER),
            () -> "guest(" + action + ") is unsupported and yet changed a view");
      } else {
        assertTrue(
            playsGuestActions(),
            () ->
                "guest("
                    + action
                    + ") is played, but playsGuestActions() is false; are limits() those of a"
                    + " vIOMMU that can translate?");
      }
    }
  }

  @Test
  @DisplayName("actions for a device that nobody asked for are answered too")
  void actionsForAnUnknownDeviceAreAnswered() {
    Vm vm = new Vm();
    for (GuestAction action : actions()) {
      assertNotNull(vm.guest(action), () -> "guest(" + action + ")");
    }
    assertNotNull(vm.iommu.addressSpace(ONE), "addressSpace()");
  }

  @Test
  @DisplayName("an unsupported map or unmap leaves the mappings as they are")
  void anUnsupportedMapMapsNothing() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    IommuFollower follower = vm.follow(ONE);
    vm.map(ONE, 0x400000, 0x300000, 4);
    vm.takeUp();
    for (GuestAction action : actions()) {
      boolean maps = action instanceof GuestAction.Map || action instanceof GuestAction.Unmap;
      NavigableMap<Long, Long> before = new TreeMap<>(follower.mapped());
      if (maps && vm.guest(action) instanceof ActionResult.Unsupported) {
        vm.takeUp();
        assertEquals(
            before, follower.mapped(), () -> "mapped after the unsupported guest(" + action + ")");
      } else if (maps) {
        vm.takeUp();
      }
    }
  }

  @Test
  @DisplayName("what was mapped before translation is turned on appears with the IOMMU region")
  void earlierMappingsAppearWhenTranslationBegins() {
    assumePlayed(playsGuestActions());
    Vm vm = new Vm();
    IommuFollower follower = vm.follow(ONE);
    assertEquals(Map.of(), follower.mapped(), "announced without any guest(Map)");
    if (hasDomains()) {
      vm.play(new GuestAction.Attach(OTHER, 1));
      vm.map(OTHER, 0x100000, 0x200000, 8);
      vm.play(new GuestAction.Attach(ONE, 1));
    } else {
      vm.translate(ONE);
      vm.map(ONE, 0x100000, 0x200000, 8);
      vm.begin();
    }
    assertTrue(
        follower.sections() > 0, "addressSpace() shows no IOMMU section though it translates");
    assertEquals(
        pages(0x100000, 0x200000, 8), follower.mapped(), "replay() of the region that appeared");
  }

  @Test
  @DisplayName("a map is announced by the next invalidation, an unmap at once, and only once")
  void mapsAndUnmapsAreAnnounced() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    IommuFollower follower = vm.follow(ONE);
    vm.map(ONE, 0x100000, 0x200000, 2);
    vm.map(ONE, 0x102000, 0x202000, 6);
    vm.takeUp();
    assertEquals(
        pages(0x100000, 0x200000, 8), follower.mapped(), "what was announced after guest(Map)");
    List<String> log = List.copyOf(follower.log());
    vm.takeUp();
    assertEquals(log, follower.log(), "what guest(Invalidate) announced without a change");
    vm.play(new GuestAction.Unmap(ONE, 0x102000, 6));
    assertEquals(pages(0x100000, 0x200000, 2), follower.mapped(), "what guest(Unmap) announced");
    boolean played = vm.isPlayed(new GuestAction.Map(ONE, 0x100000, 0x500000, 1));
    vm.takeUp();
    assertEquals(
        played ? 0x500000L : 0x200000L,
        follower.mapped().get(0x100000L),
        "what was announced of a page that guest(Map) leads elsewhere");
  }

  @Test
  @DisplayName("when translation is turned off, mappings go and the device sees system memory")
  void withoutTranslationADeviceSeesSystemMemory() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    IommuFollower follower = vm.follow(ONE);
    vm.map(ONE, 0x100000, 0x200000, 8);
    vm.takeUp();
    for (int round = 0; round < 2; round++) {
      GuestAction end = vm.end(ONE);
      assertEquals(
          0,
          follower.sections(),
          () -> "IOMMU sections that addressSpace() shows after guest(" + end + ")");
      assertEquals(Map.of(), follower.mapped(), () -> "mapped after guest(" + end + ")");
      checkView(vm, vm.iommu.addressSpace(ONE));
      vm.translate(ONE);
      vm.begin();
      if (hasDomains()) {
        assertEquals(Map.of(), follower.mapped(), "mappings of a domain that had ended");
        vm.map(ONE, 0x100000, 0x200000, 8);
      }
      assertEquals(
          pages(0x100000, 0x200000, 8), follower.mapped(), "mapped when it translates again");
    }
  }

  @Test
  @DisplayName("the mappings of one device are not those of another")
  void mappingsBelongToADevice() {
    assumePlayed(playsGuestActions());
    Vm vm = translating();
    vm.translate(OTHER);
    vm.takeUp();
    IommuFollower one = vm.follow(ONE);
    IommuFollower other = vm.follow(OTHER);
    vm.map(ONE, 0x100000, 0x200000, 8);
    vm.map(OTHER, 0x300000, 0x400000, 2);
    vm.takeUp();
    assertEquals(
        pages(0x100000, 0x200000, 8), one.mapped(), "announced of guest(Map) of this device");
    assertEquals(
        pages(0x300000, 0x400000, 2), other.mapped(), "announced of guest(Map) of another device");
    vm.play(new GuestAction.Unmap(ONE, 0x100000, 8));
    assertEquals(
        pages(0x300000, 0x400000, 2), other.mapped(), "after guest(Unmap) of another device");
  }

  @Test
  @DisplayName("the devices of a domain share its mappings")
  void aDomainIsShared() {
    assumePlayed(playsGuestActions());
    Assumptions.assumeTrue(hasDomains(), "it has no domains");
    Vm vm = new Vm();
    IommuFollower one = vm.follow(ONE);
    IommuFollower other = vm.follow(OTHER);
    vm.play(new GuestAction.Attach(ONE, 7));
    vm.play(new GuestAction.Attach(OTHER, 7));
    vm.map(ONE, 0x100000, 0x200000, 2);
    vm.map(OTHER, 0x300000, 0x400000, 1);
    NavigableMap<Long, Long> both = pages(0x100000, 0x200000, 2);
    both.putAll(pages(0x300000, 0x400000, 1));
    assertEquals(both, one.mapped(), "announced of guest(Map) in its domain");
    assertEquals(both, other.mapped(), "announced of guest(Map) in its domain");
    vm.play(new GuestAction.Detach(ONE, 7));
    assertEquals(Map.of(), one.mapped(), "mapped after guest(Detach)");
    vm.play(new GuestAction.Unmap(OTHER, 0x100000, 2));
    assertEquals(
        pages(0x300000, 0x400000, 1), other.mapped(), "mapped after guest(Unmap) in its domain");
    vm.play(new GuestAction.Attach(ONE, 7));
    assertEquals(other.mapped(), one.mapped(), "mapped after guest(Attach)");
  }

  @Test
  @DisplayName("a domain refuses to split a mapping or to map it again")
  void aMappingIsNotSplit() {
    assumePlayed(playsGuestActions());
    Assumptions.assumeTrue(hasDomains(), "it has no domains");
    Vm vm = translating();
    IommuFollower follower = vm.follow(ONE);
    vm.map(ONE, 0x100000, 0x200000, 2);
    vm.map(ONE, 0x102000, 0x300000, 2);
    NavigableMap<Long, Long> before = new TreeMap<>(follower.mapped());
    assertFalse(
        vm.isPlayed(new GuestAction.Unmap(ONE, 0x100000, 3)), "guest(Unmap) splits a mapping");
    assertFalse(
        vm.isPlayed(new GuestAction.Map(ONE, 0x103000, 0x400000, 2)),
        "guest(Map) maps what is mapped");
    assertEquals(before, follower.mapped(), "mapped after what was refused");
  }

  @Test
  @DisplayName("what only the other kind of vIOMMU has is not supported")
  void actionsOfTheOtherKindAreUnsupported() {
    Vm vm = new Vm();
    for (GuestAction action : actions()) {
      boolean isOfDomains =
          action instanceof GuestAction.Attach || action instanceof GuestAction.Detach;
      boolean isOfBoth = action instanceof GuestAction.Map || action instanceof GuestAction.Unmap;
      if (!isOfBoth && isOfDomains != hasDomains()) {
        assertTrue(
            vm.guest(action) instanceof ActionResult.Unsupported,
            () -> "guest(" + action + ") is played, but hasDomains() is " + hasDomains());
      }
    }
  }

  @Test
  @DisplayName("after random maps and unmaps the announcements add up to the tables")
  void randomMapsAndUnmaps() throws Exception {
    assumePlayed(playsGuestActions());
    Seeds.forEach(
        RUNS,
        random -> {
          Vm vm = translating();
          IommuFollower follower = vm.follow(ONE);
          NavigableMap<Long, Long> expected = new TreeMap<>(Long::compareUnsigned);
          for (int i = 0; i < 60; i++) {
            long iova = 0x100000 + random.nextInt(PAGES) * PAGE;
            int count = 1 + random.nextInt(8);
            if (random.nextInt(3) == 0) {
              boolean played = vm.isPlayed(new GuestAction.Unmap(ONE, iova, count));
              assertTrue(
                  played || hasDomains(),
                  () -> "guest(Unmap) of " + U64.hex(iova) + " is not supported");
              if (played) {
                expected.subMap(iova, iova + count * PAGE).clear();
              }
            } else {
              long address = random.nextInt(1 << 18) * PAGE;
              boolean overlaps = !expected.subMap(iova, iova + count * PAGE).isEmpty();
              boolean played = vm.isPlayed(new GuestAction.Map(ONE, iova, address, count));
              assertTrue(
                  played || overlaps, () -> "guest(Map) of " + U64.hex(iova) + " is not supported");
              if (played) {
                expected.putAll(pages(iova, address, count));
              }
            }
            if (random.nextInt(3) == 0) {
              vm.takeUp();
              assertEquals(expected, follower.mapped(), ANNOUNCED);
            }
          }
          vm.takeUp();
          assertEquals(expected, follower.mapped(), ANNOUNCED);
        });
  }

  @Test
  @DisplayName("the same actions have the same results, views and announcements")
  void theSameActionsHaveTheSameEffects() throws Exception {
    Seeds.forEach(
        RUNS,
        random -> {
          Vm vm = new Vm();
          Vm twin = new Vm();
          Optional<IommuFollower> follower = Optional.empty();
          Optional<IommuFollower> twinFollower = Optional.empty();
          if (playsGuestActions()) {
            follower = Optional.of(vm.follow(ONE));
            twinFollower = Optional.of(twin.follow(ONE));
          }
          for (int i = 0; i < 40; i++) {
            GuestAction action = randomAction(random);
            assertEquals(
                vm.guest(action), twin.guest(action), () -> "guest(" + action + ") in two VMs");
            assertEquals(
                vm.view(ONE), twin.view(ONE), () -> "addressSpace() after guest(" + action + ")");
            assertEquals(
                vm.view(OTHER),
                twin.view(OTHER),
                () -> "addressSpace() of another device after guest(" + action + ")");
          }
          assertEquals(
              follower.map(IommuFollower::log),
              twinFollower.map(IommuFollower::log),
              "what guest() announced in two VMs");
        });
  }

  private static GuestAction randomAction(Random random) {
    PciAddress device = random.nextInt(4) == 0 ? OTHER : ONE;
    long iova = random.nextInt(PAGES) * PAGE;
    return switch (random.nextInt(12)) {
      case 0, 1, 2 ->
          new GuestAction.Map(device, iova, random.nextInt(PAGES) * PAGE, 1 + random.nextInt(8));
      case 3, 4 -> new GuestAction.Unmap(device, iova, 1 + random.nextInt(8));
      case 5 -> {
        ContextMode[] modes = ContextMode.values();
        yield new GuestAction.WriteContext(
            device, modes[random.nextInt(modes.length)], random.nextBoolean() ? 48 : 39);
      }
      case 6 -> new GuestAction.Enable();
      case 10 -> new GuestAction.Attach(device, random.nextInt(2));
      case 11 ->
          random.nextInt(3) == 0
              ? new GuestAction.Detach(device, random.nextInt(2))
              : new GuestAction.Attach(device, random.nextInt(2));
      case 7 -> random.nextInt(3) == 0 ? new GuestAction.Disable() : new GuestAction.SetRoot();
      default -> new GuestAction.Invalidate();
    };
  }
}
