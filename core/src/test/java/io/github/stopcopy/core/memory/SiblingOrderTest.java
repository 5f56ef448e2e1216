package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.rows;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Priorities and the order of siblings (R-AS-20 .. R-AS-22). */
class SiblingOrderTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion root = memory.container("root", size(0x10000));
  private final AddressSpace space = memory.addressSpace("memory", root);
  private final MemoryRegion a = memory.io("a", size(0x2000));
  private final MemoryRegion b = memory.io("b", size(0x2000));
  private final MemoryRegion c = memory.io("c", size(0x2000));

  @Test
  void R_AS_20_newestWinsAmongEqualPriorities() {
    root.add(0, a);
    root.add(0x1000, b);
    assertThat(root.subregions()).containsExactly(b, a);
    assertThat(rows(space)).containsExactly("0-fff a", "1000-2fff b");
  }

  @Test
  void R_AS_20_higherPriorityWinsWhoeverCameFirst() {
    root.add(0, a, 1);
    root.add(0x1000, b);
    assertThat(root.subregions()).containsExactly(a, b);
    assertThat(rows(space)).containsExactly("0-1fff a", "2000-2fff b@1000");
  }

  @Test
  void R_AS_20_priorityIsSigned() {
    root.add(0, a, -1);
    root.add(0, b, Integer.MIN_VALUE);
    root.add(0, c, Integer.MAX_VALUE);
    assertThat(root.subregions()).containsExactly(c, a, b);
  }

  @Test
  void R_AS_20_insertedBeforeTheFirstSiblingOfItsOwnPriority() {
    MemoryRegion high = memory.io("high", size(1));
    root.add(0, high, 5);
    root.add(0, a, 0);
    root.add(0, b, -5);
    root.add(0, c, 0);
    assertThat(root.subregions()).containsExactly(high, c, a, b);
  }

  @Test
  void R_AS_21_priorityCountsOnlyAmongSiblings() {
    MemoryRegion low = memory.container("low", size(0x2000));
    low.add(0, a, 1000);
    root.add(0, low, 0);
    root.add(0x1000, b, 1);
    assertThat(rows(space)).containsExactly("0-fff a", "1000-2fff b");
  }

  @Test
  void R_AS_22_movedRegionBecomesTheNewestAmongEquals() {
    root.add(0x2000, a);
    root.add(0x1000, b);
    assertThat(rows(space)).containsExactly("1000-2fff b", "3000-3fff a@1000");
    a.setAddress(0);
    assertThat(root.subregions()).containsExactly(a, b);
    assertThat(rows(space)).containsExactly("0-1fff a", "2000-2fff b@1000");
  }

  @Test
  void R_AS_22_settingTheSameAddressChangesNothing() {
    root.add(0x1000, a);
    root.add(0x1000, b);
    a.setAddress(0x1000);
    assertThat(root.subregions()).containsExactly(b, a);
  }

  @Test
  void R_AS_22_movingKeepsThePriority() {
    root.add(0, a, -3);
    root.add(0, b);
    a.setAddress(0x1000);
    assertThat(a.priority()).isEqualTo(-3);
    assertThat(root.subregions()).containsExactly(b, a);
  }

  @Test
  void R_AS_22_otherChangesDoNotReorder() {
    MemoryRegion.Alias alias = memory.alias("alias", c, 0, size(0x2000));
    root.add(0, alias);
    root.add(0, b);
    alias.setEnabled(false);
    alias.setEnabled(true);
    alias.setSize(size(0x3000));
    alias.setTargetOffset(0x800);
    alias.setReadonly(true);
    alias.setNonvolatile(true);
    alias.setUnmergeable(true);
    assertThat(root.subregions()).containsExactly(b, alias);
  }

  @Test
  void R_AS_22_aLooseRegionCanBeMoved() {
    a.setAddress(0x7000);
    assertThat(a.address()).isEqualTo(0x7000);
    root.add(0x1000, a);
    assertThat(a.address()).isEqualTo(0x1000);
  }
}
