package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Subregions found by where they are, held against looking at all of them (R-AS-20). */
class SubregionsTest {

  @Test
  void R_AS_20_thoseThatAreFoundComeWinningFirst() {
    Seeds.run(
        100,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          GuestMemory memory = new GuestMemory(false, true);
          MemoryRegion box = memory.container("box", ByteSize.WHOLE_SPACE);
          List<MemoryRegion> plain = new ArrayList<>();
          int most = 1 + random.nextInt(80);
          for (int i = 0; i < 200; i++) {
            change(random, memory, box, plain, most);
            compare(random, box, plain);
          }
        });
  }

  private static void change(
      SplittableRandom random,
      GuestMemory memory,
      MemoryRegion box,
      List<MemoryRegion> plain,
      int most) {
    if (plain.size() < most && random.nextInt(3) > 0) {
      MemoryRegion region = memory.io("io", size(random));
      region.setEnabled(random.nextBoolean());
      int priority = random.nextInt(4) - 1;
      box.add(address(random), region, priority);
      insert(plain, region);
    } else if (!plain.isEmpty()) {
      MemoryRegion region = plain.get(random.nextInt(plain.size()));
      switch (random.nextInt(4)) {
        case 0 -> region.setSize(size(random));
        case 1 -> region.setEnabled(!region.isEnabled());
        case 2 -> {
          long to = address(random);
          if (to != region.address()) {
            region.setAddress(to);
            plain.remove(region);
            insert(plain, region);
          }
        }
        default -> {
          box.remove(region);
          plain.remove(region);
        }
      }
    }
  }

  /** Before the first whose priority is not above its own. */
  private static void insert(List<MemoryRegion> plain, MemoryRegion region) {
    int at = 0;
    while (at < plain.size() && plain.get(at).priority() > region.priority()) {
      at++;
    }
    plain.add(at, region);
  }

  private static void compare(SplittableRandom random, MemoryRegion box, List<MemoryRegion> plain) {
    assertThat(box.subregions()).isEqualTo(plain);
    Subregions below = box.below();
    assertThat(below.isEmpty()).isEqualTo(plain.isEmpty());
    Object tree = Inside.of(below, "tree");
    assertIsTreap(tree);
    List<MemoryRegion> inOrder = new ArrayList<>();
    addInOrder(tree, inOrder);
    assertThat(inOrder).isSortedAccordingTo(BY_PLACE);
    assertThat(below.enabled())
        .isEqualTo((int) plain.stream().filter(MemoryRegion::isEnabled).count());
    long first = address(random);
    long last = U64.addSaturated(first, random.nextInt(100));
    List<MemoryRegion> found = new ArrayList<>();
    below.touching(first, last, found);
    found.removeIf(region -> !touches(region, first, last));
    assertThat(found).isEqualTo(plain.stream().filter(each -> touches(each, first, last)).toList());
  }

  private static boolean touches(MemoryRegion region, long first, long last) {
    return !region.size().isZero()
        && U64.lessOrEqual(region.address(), last)
        && U64.lessOrEqual(first, U64.addSaturated(region.address(), region.size().lastOffset()));
  }

  private static long address(SplittableRandom random) {
    return random.nextInt(8) == 0 ? -1 - random.nextInt(100) : random.nextInt(1000);
  }

  private static ByteSize size(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> ByteSize.ZERO;
      case 1 -> ByteSize.WHOLE_SPACE;
      case 2 -> ByteSize.of(random.nextInt(1000));
      default -> ByteSize.of(1 + random.nextInt(30));
    };
  }

  /** What keeps the tree shallow and a search short, which no answer shows. */
  private static void assertIsTreap(@Nullable Object node) {
    if (node == null) {
      return;
    }
    long reach = Inside.number(node, "last");
    for (String side : List.of("left", "right")) {
      Object below = Inside.of(node, side);
      if (below != null) {
        assertThat(Inside.number(below, "weight"))
            .isLessThanOrEqualTo(Inside.number(node, "weight"));
        reach = U64.max(reach, Inside.number(below, "lastBelow"));
        assertIsTreap(below);
      }
    }
    assertThat(Inside.number(node, "lastBelow")).isEqualTo(reach);
  }

  /** By address, and of equal addresses the older first. */
  private static final Comparator<MemoryRegion> BY_PLACE =
      Comparator.<MemoryRegion, Long>comparing(MemoryRegion::address, U64::compare)
          .thenComparingLong(MemoryRegion::age);

  private static void addInOrder(@Nullable Object node, List<MemoryRegion> all) {
    if (node != null) {
      addInOrder(Inside.of(node, "left"), all);
      if (Inside.of(node, "region") instanceof MemoryRegion region) {
        all.add(region);
      }
      addInOrder(Inside.of(node, "right"), all);
    }
  }

  @Test
  void aFewAreAnArrayAndMoreATree() {
    GuestMemory memory = new GuestMemory(false, true);
    MemoryRegion box = memory.container("box", ByteSize.WHOLE_SPACE);
    for (int i = 0; i < 16; i++) {
      box.add(i * 0x2000L, memory.io("io", ByteSize.of(0x1000)));
      assertThat(Inside.of(box.below(), "tree")).isNull();
    }
    box.add(0x80000, memory.io("io", ByteSize.of(0x1000)));

    assertThat(Inside.of(box.below(), "tree")).isNotNull();
    assertThat(Inside.of(box.below(), "few")).as("let go of").isEqualTo(List.of());
    assertThat(box.subregions()).hasSize(17);
  }
}
