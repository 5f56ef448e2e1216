package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.render;
import static io.github.stopcopy.core.memory.Views.rows;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import org.junit.jupiter.api.Test;

/** How a tree becomes a view (R-AS-30 .. R-AS-37). */
class RenderingTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion root = memory.container("root", ALL);
  private final AddressSpace space = memory.addressSpace("memory", root);
  private final MemoryRegion ram = memory.ram("ram", size(0x4000));

  @Test
  void R_AS_30_disabledRegionHidesItsWholeSubtree() {
    MemoryRegion box = memory.container("box", size(0x8000));
    box.add(0, ram);
    root.add(0, box);
    root.add(0x9000, memory.io("io", size(0x1000)));
    box.setEnabled(false);
    assertThat(rows(space)).containsExactly("9000-9fff io");
    box.setEnabled(true);
    assertThat(rows(space)).containsExactly("0-3fff ram", "9000-9fff io");
  }

  @Test
  void R_AS_30_disabledRegionUncoversWhatItHid() {
    MemoryRegion over = memory.io("over", size(0x1000));
    root.add(0, ram);
    root.add(0x1000, over, 1);
    over.setEnabled(false);
    assertThat(rows(space)).containsExactly("0-3fff ram");
  }

  @Test
  void R_AS_30_disabledAliasTargetIsHiddenThere() {
    root.add(0, memory.alias("window", ram, 0, size(0x1000)));
    root.add(0x8000, memory.io("io", size(0x1000)));
    ram.setEnabled(false);
    assertThat(rows(space)).containsExactly("8000-8fff io");
  }

  @Test
  void R_AS_30_aliasShowsATargetWhoseContainerIsDisabled() {
    MemoryRegion box = memory.container("box", size(0x8000));
    box.add(0x100, ram);
    box.setEnabled(false);
    root.add(0, memory.alias("window", ram, 0, size(0x1000)));
    root.add(0x8000, memory.io("io", size(0x1000)));
    assertThat(rows(space)).containsExactly("0-fff ram", "8000-8fff io");
  }

  @Test
  void R_AS_31_readonlyOfAContainerMakesAllBelowReadonly() {
    MemoryRegion box = memory.container("box", size(0x8000));
    MemoryRegion inner = memory.container("inner", size(0x8000));
    inner.add(0, ram);
    inner.add(0x4000, memory.io("io", size(0x1000)));
    box.add(0, inner);
    root.add(0x10000, box);
    box.setReadonly(true);
    assertThat(rows(space)).containsExactly("10000-13fff ram ro", "14000-14fff io ro");
    assertThat(ram.isReadonly()).isFalse();
  }

  @Test
  void R_AS_31_readonlyAliasMakesOnlyItsWindowReadonly() {
    MemoryRegion window = memory.alias("window", ram, 0x1000, size(0x1000));
    window.setReadonly(true);
    root.add(0, ram);
    root.add(0x1000, window, 1);
    assertThat(rows(space))
        .containsExactly("0-fff ram", "1000-1fff ram@1000 ro", "2000-3fff ram@2000");
  }

  @Test
  void R_AS_31_nonvolatileIsInherited() {
    MemoryRegion box = memory.container("nvdimm", size(0x4000));
    box.add(0, ram);
    box.setNonvolatile(true);
    root.add(0x1000, box);
    assertThat(rows(space)).containsExactly("1000-4fff ram nv");
  }

  @Test
  void R_AS_31_unmergeableIsInheritedWhereTheReleaseKnowsIt() {
    for (boolean known : new boolean[] {true, false}) {
      GuestMemory vm = new GuestMemory(false, known);
      MemoryRegion top = vm.container("top", size(0x8000));
      MemoryRegion box = vm.container("box", size(0x4000));
      box.add(0, vm.ram("ram", size(0x1000)));
      box.setUnmergeable(true);
      top.add(0x1000, box);
      assertThat(render(vm, top)).containsExactly("1000-1fff ram" + (known ? " unmergeable" : ""));
    }
  }

  @Test
  void R_AS_32_containerClipsItsChildren() {
    MemoryRegion box = memory.container("box", size(0x2000));
    box.add(0x1000, ram);
    box.add(0x2000, memory.io("outside", size(0x1000)));
    root.add(0x10000, box);
    assertThat(rows(space)).containsExactly("11000-11fff ram");
  }

  @Test
  void R_AS_32_nothingReachesBeyondTheEndOfTheSpace() {
    root.add(-0x1000L, ram);
    assertThat(rows(space)).containsExactly("fffffffffffff000-ffffffffffffffff ram");
  }

  @Test
  void R_AS_32_emptyRegionsShowNothing() {
    root.add(0x1000, memory.ram("empty", ByteSize.ZERO));
    MemoryRegion box = memory.container("emptyBox", ByteSize.ZERO);
    box.add(0, memory.io("io", size(0x1000)));
    root.add(0x2000, box);
    root.add(0x3000, memory.alias("emptyAlias", ram, 0, ByteSize.ZERO));
    root.add(0x4000, memory.alias("toEmpty", memory.io("none", ByteSize.ZERO), 0, size(0x1000)));
    assertThat(rows(space)).isEmpty();
    assertThat(render(memory, memory.ram("none", ByteSize.ZERO))).isEmpty();
    assertThat(render(memory, memory.alias("none", ram, 0, ByteSize.ZERO))).isEmpty();
  }

  @Test
  void R_AS_32_emptyRegionDoesNotCutWhatIsBelowIt() {
    root.add(0, ram);
    root.add(0x1000, memory.io("empty", ByteSize.ZERO), 1);
    assertThat(rows(space)).containsExactly("0-3fff ram");
  }

  @Test
  void R_AS_32_aSizeOf2To64FillsTheWholeSpace() {
    root.add(0, memory.io("all", ALL), -1);
    root.add(0x1000, ram);
    assertThat(rows(space))
        .containsExactly("0-fff all", "1000-4fff ram", "5000-ffffffffffffffff all@5000");
  }

  @Test
  void R_AS_33_aliasOffsetsAddUpAlongAChain() {
    MemoryRegion inner = memory.alias("inner", ram, 0x1000, size(0x3000));
    MemoryRegion outer = memory.alias("outer", inner, 0x1000, size(0x3000));
    root.add(0x8000, outer);
    assertThat(rows(space)).containsExactly("8000-9fff ram@2000");
  }

  @Test
  void R_AS_33_theTargetsAddressAndPriorityDoNotMatter() {
    MemoryRegion elsewhere = memory.container("elsewhere", ALL);
    elsewhere.add(0x123000, ram, 77);
    root.add(0x1000, memory.alias("window", ram, 0, size(0x1000)), 0);
    root.add(0x1000, memory.io("io", size(0x800)), 1);
    assertThat(rows(space)).containsExactly("1000-17ff io", "1800-1fff ram@800");
  }

  @Test
  void R_AS_33_theBaseMayBecomeNegative() {
    MemoryRegion box = memory.container("box", ALL);
    box.add(0x1000, memory.io("before", size(0x1000)));
    box.add(0x5000, ram);
    root.add(0x10, memory.alias("window", box, 0x5800, size(0x1000)));
    assertThat(rows(space)).containsExactly("10-100f ram@800");
  }

  @Test
  void R_AS_33_aliasOfTheVeryTopOfASpace() {
    MemoryRegion box = memory.container("box", ALL);
    box.add(-0x2000L, ram);
    root.add(0, memory.alias("window", box, -0x1000L, ALL));
    assertThat(rows(space)).containsExactly("0-fff ram@1000");
  }

  @Test
  void R_AS_33_aliasBeyondItsTargetShowsNothingThere() {
    root.add(0, memory.alias("window", ram, 0x3000, size(0x4000)));
    root.add(0x9000, memory.alias("outside", ram, 0x4000, size(0x1000)));
    assertThat(rows(space)).containsExactly("0-fff ram@3000");
  }

  @Test
  void R_AS_33_subregionsOfAnAliasNeverAppear() {
    MemoryRegion window = memory.alias("window", ram, 0, size(0x1000));
    window.add(0, memory.io("io", size(0x800)));
    root.add(0x1000, window);
    assertThat(rows(space)).containsExactly("1000-1fff ram");
  }

  @Test
  void R_AS_34_childrenWinAndTheirRegionFillsTheGaps() {
    ram.add(0x1000, memory.io("one", size(0x800)), -5);
    ram.add(0x2000, memory.io("two", size(0x1000)), -9);
    root.add(0, ram);
    assertThat(rows(space))
        .containsExactly(
            "0-fff ram",
            "1000-17ff one",
            "1800-1fff ram@1800",
            "2000-2fff two",
            "3000-3fff ram@3000");
  }

  @Test
  void R_AS_35_offsetIsStartMinusBaseEvenWhenTheStartIsCovered() {
    root.add(0x1000, ram);
    root.add(0, memory.io("over", size(0x1800)), 1);
    assertThat(rows(space)).containsExactly("0-17ff over", "1800-4fff ram@800");
  }

  @Test
  void R_AS_36_unmergeableRunsStayApart() {
    root.add(0, memory.alias("low", ram, 0, size(0x1000)));
    MemoryRegion high = memory.alias("high", ram, 0x1000, size(0x1000));
    root.add(0x1000, high);
    assertThat(rows(space)).containsExactly("0-1fff ram");
    high.setUnmergeable(true);
    assertThat(rows(space)).containsExactly("0-fff ram", "1000-1fff ram@1000 unmergeable");
  }

  @Test
  void R_AS_36_unmergeableMeansNothingTo8_1() {
    GuestMemory vm = new GuestMemory(false, false);
    MemoryRegion target = vm.ram("ram", size(0x2000));
    MemoryRegion top = vm.container("top", ALL);
    MemoryRegion high = vm.alias("high", target, 0x1000, size(0x1000));
    high.setUnmergeable(true);
    top.add(0, vm.alias("low", target, 0, size(0x1000)));
    top.add(0x1000, high);
    assertThat(render(vm, top)).containsExactly("0-1fff ram");
  }

  @Test
  void R_AS_36_differingFlagsOrOffsetsPreventMerging() {
    MemoryRegion high = memory.alias("high", ram, 0x1000, size(0x1000));
    root.add(0, memory.alias("low", ram, 0, size(0x1000)));
    root.add(0x1000, high);
    high.setNonvolatile(true);
    assertThat(rows(space)).containsExactly("0-fff ram", "1000-1fff ram@1000 nv");
    high.setNonvolatile(false);
    assertThat(rows(space)).containsExactly("0-1fff ram");
    ((MemoryRegion.Alias) high).setTargetOffset(0x2000);
    assertThat(rows(space)).containsExactly("0-fff ram", "1000-1fff ram@2000");
  }

  @Test
  void R_AS_36_runsCollapse() {
    for (int i = 0; i < 4; i++) {
      root.add(i * 0x1000L, memory.alias("part" + i, ram, i * 0x1000L, size(0x1000)));
    }
    assertThat(rows(space)).containsExactly("0-3fff ram");
  }

  @Test
  void R_AS_36_runsCollapseFarUpInTheSpaceAndInTheRegionToo() {
    MemoryRegion large = memory.ram("large", size(0x8000));
    root.add(0x7fffffffffffe000L, memory.alias("low", large, 0x3000, size(0x1000)));
    root.add(0x7ffffffffffff000L, memory.alias("high", large, 0x4000, size(0x1000)));
    assertThat(rows(space)).containsExactly("7fffffffffffe000-7fffffffffffffff large@3000");
  }

  @Test
  void R_AS_36_theEndOfA2To64RegionDoesNotContinueWithItsBeginning() {
    MemoryRegion all = memory.io("all", ALL);
    root.add(0, memory.alias("end", all, -0x1000L, size(0x1000)));
    root.add(0x1000, memory.alias("beginning", all, 0, size(0x1000)));
    assertThat(rows(space)).containsExactly("0-fff all@fffffffffffff000", "1000-1fff all");
  }

  @Test
  void R_AS_37_equalityOfRangesIgnoresOnlyTheDirtyLogMask() {
    root.add(0x1000, ram);
    FlatRange range = space.view().ranges().get(0);
    FlatRange logged =
        new FlatRange(
            range.region(),
            range.range(),
            range.offsetInRegion(),
            new DirtyLogMask(false, false, true),
            range.romdMode(),
            range.readonly(),
            range.nonvolatile(),
            range.unmergeable());
    assertThat(range.sameAs(logged)).isTrue();
    assertThat(range).isNotEqualTo(logged);
    assertThat(range.sameAs(flagged(range, false, range.readonly(), false, false))).isFalse();
    assertThat(range.sameAs(flagged(range, true, true, false, false))).isFalse();
    assertThat(range.sameAs(flagged(range, true, false, true, false))).isFalse();
    assertThat(range.sameAs(flagged(range, true, false, false, true))).isFalse();
    assertThat(range.sameAs(flagged(range, true, false, false, false))).isTrue();
  }

  private static FlatRange flagged(
      FlatRange of, boolean romd, boolean readonly, boolean nonvolatile, boolean unmergeable) {
    return new FlatRange(
        of.region(),
        of.range(),
        of.offsetInRegion(),
        of.dirtyLogMask(),
        romd,
        readonly,
        nonvolatile,
        unmergeable);
  }

  @Test
  void R_AS_35_theViewFindsTheRunOfAnAddress() {
    root.add(0x1000, ram);
    root.add(-0x1000L, memory.io("top", size(0x1000)));
    FlatView view = space.view();
    assertThat(view.at(0xfff)).isEmpty();
    assertThat(view.at(0x1000)).map(FlatRange::region).containsSame(ram);
    assertThat(view.at(0x4fff)).map(FlatRange::region).containsSame(ram);
    assertThat(view.at(0x5000)).isEmpty();
    assertThat(view.at(-1)).map(range -> range.region().name()).contains("top");
    assertThat(new FlatView(null, FlatRanges.NONE).at(0)).isEmpty();
  }
}
