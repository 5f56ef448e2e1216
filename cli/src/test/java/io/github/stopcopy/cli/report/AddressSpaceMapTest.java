package io.github.stopcopy.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.report.AddressSpaceMap.Kind;
import io.github.stopcopy.cli.report.AddressSpaceMap.Segment;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What there is to draw of an address space. */
class AddressSpaceMapTest {

  private static final long MIB = 1 << 20;

  private static List<String> segments(
      MemoryRegion root, GuestMemory memory, List<AddressRange> tracked, OptionalLong cut) {
    return AddressSpaceMap.segments(memory.addressSpace("memory", root).view(), tracked, cut)
        .stream()
        .map(each ->
            each.range()
                + " "
                + each.kind()
                + (each.isTracked() ? " tracked" : "")
                + (each.isTrackedForNothing() ? " for nothing" : ""))
        .toList();
  }

  @Test
  void isCutWhereSomethingChanges() {
    GuestMemory memory = new GuestMemory(false, false);
    MemoryRegion.Container root = memory.container("memory", ByteSize.WHOLE_SPACE);
    root.add(0, memory.ram("pc.ram", ByteSize.of(4 * MIB)));
    root.add(8 * MIB, memory.rom("pc.bios", ByteSize.of(MIB)));
    assertThat(
            segments(
                root,
                memory,
                List.of(new AddressRange(0, 6 * MIB - 1)),
                OptionalLong.of(2 * MIB - 1)))
        .containsExactly(
            "[0x0,0x1fffff] RAM tracked",
            "[0x200000,0x3fffff] RAM tracked",
            "[0x400000,0x5fffff] nothing tracked for nothing",
            "[0x600000,0x7fffff] nothing",
            "[0x800000,0x8fffff] ROM");
  }

  /** A tracked range may be all of the 64 bits (R-DT-10). */
  @Test
  void reachesTheLastAddress() {
    GuestMemory memory = new GuestMemory(false, false);
    MemoryRegion.Container root = memory.container("memory", ByteSize.WHOLE_SPACE);
    assertThat(segments(root, memory, List.of(new AddressRange(0, -1L)), OptionalLong.of(-1L)))
        .containsExactly("[0x0,0xffffffffffffffff] nothing tracked for nothing");
  }

  @Test
  void foldsTheSmallestOfMany() {
    List<Segment> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      long first = i * 16L * MIB;
      long size = i % 10 == 0 ? 16 * MIB : MIB;
      many.add(
          new Segment(new AddressRange(first, first + size - 1), Kind.RAM, "dimm" + i, i == 5, 1));
    }
    List<Segment> fewer = AddressSpaceMap.fewer(many, 10);

    assertThat(fewer).hasSize(20);
    assertThat(fewer.get(0).name()).isEqualTo("dimm0");
    assertThat(fewer.get(1))
        .isEqualTo(
            new Segment(
                new AddressRange(16 * MIB, 9 * 16 * MIB + MIB - 1), Kind.MIXED, "", true, 9));
    assertThat(AddressSpaceMap.fewer(many, 100)).isSameAs(many);
  }
}
