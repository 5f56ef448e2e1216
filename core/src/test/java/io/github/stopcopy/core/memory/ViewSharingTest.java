package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.rows;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which region stands for an address space, and who shares a view (R-AS-38). */
class ViewSharingTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion system = memory.container("system", ALL);
  private final MemoryRegion ram = memory.ram("ram", size(0x4000));

  ViewSharingTest() {
    system.add(0, ram);
    system.add(0x8000, memory.io("io", size(0x1000)));
  }

  private static @Nullable MemoryRegion viewRoot(MemoryRegion start) {
    return ViewRoot.of(start, new ArrayList<>());
  }

  @Test
  void aSpaceIsCalledByItsNameAndItsRoot() {
    assertThat(memory.addressSpace("memory", system))
        .hasToString("memory (system)")
        .extracting(AddressSpace::name)
        .isEqualTo("memory");
  }

  @Test
  void R_AS_38_aWholeAliasLeadsToItsTarget() {
    AddressSpace plain = memory.addressSpace("memory", system);
    AddressSpace alias = memory.addressSpace("x", memory.alias("a", system, 0, ALL));
    assertThat(alias.view()).isSameAs(plain.view());
    assertThat(alias.view().root()).containsSame(system);
  }

  @Test
  void R_AS_38_anAliasWithAnOffsetOrTooSmallIsItsOwnRoot() {
    MemoryRegion shifted = memory.alias("shifted", system, 0x1000, ALL);
    MemoryRegion small = memory.alias("small", system, 0, size(0x100000));
    assertThat(memory.addressSpace("x", shifted).view().root()).containsSame(shifted);
    assertThat(memory.addressSpace("y", small).view().root()).containsSame(small);
    assertThat(rows(memory.addressSpace("y", small)))
        .isEqualTo(rows(memory.addressSpace("memory", system)));
  }

  @Test
  void R_AS_38_anAliasLargerThanItsTargetLeadsToIt() {
    MemoryRegion alias = memory.alias("large", ram, 0, size(0x8000));
    assertThat(viewRoot(alias)).isSameAs(ram);
  }

  @Test
  void R_AS_38_theOnlyEnabledChildStandsForItsContainer() {
    MemoryRegion box = memory.container("box", ALL);
    MemoryRegion off = memory.io("off", size(0x1000));
    MemoryRegion inner = memory.alias("inner", system, 0, ALL);
    off.setEnabled(false);
    box.add(0, off);
    box.add(0, inner);
    assertThat(viewRoot(box)).isSameAs(system);
    off.setEnabled(true);
    assertThat(viewRoot(box)).isSameAs(box);
  }

  @Test
  void R_AS_38_aChildElsewhereOrTooLargeDoesNot() {
    MemoryRegion box = memory.container("box", size(0x4000));
    MemoryRegion child = memory.ram("child", size(0x1000));
    box.add(0x1000, child);
    assertThat(viewRoot(box)).isSameAs(box);
    child.setAddress(0);
    assertThat(viewRoot(box)).isSameAs(child);
    child.setSize(size(0x4001));
    assertThat(viewRoot(box)).isSameAs(box);
    child.setSize(ByteSize.ZERO);
    assertThat(viewRoot(box)).isSameAs(child);
  }

  @Test
  void R_AS_38_withoutAnEnabledChildTheViewIsEmptyAndHasNoRoot() {
    MemoryRegion box = memory.container("box", ALL);
    AddressSpace space = memory.addressSpace("x", box);
    assertThat(space.view().root()).isEmpty();
    assertThat(space.view().ranges()).isEmpty();
  }

  @Test
  void R_AS_38_aDisabledRootGivesAnEmptyView() {
    AddressSpace space = memory.addressSpace("x", ram);
    ram.setEnabled(false);
    assertThat(space.view().root()).isEmpty();
    assertThat(space.view().ranges()).isEmpty();
  }

  @Test
  void R_AS_38_aTerminatingRegionStopsTheWalk() {
    MemoryRegion iommu = memory.iommu("iommu", ALL, new NoTranslations());
    iommu.add(0, memory.alias("sys", system, 0, ALL));
    assertThat(viewRoot(iommu)).isSameAs(iommu);
  }

  @Test
  void R_AS_31_theRootsOwnAddressCountsToo() {
    MemoryRegion box = memory.container("box", ALL);
    box.add(0x5000, memory.io("other", size(0x1000)));
    MemoryRegion part = memory.ram("part", size(0x4000));
    box.add(0x2000, part);
    assertThat(rows(memory.addressSpace("x", part))).containsExactly("2000-5fff part");
  }

  @Test
  void R_AS_38_sharingFollowsChanges() {
    MemoryRegion alias = memory.alias("a", system, 0, ALL);
    MemoryRegion box = memory.container("box", ALL);
    box.add(0, alias);
    AddressSpace plain = memory.addressSpace("memory", system);
    AddressSpace device = memory.addressSpace("x", box);
    assertThat(device.view()).isSameAs(plain.view());

    box.add(0x9000, memory.io("own", size(0x1000)), 1);
    assertThat(device.view()).isNotSameAs(plain.view());

    alias.setEnabled(false);
    assertThat(rows(device)).containsExactly("9000-9fff own");
  }

  @Test
  void R_AS_38_aSpaceMadeInsideATransactionSeesTheChangesSoFar() {
    AddressSpace plain = memory.addressSpace("memory", system);
    memory.transaction(() -> {
      system.add(0x20000, memory.io("late", size(0x1000)));
      AddressSpace other = memory.addressSpace("other", system);
      assertThat(rows(other)).hasSize(3);
      assertThat(rows(plain)).hasSize(2);
    });
    assertThat(memory.addressSpaces()).hasSize(2);
    assertThat(memory.addressSpaces().get(1).view()).isSameAs(plain.view());
    assertThat(rows(plain)).hasSize(3);
  }

  @Test
  void R_AS_38_aSpaceMadeDuringACommitDoesNotGetAnOldView() {
    AddressSpace plain = memory.addressSpace("memory", system);
    MemoryListener maker =
        new MemoryListener() {
          @Override
          public void begin() {
            memory.addressSpace("late", system);
          }
        };
    memory.register(maker, plain);
    system.add(0x20000, memory.io("late", size(0x1000)));
    AddressSpace late = memory.addressSpaces().get(2);
    assertThat(rows(late)).hasSize(3);
  }

  @Test
  void R_AS_38_anAliasThatShrinksBelowItsTargetIsItsOwnRoot() {
    MemoryRegion ram = memory.ram("ram", size(0x4000));
    MemoryRegion alias = memory.alias("a", ram, 0, size(0x4000));
    AddressSpace space = memory.addressSpace("x", alias);
    assertThat(rows(space)).containsExactly("0-3fff ram");

    alias.setSize(size(0x1000));
    assertThat(rows(space)).containsExactly("0-fff ram");
    alias.setSize(size(0x5000));
    assertThat(rows(space)).containsExactly("0-3fff ram");
  }

  /** Also where there is so much in it that only what changes is rendered. */
  @Test
  void R_AS_31_aRootThatMovesTakesAllItShowsAlong() {
    MemoryRegion box = memory.container("box", ALL);
    MemoryRegion part = memory.container("part", size(0x100000));
    box.add(0x1000, part);
    for (int i = 0; i < 40; i++) {
      part.add(i * 0x2000L, memory.io("io" + i, size(0x1000)));
    }
    AddressSpace space = memory.addressSpace("x", part);
    assertThat(rows(space)).hasSize(40).startsWith("1000-1fff io0");

    part.setAddress(0x5000);
    assertThat(rows(space)).hasSize(40).startsWith("5000-5fff io0").endsWith("53000-53fff io39");
  }

  @Test
  void R_AS_33_aChangeIsSeenThroughManyWindowsAtOnce() {
    MemoryRegion box = memory.container("box", ALL);
    MemoryRegion shown = memory.container("shown", size(0x1000));
    for (int i = 0; i < 40; i++) {
      box.add(i * 0x2000L, memory.alias("window", shown, 0, size(0x1000)));
    }
    AddressSpace space = memory.addressSpace("x", box);
    assertThat(rows(space)).isEmpty();

    shown.add(0x800, memory.ram("ram", size(0x800)));
    assertThat(rows(space)).hasSize(40).startsWith("800-fff ram").endsWith("4e800-4efff ram");
  }

  /** All that is different is told, also where the root has changed in one place only. */
  @Test
  void R_AS_51_aSpaceThatShowsAnotherRootIsToldOfAll() {
    MemoryRegion shared = memory.container("shared", ALL);
    for (int i = 0; i < 40; i++) {
      shared.add(i * 0x2000L, memory.io("io" + i, size(0x1000)));
    }
    AddressSpace plain = memory.addressSpace("plain", shared);
    MemoryRegion box = memory.container("box", ALL);
    MemoryRegion own = memory.io("own", size(0x1000));
    box.add(0, memory.alias("all", shared, 0, ALL));
    box.add(0x4000, own, 1);
    AddressSpace device = memory.addressSpace("device", box);
    List<String> told = new ArrayList<>();
    memory.register(
        new MemoryListener() {
          @Override
          public void regionAdd(MemorySection section) {
            told.add("add " + Views.row(section));
          }

          @Override
          public void regionDel(MemorySection section) {
            told.add("del " + Views.row(section));
          }
        },
        device);
    told.clear();

    memory.transaction(() -> {
      own.setEnabled(false);
      shared.add(0x41000, memory.io("late", size(0x1000)));
    });

    assertThat(device.view()).isSameAs(plain.view());
    assertThat(told)
        .containsExactly("del 4000-4fff own", "add 4000-4fff io2", "add 41000-41fff late");
  }

  @Test
  void R_AS_38_theOnlyChildStandsForItsContainerWhileItIsAtItsBeginning() {
    MemoryRegion alias = memory.alias("a", system, 0, ALL);
    MemoryRegion box = memory.container("box", ALL);
    box.add(0, alias);
    AddressSpace plain = memory.addressSpace("memory", system);
    AddressSpace device = memory.addressSpace("x", box);
    List<String> before = rows(plain);
    assertThat(device.view()).isSameAs(plain.view());

    alias.setAddress(0x100000);
    assertThat(device.view().at(0)).isEmpty();
    assertThat(device.view().at(0x100000)).isPresent();
    assertThat(rows(plain)).isEqualTo(before);

    alias.setAddress(0);
    assertThat(device.view()).isSameAs(plain.view());
  }
}
