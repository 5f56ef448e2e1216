package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.render;
import static io.github.stopcopy.core.memory.Views.rows;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The worked examples of the specification, E1 to E5. */
class RenderingExamplesTest {

  private final GuestMemory memory = new GuestMemory(false, true);

  @Test
  void E1_overlapAndPriority() {
    MemoryRegion c = memory.container("C", size(0x10000));
    c.add(0, memory.ram("A", size(0x8000)));
    c.add(0x2000, memory.io("B", size(0x1000)), 1);
    c.add(0x2800, memory.rom("D", size(0x1000)));
    assertThat(render(memory, c))
        .containsExactly("0-1fff A", "2000-2fff B", "3000-37ff D@800 ro", "3800-7fff A@3800");
  }

  @Test
  void E2_aliasWindows() {
    MemoryRegion ram = memory.ram("ram", size(4L << 30));
    MemoryRegion system = memory.container("system", ALL);
    system.add(0, memory.alias("ram-below-4g", ram, 0, size(2L << 30)));
    system.add(1L << 32, memory.alias("ram-above-4g", ram, 0x80000000L, size(2L << 30)));
    assertThat(render(memory, system))
        .containsExactly("0-7fffffff ram", "100000000-17fffffff ram@80000000");
  }

  @Test
  void E3_neighboursMergeUnlessOneIsReadonly() {
    MemoryRegion ram = memory.ram("ram", size(0x2000));
    MemoryRegion second = memory.alias("second", ram, 0x1000, size(0x1000));
    MemoryRegion system = memory.container("system", ALL);
    system.add(0, memory.alias("first", ram, 0, size(0x1000)));
    system.add(0x1000, second);
    assertThat(render(memory, system)).containsExactly("0-1fff ram");
    second.setReadonly(true);
    assertThat(render(memory, system)).containsExactly("0-fff ram", "1000-1fff ram@1000 ro");
  }

  @Test
  void E4_intelVIommuOn() {
    MemoryRegion iommu = memory.iommu("iommu", ALL, new NoTranslations());
    iommu.add(0xfee00000L, memory.io("vtd-ir", size(0x100000)), 1);
    assertThat(render(memory, iommu))
        .containsExactly(
            "0-fedfffff iommu",
            "fee00000-feefffff vtd-ir",
            "fef00000-ffffffffffffffff iommu@fef00000");
  }

  @Test
  void E5_intelVIommuOffSharesOneViewAmongAllDevices() {
    MemoryRegion system = memory.container("system", ALL);
    system.add(0, memory.ram("ram", size(0x10000)));
    MemoryRegion nodmar = memory.container("vtd-nodmar", ALL);
    nodmar.add(0, memory.alias("vtd-sys-alias", system, 0, ALL), 0);
    nodmar.add(0xfee00000L, memory.io("vtd-ir", size(0x100000)), 1);
    AddressSpace one = device(nodmar);
    AddressSpace two = device(nodmar);

    assertThat(one.view()).isSameAs(two.view());
    assertThat(one.view().root()).containsSame(nodmar);
    assertThat(rows(one)).containsExactly("0-ffff ram", "fee00000-feefffff vtd-ir");

    memory.transaction(() -> {});
    assertThat(one.view()).isSameAs(two.view());
  }

  private AddressSpace device(MemoryRegion nodmar) {
    MemoryRegion root = memory.container("vtd-root", ALL);
    MemoryRegion iommu = memory.iommu("vtd-dmar", ALL, new NoTranslations());
    iommu.setEnabled(false);
    root.add(0, memory.alias("vtd-nodmar", nodmar, 0, ALL));
    root.add(0, iommu);
    return memory.addressSpace("vtd-root", root);
  }
}
