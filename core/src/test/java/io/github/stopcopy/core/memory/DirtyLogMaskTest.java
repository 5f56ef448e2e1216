package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who logs writes to which kind of region (R-AS-39). */
class DirtyLogMaskTest {

  private static final DirtyLogMask CODE = new DirtyLogMask(false, true, false);
  private static final DirtyLogMask MIGRATION = new DirtyLogMask(false, false, true);
  private static final DirtyLogMask BOTH = new DirtyLogMask(false, true, true);

  @Test
  void R_AS_39_nobodyLogsUnderKvmWithoutTracking() {
    assertThat(masks(new GuestMemory(false, true), false).values()).containsOnly(DirtyLogMask.NONE);
  }

  @Test
  void R_AS_39_trackingLogsWhatMigratesAndIommuRegions() {
    assertThat(masks(new GuestMemory(false, true), true))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ram",
                MIGRATION,
                "rom",
                MIGRATION,
                "flash",
                MIGRATION,
                "iommu",
                MIGRATION,
                "bar",
                DirtyLogMask.NONE,
                "io",
                DirtyLogMask.NONE));
  }

  @Test
  void R_AS_39_tcgLogsCodeInEveryRamBlock() {
    assertThat(masks(new GuestMemory(true, true), false))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ram",
                CODE,
                "rom",
                CODE,
                "flash",
                CODE,
                "bar",
                CODE,
                "iommu",
                DirtyLogMask.NONE,
                "io",
                DirtyLogMask.NONE));
  }

  @Test
  void R_AS_39_bothAddUp() {
    assertThat(masks(new GuestMemory(true, true), true))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ram",
                BOTH,
                "rom",
                BOTH,
                "flash",
                BOTH,
                "bar",
                CODE,
                "iommu",
                MIGRATION,
                "io",
                DirtyLogMask.NONE));
  }

  @Test
  void R_AS_39_bitsGainedAndLost() {
    assertThat(BOTH.exceeds(CODE)).isTrue();
    assertThat(CODE.exceeds(BOTH)).isFalse();
    assertThat(CODE.exceeds(MIGRATION)).isTrue();
    assertThat(CODE.exceeds(CODE)).isFalse();
    assertThat(new DirtyLogMask(true, false, false).exceeds(BOTH)).isTrue();
    assertThat(DirtyLogMask.NONE.isNone()).isTrue();
    assertThat(CODE.isNone()).isFalse();
  }

  private static Map<String, DirtyLogMask> masks(GuestMemory memory, boolean tracking) {
    MemoryRegion root = memory.container("root", ALL);
    root.add(0, memory.ram("ram", size(0x1000)));
    root.add(0x1000, memory.rom("rom", size(0x1000)));
    root.add(0x2000, memory.romDevice("flash", size(0x1000)));
    root.add(0x3000, memory.ramDevice("bar", size(0x1000)));
    root.add(0x4000, memory.io("io", size(0x1000)));
    root.add(0x5000, memory.iommu("iommu", size(0x1000), new NoTranslations()));
    AddressSpace space = memory.addressSpace("memory", root);
    if (tracking) {
      memory.startDirtyLog(GuestMemory.DirtyLogReason.MIGRATION);
    }
    return space.view().ranges().stream()
        .collect(Collectors.toMap(range -> range.region().name(), FlatRange::dirtyLogMask));
  }
}
