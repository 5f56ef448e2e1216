package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import org.junit.jupiter.api.Test;

/** Trees that nest deeper than a stack of calls would reach. */
class DeepNestingTest {

  private static final int DEPTH = 100_000;

  private final GuestMemory memory = new GuestMemory(false, true);
  private final ByteSize size = ByteSize.of(0x10000);

  @Test
  void R_AS_33_aWindowMayShowAWindowAsOftenAsYouLike() {
    MemoryRegion ram = memory.ram("ram", ByteSize.of(0x10000));
    MemoryRegion shown = ram;
    for (int i = 0; i < DEPTH; i++) {
      shown = memory.alias("window " + i, shown, i == 0 ? 0x1000 : 0, size);
    }
    MemoryRegion.Container root = memory.container("root", size);
    AddressSpace space = memory.addressSpace("deep", root);
    MemoryRegion.Container other = memory.container("other", size);
    root.add(0x8000, other);
    root.add(0, shown);

    assertThat(space.view().ranges()).hasSize(1);
    FlatRange range = space.view().ranges().get(0);
    assertThat(range.region().name()).isEqualTo("ram");
    assertThat(range.offsetInRegion()).isEqualTo(0x1000);
    assertThat(range.range().last()).isEqualTo(0xefffL);

    ram.setReadonly(true);
    assertThat(space.view().ranges()).singleElement().matches(FlatRange::readonly);
    root.remove(other); // what is left stands for the address space, down to the first window
    assertThat(space.view().root()).map(MemoryRegion::name).contains("window 0");
    ram.setEnabled(false);
    assertThat(space.view().ranges()).isEmpty();
  }

  @Test
  void R_AS_31_flagsComeDownThroughAnyDepth() {
    MemoryRegion.Container root = memory.container("root", size);
    root.setReadonly(true);
    AddressSpace space = memory.addressSpace("deep", root);
    memory.transaction(() -> {
      MemoryRegion above = root;
      for (int i = 0; i < DEPTH; i++) {
        MemoryRegion.Container below = memory.container("box " + i, size);
        above.add(0, below);
        above.add(0x9000, memory.container("beside " + i, ByteSize.of(0x1000)));
        above = below;
      }
      above.add(0x2000, memory.ram("ram", ByteSize.of(0x1000)));
    });

    assertThat(space.view().ranges())
        .singleElement()
        .satisfies(range -> {
          assertThat(range.range().first()).isEqualTo(0x2000);
          assertThat(range.readonly()).isTrue();
        });
  }

  @Test
  void R_AS_20_theNewestOfManySiblingsWinsAndOneThatGoesUncoversTheNext() {
    MemoryRegion.Container root = memory.container("root", size);
    AddressSpace space = memory.addressSpace("wide", root);
    MemoryRegion[] all = new MemoryRegion[20_000];
    memory.transaction(() -> {
      for (int i = 0; i < all.length; i++) {
        all[i] = memory.ram("ram " + i, size);
        root.add(0, all[i]);
      }
    });
    assertThat(space.view().ranges()).extracting(FlatRange::region).containsExactly(all[19_999]);

    memory.transaction(() -> {
      for (int i = all.length - 1; i > 0; i--) {
        root.remove(all[i]);
      }
    });
    assertThat(space.view().ranges()).extracting(FlatRange::region).containsExactly(all[0]);
  }
}
