package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.ByteSize;
import org.junit.jupiter.api.Test;

/** RAM addresses: a place for every region with memory of its own. */
class RamDirtyLogTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final RamDirtyLog log = memory.ramDirtyLog();

  private MemoryRegion ram(String name, long size) {
    return memory.ram(name, ByteSize.of(size));
  }

  @Test
  void theFirstRegionBeginsAtZeroAndOthersFollowAtWholeWordsOfABitmap() {
    MemoryRegion first = ram("pc.ram", 0x3000);
    MemoryRegion second = memory.rom("pc.bios", ByteSize.of(0x40000));
    MemoryRegion third = memory.ramDevice("BAR 0", ByteSize.of(0x1000));

    assertThat(log.addressOf(first, 0x1234)).isEqualTo(0x1234);
    assertThat(log.addressOf(second, 0)).isEqualTo(0x40000);
    assertThat(log.addressOf(third, 0)).isEqualTo(0x80000);
    assertThat(log.addressOf(first, 0)).as("the same ever after").isZero();
  }

  @Test
  void ofManyRegionsEachKeepsItsPlace() {
    MemoryRegion[] regions = new MemoryRegion[50_000];
    for (int i = 0; i < regions.length; i++) {
      regions[i] = ram("row " + i, 0x1000);
      assertThat(log.addressOf(regions[i], 0)).isEqualTo(i * 0x40000L);
    }
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < regions.length; i++) {
        assertThat(log.addressOf(regions[i], 1) - 1 == i * 0x40000L).isTrue();
      }
    }
  }

  @Test
  void aRegionWithoutMemoryHasNoAddress() {
    assertThatThrownBy(() -> log.addressOf(memory.io("port", ByteSize.of(4)), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port has no memory of its own");
  }

  @Test
  void whatFindsNoRoomBeginsAtZeroBesideTheOthers() {
    log.addressOf(ram("huge", -0x1000), 0);

    assertThat(log.addressOf(ram("more", 0x2000), 0)).isZero();
    assertThat(log.addressOf(memory.ram("all", ByteSize.WHOLE_SPACE), 0)).isZero();
  }
}
