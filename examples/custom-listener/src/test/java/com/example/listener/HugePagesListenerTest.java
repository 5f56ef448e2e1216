package com.example.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.testkit.MemoryListenerContract;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** That it follows what an address space shows is in the contract; here is what it tells. */
class HugePagesListenerTest extends MemoryListenerContract<HugePagesListener> {

  @Override
  protected HugePagesListener create(GuestMemory memory, AddressSpace space) {
    return open(Map.of());
  }

  @Override
  protected List<AddressRange> mapped(HugePagesListener listener) {
    return listener.ranges();
  }

  @Override
  protected boolean follows(FlatRange range) {
    return HugePagesListener.isFollowed(range.region());
  }

  private static HugePagesListener open(Map<String, String> parameters) {
    try {
      return (HugePagesListener)
          new HugePagesProvider()
              .open(new ListenerConfig(Optional.of("0000:01:00.0"), 4096, parameters));
    } catch (InputException refused) {
      throw new IllegalArgumentException(refused);
    }
  }

  @Test
  void ramThatIsCutFillsFewerHugePages() {
    GuestMemory memory = new GuestMemory(false, false);
    MemoryRegion root = memory.container("system", ByteSize.WHOLE_SPACE);
    root.add(0, memory.ram("ram", ByteSize.of(8 << 20)));
    HugePagesListener listener = open(Map.of());
    memory.register(listener, memory.addressSpace("memory", root));
    assertEquals(
        List.of("8388608 of 8388608 bytes in pages of 2097152 bytes", "sections: 1"),
        listener.report());

    root.add(0xc0000, memory.rom("rom", ByteSize.of(0x40000)), 1);

    assertEquals(
        List.of("6291456 of 8388608 bytes in pages of 2097152 bytes", "sections: 3"),
        listener.report());
  }

  @Test
  void otherParametersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> open(Map.of("page-sise", "2M")));
  }
}
